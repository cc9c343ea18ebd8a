// Runs one scenario to its end and says what became of it.
#pragma once

#include <memory_resource>
#include <string>

#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/stage.hpp"

namespace phasebit::scenarios {

struct RunOptions {
  std::string trace_path;                 ///< the stream is recorded there; empty: nowhere
  std::uint64_t idle_cycles_stepped = 0;  ///< of each run of idle cycles, before the rest is skipped; the stream is the same
};

/// Builds the world, attaches, lets the workloads run while the faults strike, heals, drains, shuts down, judges. The result has no `file`
/// and no `again`: the caller knows where the scenario came from.
RunResult run_scenario(const Scenario& scenario, const RunOptions& options);

/// The same on a stage that the caller has set: its drives, faults and seed are those that the scenario means. `memory` is the host's.
RunResult run_scenario_on(Stage& stage, const Scenario& scenario, const RunOptions& options, std::pmr::memory_resource* memory);

}  // namespace phasebit::scenarios
