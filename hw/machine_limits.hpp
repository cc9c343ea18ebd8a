// What this machine has to offer to EAL.
#pragma once

#include "hw/environment_rules.hpp"

namespace phasebit::hw {

/// Asks the kernel, for an EAL that would be started with these legal options. Only for a process in which no EAL runs: looking at the
/// lock of a primary process would loosen the process's own.
MachineLimits read_machine_limits(const EnvironmentOptions& options);

}  // namespace phasebit::hw
