#include "scenarios/engine/row_name.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "src/driver/bring_up.hpp"
#include "src/driver/recovery.hpp"
#include "src/driver/shutdown_sequence.hpp"
#include "src/driver/wait.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::array<std::string_view, 5> results{"entered", "passed", "timed_out", "failed", "gone"};

std::vector<RowName> list_rows() {
  std::vector<RowName> list;
  const auto add = [&](driver::Machine machine, const char* machine_name, std::size_t rows, auto name_of) {
    for (std::size_t row = 0; row < rows; ++row) {
      list.push_back(
          {static_cast<std::uint16_t>(machine), static_cast<std::uint16_t>(row), fmt::format("{}.{}", machine_name, name_of(row))});
    }
  };
  add(driver::Machine::bring_up, "bring_up", driver::bring_up_rows,
      [](std::size_t row) { return name(static_cast<driver::BringUpRow>(row)); });
  add(driver::Machine::recovery, "recovery", driver::recovery_rows,
      [](std::size_t row) { return name(static_cast<driver::RecoveryRow>(row)); });
  add(driver::Machine::shutdown, "shutdown", driver::shutdown_rows,
      [](std::size_t row) { return name(static_cast<driver::ShutdownRow>(row)); });
  return list;
}

std::vector<std::string> list_row_results() {
  std::vector<std::string> list;
  for (const RowName& row : row_names()) {
    for (std::size_t result = 1; result < results.size(); ++result) {
      list.push_back(fmt::format("{}.{}", row.name, results[result]));
    }
  }
  return list;
}

}  // namespace

const std::vector<RowName>& row_names() {
  static const std::vector<RowName> names = list_rows();
  return names;
}

std::string_view row_result_name(const Event& event) {
  const bool was_left = event.b < results.size() && static_cast<driver::WaitResult>(event.b.get()) != driver::WaitResult::entered;
  return was_left ? results[event.b] : std::string_view();
}

std::span<const std::string_view> row_result_names() {
  static const std::vector<std::string> texts = list_row_results();
  static const std::vector<std::string_view> names(texts.begin(), texts.end());
  return names;
}

std::string machine_name(const Event& event) {
  constexpr const char* names[] = {"bring_up", "recovery", "shutdown"};
  return event.queue < std::size(names) ? names[event.queue] : "?";
}

std::string row_name(const Event& event) {
  const auto row = static_cast<std::uint8_t>(event.a & 0xff);
  switch (static_cast<driver::Machine>(event.queue.get())) {
    case driver::Machine::bring_up:
      return row < driver::bring_up_rows ? std::string(name(static_cast<driver::BringUpRow>(row))) : "?";
    case driver::Machine::recovery:
      return row < driver::recovery_rows ? std::string(name(static_cast<driver::RecoveryRow>(row))) : "?";
    case driver::Machine::shutdown:
      return row < driver::shutdown_rows ? std::string(name(static_cast<driver::ShutdownRow>(row))) : "?";
  }
  return "?";
}

}  // namespace phasebit::scenarios
