// Results as JUnit XML, for the build servers that read it.
#pragma once

#include <string>

#include "scenarios/engine/results.hpp"

namespace phasebit::scenarios {

/// One test suite with one test case per result that was kept; its attributes count all. A crash or an environment error is an `error`,
/// every other objection a `failure`. Times are virtual seconds, so that the same seed gives the same file.
std::string junit_xml(const Results& results, const std::string& suite);

}  // namespace phasebit::scenarios
