// Many scenarios in worker processes: what `run`, `swarm` and `replay` have in common.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/run_scenario.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/workers.hpp"

namespace phasebit::cli {

/// Where results are written, beside the terminal. Empty: not there.
struct Outputs {
  std::string junit;
  std::string report;
  std::string trace;
  std::vector<std::string> inputs{};  ///< what none of them may replace
};

/// Why this scenario cannot be run on the emulated drive, which is no real one; empty if it can.
std::string unmet_on_emulated_drive(const scenarios::Scenario& scenario);

/// The scenarios of a batch, by index; they are made where they are run.
struct Batch {
  std::string noun;  ///< "scenario" or "world"
  std::size_t count = 0;
  unsigned jobs = 1;
  bool shows_passes = true;               ///< prints them and lists them in reports; else they are counted only
  std::size_t failures_kept_max = ~0ull;  ///< more are printed, but not listed in reports: their number has no bound
  bool prints_hashes = false;
  std::uint64_t item_seconds_max = scenarios::WorkPlan{}.item_seconds_max;
  std::uint64_t grace_seconds = scenarios::WorkPlan{}.grace_seconds;
  Outputs outputs;
  /// In the worker: the scenario, or why there is none.
  std::function<scenarios::Checked<scenarios::Scenario>(std::size_t)> scenario;
  /// What a scenario is called before it could be read.
  std::function<std::string(std::size_t)> title;
  /// The file that it comes from, and the line that repeats it under a seed, if it is known.
  std::function<std::string(std::size_t)> file;
  std::function<std::string(std::size_t, std::optional<std::uint64_t>)> again;
  /// In the worker: why a scenario cannot be run here; empty if it can.
  std::function<std::string(const scenarios::Scenario&)> unmet = unmet_on_emulated_drive;
  /// In the worker: runs it.
  std::function<scenarios::RunResult(const scenarios::Scenario&, const scenarios::RunOptions&)> run = scenarios::run_scenario;
  /// In the worker: looks at a result and may object; may be empty.
  std::function<void(const scenarios::Scenario&, scenarios::RunResult&)> review;
};

struct BatchEnd {
  scenarios::ExitCode code = scenarios::ExitCode::clean;
  int signal = 0;
};

/// Runs all, prints results in order, writes the outputs, prints the tally. Nothing is written if a signal interrupts it. Outputs that
/// cannot be written are found before anything is run.
BatchEnd run_batch(const Batch& batch);

}  // namespace phasebit::cli
