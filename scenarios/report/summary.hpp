// Results as JSON, for scripts.
#pragma once

#include <string>
#include <vector>

#include "scenarios/engine/run_result.hpp"

namespace phasebit::scenarios {

/// Totals and one object per result. Numbers that can exceed 2^53 (seeds, hashes, times) are strings: JavaScript readers lose them.
std::string summary_json(const std::vector<RunResult>& results);

}  // namespace phasebit::scenarios
