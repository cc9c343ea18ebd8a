// SQLite on an emulated drive that loses power: at each write and flush of the run, with each thing that a cut may leave behind.
#pragma once

#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/run_scenario.hpp"
#include "scenarios/engine/scenario.hpp"

namespace phasebit::scenarios {

/// Runs the scenario's `sqlite` section on its first drive: once without a cut, then once for every cut. Each cut is a world of its own
/// from the same seed, up to the cut; what comes after it is tried for every outcome from a snapshot of that moment, each with a fresh
/// driver. All judges sit in all worlds. What a database is missing is an objection of the durability oracle.
///
/// Work, states, rows, the slowest operation and what drivers count are those of the run without a cut, up to its first shutdown; its
/// stream is the one that is recorded. Strikes of faults, events and times are summed over all worlds, and so is the hash.
RunResult run_sqlite_scenario(const Scenario& scenario, const RunOptions& options);

}  // namespace phasebit::scenarios
