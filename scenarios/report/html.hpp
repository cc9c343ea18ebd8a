// Results as one page: self-contained, without scripts, readable from a file with no network.
#pragma once

#include <string>

#include "scenarios/engine/results.hpp"

namespace phasebit::scenarios {

/// The tally, what failed first and in full (objections, timeline, the line that repeats it), then a table of everything, then how often
/// each fault struck.
std::string report_html(const Results& results, const std::string& title);

}  // namespace phasebit::scenarios
