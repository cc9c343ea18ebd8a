// Runs one scenario to its end and says what became of it.
#pragma once

#include <string>

#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/scenario.hpp"

namespace phasebit::scenarios {

struct RunOptions {
  std::string trace_path;  ///< the stream is recorded there; empty: nowhere
  bool skipping = true;    ///< idle cycles are left out; the stream is the same without
};

/// Builds the world, attaches, lets the workloads run while the faults strike, heals, drains, shuts down, judges. The result has no `file`
/// and no `again`: the caller knows where the scenario came from.
RunResult run_scenario(const Scenario& scenario, const RunOptions& options);

}  // namespace phasebit::scenarios
