// `phasebit setup reset`: the machine as it was before the first change.
#pragma once

#include "hw/machine.hpp"
#include "scenarios/engine/exit_code.hpp"

namespace phasebit::cli {

/// Puts everything back that the record tells of, whatever a run that was killed has left half done. What cannot be put back, such as a
/// drive that is in use, stays in the record: environment.
scenarios::ExitCode reset_setup(hw::Machine& machine);

}  // namespace phasebit::cli
