// `phasebit setup status`: what the machine has for a driver in user space, and who uses it.
#pragma once

#include "hw/machine.hpp"
#include "scenarios/engine/exit_code.hpp"

namespace phasebit::cli {

/// Prints drives, hugepages and drivers; changes nothing. What this user may not see is left out, and that is said.
scenarios::ExitCode show_setup(const hw::Machine& machine, bool json);

}  // namespace phasebit::cli
