#include "scenarios/engine/expectations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/engine/scenario_words.hpp"
#include "scenarios/engine/units.hpp"

namespace phasebit::scenarios {
namespace {

FaultTally tally_of(const sim::Fault& fault, std::size_t index, std::uint64_t fired) {
  const std::string verb(name(fault.what));
  const bool is_for_ever = sim::info(fault.what).lasts && sim::lasting_of(fault).ns == never.ns;
  return {fmt::format("{} #{}", verb, index), fired, verb + (is_for_ever ? " for ever" : "")};
}

void object(std::string judge, std::string sentence, const RunEnd& end, RunResult& result, ExitCode code = ExitCode::objected) {
  result.objections.push_back({std::move(judge), std::move(sentence), code, end.time_ns, end.event, ""});
}

/// What did not end was not done either: that is one failure, of liveness.
ExitCode code_of_undone_work(const RunResult& result) {
  const bool has_stalled = std::any_of(result.objections.begin(), result.objections.end(),
                                       [](const Objection& each) { return each.code == ExitCode::liveness; });
  return has_stalled ? ExitCode::liveness : ExitCode::objected;
}

void judge_range(const CountRange& expected, const std::vector<Count>& counts, const RunEnd& end, RunResult& result) {
  const auto count = std::find_if(counts.begin(), counts.end(), [&](const Count& each) { return each.name == expected.name; });
  const std::uint64_t value = count == counts.end() ? 0 : count->value;
  if (value < expected.range.first || value > expected.range.last) {
    object("expect", fmt::format("{} is {}, expected {}", expected.name, value, range_text(expected.range)), end, result);
  }
}

}  // namespace

void judge_faults(const Scenario& scenario, std::span<const std::uint64_t> fired, const RunEnd& end, RunResult& result) {
  for (std::size_t i = 0; i < fired.size(); ++i) {
    const sim::Fault& fault = scenario.faults[i];
    result.faults.push_back(tally_of(fault, i, fired[i]));
    if (fired[i] == 0 && !scenario.expect.faults_may_miss) {
      object("fault", fmt::format("faults[{}] ({}) never struck", i, name(fault.what)), end, result);
    }
  }
}

void judge_facts(const Scenario& scenario, const RunFacts& facts, const RunEnd& end, RunResult& result) {
  const Expect& expect = scenario.expect;
  const auto judge_state = [&](const std::optional<driver::State>& expected, driver::State state, const char* when) {
    if (expected && *expected != state) {
      object("expect", fmt::format("the driver is {} {}, expected {}", name(state), when, name(*expected)), end, result);
    }
  };
  if (!expect.anything_may_happen && facts.work != expect.work) {
    object("expect",
           fmt::format("{} of the work was done before the faults were lifted, expected {}", word_of(work_names, facts.work),
                       word_of(work_names, expect.work)),
           end, result, code_of_undone_work(result));
  }
  judge_state(expect.state_before_heal, facts.state_before_heal, "before the faults are lifted");
  judge_state(expect.state, facts.state, "when all work has ended");
  if (const auto& times = expect.slowest_operation;
      times && (facts.slowest_operation < times->shortest || facts.slowest_operation > times->longest)) {
    object("expect",
           fmt::format("the slowest operation took {}, expected {}..{}", duration_text(facts.slowest_operation),
                       duration_text(times->shortest), duration_text(times->longest)),
           end, result);
  }
}

void judge_attachments(const Scenario& scenario, const RunEnd& end, RunResult& result) {
  const std::uint64_t drives = scenario.drives.size();
  const CountRange presumed[] = {{"attached", {drives, drives}}, {"attach_refused", {}}, {"event_failed", {}}, {"event_removed", {}}};
  const std::vector<CountRange>& said = scenario.expect.counts;
  for (const CountRange& range : presumed) {
    const bool is_said = std::any_of(said.begin(), said.end(), [&](const CountRange& each) { return each.name == range.name; });
    if (!is_said && !scenario.expect.anything_may_happen) {
      judge_range(range, result.counts, end, result);
    }
  }
}

void explain_refusal(std::size_t drive, const std::string& why, RunResult& result) {
  for (Objection& objection : result.objections) {
    if (!why.empty() && objection.judge == "expect" && objection.sentence.starts_with("attach_refused is ")) {
      objection.sentence += fmt::format("; drive {}: {}", drive, why);
    }
  }
}

void judge_rows(const Scenario& scenario, const RunEnd& end, RunResult& result) {
  for (const CountRange& expected : scenario.expect.rows) {
    judge_range(expected, result.rows, end, result);
  }
}

void judge_counts(const Scenario& scenario, const RunEnd& end, RunResult& result) {
  for (const CountRange& expected : scenario.expect.counts) {
    judge_range(expected, result.counts, end, result);
  }
}

}  // namespace phasebit::scenarios
