// Results as one page: self-contained, without scripts, readable from a file with no network.
#pragma once

#include <string>
#include <vector>

#include "scenarios/engine/run_result.hpp"

namespace phasebit::scenarios {

/// The tally, what failed first and in full (objections, timeline, the line that repeats it), then a table of everything, then how often
/// each fault struck.
std::string report_html(const std::vector<RunResult>& results, const std::string& title);

}  // namespace phasebit::scenarios
