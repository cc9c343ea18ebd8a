// SQLite on an emulated drive that loses power: at each write and flush of the run, with each thing that a cut may leave behind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/engine/blocking_device.hpp"
#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/sqlite/sqlite_run.hpp"
#include "sim/memory/region.hpp"

namespace phasebit::scenarios {

/// What a database that came back is missing, and how to get there again.
struct SqliteObjection {
  PlannedCut cut;
  bool was_cut = false;       ///< false: without any power cut
  std::uint64_t outcome = 0;  ///< of the cut, as Media::outcome counts
  Instant at;                 ///< virtual time of the cut
  std::string sentence;
};

struct SqliteReport {
  std::uint64_t cuts = 0;          ///< operations at which power was cut, both moments counted
  std::uint64_t outcomes = 0;      ///< databases that were opened after a cut
  std::uint64_t transactions = 0;  ///< committed in the run without a cut
  std::uint64_t objections_count = 0;
  std::uint64_t allocations = 0;            ///< of drivers where they promised to do without
  std::vector<SqliteObjection> objections;  ///< the first ones
  std::uint64_t hash = 0;                   ///< of all streams, in order
  std::uint64_t events = 0;
  std::uint64_t virtual_ns = 0;
  std::vector<std::uint64_t> faults_fired;  ///< of each fault of the scenario, over all worlds
  std::string trouble;                      ///< the run itself could not be done: why
};

/// Runs the scenario's `sqlite` section on its first drive. Every cut is a world of its own from the same seed, up to the cut; what
/// comes after it is tried for every outcome from a snapshot of that moment, each with a fresh driver.
SqliteReport run_sqlite_story(const Scenario& scenario, std::uint64_t seed);

/// The same as a scenario's result: what a database is missing is an objection of the durability oracle.
RunResult run_sqlite_scenario(const Scenario& scenario);

}  // namespace phasebit::scenarios
