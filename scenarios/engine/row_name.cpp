#include "scenarios/engine/row_name.hpp"

#include <iterator>

#include "src/driver/bring_up.hpp"
#include "src/driver/recovery.hpp"
#include "src/driver/shutdown_sequence.hpp"

namespace phasebit::scenarios {

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
