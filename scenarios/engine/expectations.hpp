// What a scenario expects of a run that has ended, held against what the run counted.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/scenario.hpp"

namespace phasebit::scenarios {

/// Adds a tally of each fault of the scenario, and an objection to each that never struck though it had to. `fired` is by place in the
/// list.
void judge_faults(const Scenario& scenario, std::span<const std::uint64_t> fired, const RunEnd& end, RunResult& result);

/// What a run has seen that is no count.
struct RunFacts {
  Work work = Work::all;
  driver::State state_before_heal = driver::State::detached;
  driver::State state = driver::State::detached;
  Duration slowest_operation{};
};

/// Adds an objection to each fact that is not as the scenario expects.
void judge_facts(const Scenario& scenario, const RunFacts& facts, const RunEnd& end, RunResult& result);

/// Adds an objection to each drive that was not attached once and kept, unless the scenario expects something else of that count or
/// presumes nothing.
void judge_attachments(const Scenario& scenario, const RunEnd& end, RunResult& result);

/// Adds to an objection to `attach_refused` why the drive was; nothing if `why` is empty.
void explain_refusal(std::size_t drive, const std::string& why, RunResult& result);

/// Adds an objection to each row of `result` that was not left as often as the scenario expects.
void judge_rows(const Scenario& scenario, const RunEnd& end, RunResult& result);

/// Adds an objection to each count of `result` that is not in the range that the scenario expects; what was not counted is 0.
void judge_counts(const Scenario& scenario, const RunEnd& end, RunResult& result);

}  // namespace phasebit::scenarios
