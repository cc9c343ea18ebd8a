// The groups of checks, in the order in which validate makes them. Each leaves the drive as it found it but for the blocks that `data` may
// write.
#pragma once

#include <optional>
#include <string>

#include "src/cli/validate/drive_access.hpp"
#include "src/cli/validate/validation.hpp"
#include "src/cli/validate/validation_limits.hpp"

namespace phasebit::cli {

/// Identify Controller and Identify Namespace say nothing that contradicts them or the registers.
void check_identity(DriveAccess& drive, Validation& validation);
/// What the drive says that it takes it takes, and what lies beyond it refuses as it should.
void check_limits(DriveAccess& drive, Validation& validation);
/// What was read stays, and, unless `read_only` says why not, what was written is read.
void check_data(DriveAccess& drive, Validation& validation, const std::optional<std::string>& read_only);
/// Every power state can be entered and left, and reads work in it.
void check_power(DriveAccess& drive, Validation& validation);
/// As many queues as were granted, and one that is full, work.
void check_queues(DriveAccess& drive, Validation& validation);
/// Commands that are aborted under load come back, and the drive needs no reset for it.
void check_abort(DriveAccess& drive, Validation& validation);
/// A controller reset under load ends in time, loses no command and leaves the drive working.
void check_reset(DriveAccess& drive, Validation& validation);
/// The log pages that every drive has can be read, make sense and give no alarm.
void check_logs(DriveAccess& drive, Validation& validation);
void check_latency(DriveAccess& drive, Validation& validation, const ValidationLimits& limits);
/// What the driver had to bear meanwhile: bogus completions, timeouts, resets that nobody asked for.
void check_conduct(DriveAccess& drive, Validation& validation);

/// All of them. `read_only` is why nothing may be written; nothing if it may.
Validation validate(DriveAccess& drive, const std::optional<std::string>& read_only, const ValidationLimits& limits);

}  // namespace phasebit::cli
