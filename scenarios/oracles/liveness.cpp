#include "scenarios/oracles/liveness.hpp"

#include <fmt/format.h>

namespace phasebit::scenarios {

namespace {
constexpr std::uint32_t phase_end = 3;
}

void Liveness::judge(const Event& event) {
  switch (event.kind) {
    case EventKind::operation_begun:
      operations_[{event.drive, event.b.get()}] = event_number();
      return;
    case EventKind::operation_ended:
      operations_.erase({event.drive, event.b.get()});
      return;
    case EventKind::phase_entered:
      if (event.a == phase_end) {
        for (const auto& [key, begun] : operations_) {
          object(fmt::format("operation {} of drive {}, begun at event {}, made no progress after heal", key.second, key.first, begun));
        }
      }
      return;
    default:
      return;
  }
}

}  // namespace phasebit::scenarios
