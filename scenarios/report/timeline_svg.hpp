// The timeline of a world as a picture that needs no script.
#pragma once

#include <string>
#include <vector>

#include "scenarios/engine/run_result.hpp"

namespace phasebit::scenarios {

/// One lane per name, in the order in which they first appear; stretches as bars, moments as ticks, bad ones in red. Every mark carries its
/// label as a title. Empty for an empty timeline.
std::string timeline_svg(const std::vector<TimelineEntry>& timeline);

}  // namespace phasebit::scenarios
