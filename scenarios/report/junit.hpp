// Results as JUnit XML, for the build servers that read it.
#pragma once

#include <string>
#include <vector>

#include "scenarios/engine/run_result.hpp"

namespace phasebit::scenarios {

/// One test suite with one test case per result. A crash or an environment error is an `error`, every other objection a `failure`. Times
/// are virtual seconds, so that the same seed gives the same file.
std::string junit_xml(const std::vector<RunResult>& results, const std::string& suite);

}  // namespace phasebit::scenarios
