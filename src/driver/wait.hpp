// What the driver's state machines share: a row is a wait, entered and left with a result, which is told to the stream.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "src/backend/event.hpp"
#include "src/base/time.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

/// The machines, as EventKind::driver_state numbers them. Values are part of the stream format.
enum class Machine : std::uint16_t { bring_up = 0, recovery = 1, shutdown = 2 };

/// How a row was entered or left. Values are part of the stream format.
enum class WaitResult : std::uint8_t { entered = 0, passed = 1, timed_out = 2, failed = 3, gone = 4 };

/// One entry into a row, or one exit from it.
struct Transition {
  Machine machine = Machine::bring_up;
  std::uint8_t row = 0;
  std::uint16_t visit = 0;  ///< from 1; counts this row's entries since attach
  WaitResult result = WaitResult::entered;
};

/// What a controller that we left enabled says if it has not failed (CFS, Base 2.0 §9.5) and was not reset behind our back, which takes its
/// queues (RDY 0).
inline bool takes_commands(spec::Csts csts) {
  return csts.get(spec::Csts::rdy) && !csts.get(spec::Csts::cfs);
}

/// The event that tells of a transition.
inline Event event_of(const Transition& transition) {
  Event event;
  event.kind = EventKind::driver_state;
  event.queue = static_cast<std::uint16_t>(transition.machine);
  event.a = static_cast<std::uint32_t>(transition.row) | static_cast<std::uint32_t>(transition.visit) << 16;
  event.b = static_cast<std::uint64_t>(transition.result);
  return event;
}

/// When to look at a register again that has been waited for since `since`: often at first, then at an eighth of the time waited.
inline Instant next_look(Instant since, Instant now) {
  const std::uint64_t pause = std::clamp<std::uint64_t>((now - since).ns / 8, microseconds(10).ns, milliseconds(10).ns);
  return now + Duration{pause};
}

}  // namespace phasebit::driver
