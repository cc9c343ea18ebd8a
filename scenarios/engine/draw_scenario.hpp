// A world drawn from a seed, for swarms: the same struct that a file becomes.
#pragma once

#include <cstdint>

#include "scenarios/engine/scenario.hpp"

namespace phasebit::scenarios {

/// Everything in it follows from the seed: the drive, the driver's options, the workloads, the explicit list of faults.
Scenario draw_scenario(std::uint64_t seed);

}  // namespace phasebit::scenarios
