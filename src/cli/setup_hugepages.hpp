// `phasebit setup hugepages`: how many the kernel keeps for whoever wants them.
#pragma once

#include "hw/machine.hpp"
#include "scenarios/engine/exit_code.hpp"
#include "src/cli/commands.hpp"

namespace phasebit::cli {

/// Sets the count of one pool. environment if there is no such pool or the kernel cannot give so many.
scenarios::ExitCode change_hugepages(hw::Machine& machine, const SetupHugepagesCommand& command);

}  // namespace phasebit::cli
