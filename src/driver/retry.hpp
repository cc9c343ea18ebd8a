// Whether a failed command is worth another attempt, and when (Base 2.0 §3.3.3.2.1).
#pragma once

#include <array>
#include <cstdint>

#include "src/base/time.hpp"
#include "src/spec/status.hpp"

namespace phasebit::driver {

/// How long to wait between attempts.
struct RetryDelays {
  Duration own = microseconds(100);  ///< before the first retry if the status names no other; doubled for each later one
  std::array<Duration, 3> device{};  ///< CRDT1 to CRDT3; 0 where the controller gives none
};

/// False if the device says Do Not Retry, or if the status is an answer that would be given again: the user's own abort, a comparison that
/// came out unequal, a command that asks for what is not allowed. `status` is not success.
bool is_worth_retrying(spec::Status status);

/// How long to wait before attempt `attempts` + 1, `attempts` (at least 1) having failed: CRDT if CRD names one, else our own.
Duration retry_delay(const RetryDelays& delays, spec::Status status, std::uint8_t attempts);

}  // namespace phasebit::driver
