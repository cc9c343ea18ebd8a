#include "scenarios/engine/row_tally.hpp"

#include <iterator>

#include "scenarios/engine/row_name.hpp"
#include "src/driver/wait.hpp"

namespace phasebit::scenarios {

void RowTally::on_event(std::uint64_t, const Event& event) {
  constexpr const char* results[] = {"entered", "passed", "timed_out", "failed", "gone"};
  if (event.kind != EventKind::driver_state || event.b >= std::size(results)) {
    return;
  }
  if (static_cast<driver::WaitResult>(event.b.get()) != driver::WaitResult::entered) {
    ++counts_[machine_name(event) + "." + row_name(event) + "." + results[event.b]];
  }
}

std::vector<Count> RowTally::counts() const {
  std::vector<Count> list;
  for (const auto& [name, value] : counts_) {
    list.push_back({name, value});
  }
  return list;
}

}  // namespace phasebit::scenarios
