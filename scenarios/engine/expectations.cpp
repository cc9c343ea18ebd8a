#include "scenarios/engine/expectations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/engine/units.hpp"

namespace phasebit::scenarios {
namespace {

FaultTally tally_of(const sim::Fault& fault, std::size_t index, std::uint64_t fired) {
  const std::string verb(name(fault.what));
  const bool is_for_ever = sim::info(fault.what).lasts && sim::lasting_of(fault).ns == never.ns;
  return {fmt::format("{} #{}", verb, index), fired, verb + (is_for_ever ? " for ever" : "")};
}

void object(std::string judge, std::string sentence, const RunEnd& end, RunResult& result) {
  result.objections.push_back({std::move(judge), std::move(sentence), ExitCode::objected, end.time_ns, end.event, ""});
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

void judge_counts(const Scenario& scenario, const RunEnd& end, RunResult& result) {
  for (const CountRange& expected : scenario.expect.counts) {
    const auto count =
        std::find_if(result.counts.begin(), result.counts.end(), [&](const Count& each) { return each.name == expected.name; });
    const std::uint64_t value = count == result.counts.end() ? 0 : count->value;
    if (value < expected.range.first || value > expected.range.last) {
      object("expect", fmt::format("{} is {}, expected {}", expected.name, value, range_text(expected.range)), end, result);
    }
  }
}

}  // namespace phasebit::scenarios
