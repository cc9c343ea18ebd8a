// Results as JSON, for scripts.
#pragma once

#include <string>

#include "scenarios/engine/results.hpp"

namespace phasebit::scenarios {

/// Totals of all results, and one object per result that was kept. Numbers that can exceed 2^53 (seeds, hashes, times) are strings:
/// JavaScript readers lose them.
std::string summary_json(const Results& results);

}  // namespace phasebit::scenarios
