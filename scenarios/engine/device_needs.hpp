// Which scenarios can be run on a real drive.
#pragma once

#include <string>

#include "scenarios/engine/scenario.hpp"

namespace phasebit::scenarios {

/// Why this scenario says nothing, or cannot be run, on one real drive whose owner allows writing or does not; empty if it can. Which drive
/// it is makes no difference here.
std::string unmet_on_device(const Scenario& scenario, bool may_write);

/// The same of a drive that has been looked at: `optional_commands` is Identify Controller's ONCS.
std::string unmet_commands(const Scenario& scenario, std::uint16_t optional_commands);

/// The same story in the machine's time: deadlines last `per_cent` hundredths as long, and no operation is too slow before its deadline.
Scenario in_machine_time(Scenario scenario, std::uint32_t per_cent);

}  // namespace phasebit::scenarios
