#include "scenarios/engine/judges.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/oracles/conformance.hpp"
#include "scenarios/oracles/data_integrity.hpp"
#include "scenarios/oracles/exactly_once.hpp"
#include "scenarios/oracles/liveness.hpp"
#include "scenarios/oracles/memory.hpp"
#include "sim/stream/describe.hpp"

namespace phasebit::scenarios {
namespace {

/// A failure is read by a person: the first of each judge, and then how many more.
constexpr std::size_t objections_per_judge_max = 5;

std::string judge_of(const Verdict& verdict) {
  return verdict.rule.empty() ? std::string(verdict.oracle) : verdict.rule;
}

Objection objection_of(const Verdict& verdict) {
  const std::string judge = verdict.rule.empty() ? fmt::format("oracle {}", verdict.oracle) : fmt::format("rule {}", verdict.rule);
  const ExitCode code = verdict.oracle == "liveness" ? ExitCode::liveness : ExitCode::objected;
  return {judge, verdict.sentence, code, verdict.at.ns, verdict.event_number, ""};
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

Judges::Judges() {
  oracles_.push_back(std::make_unique<Conformance>());
  oracles_.push_back(std::make_unique<DataIntegrity>());
  oracles_.push_back(std::make_unique<ExactlyOnce>());
  oracles_.push_back(std::make_unique<Liveness>());
  oracles_.push_back(std::make_unique<Memory>());
  verdicts_seen_.resize(oracles_.size());
}

void Judges::on_event(std::uint64_t number, const Event& event) {
  for (const std::unique_ptr<Oracle>& oracle : oracles_) {
    oracle->on_event(number, event);
  }
  keep_offending(number, event);
}

void Judges::keep_offending(std::uint64_t number, const Event& event) {
  for (std::size_t i = 0; i < oracles_.size(); ++i) {
    const std::vector<Verdict>& verdicts = oracles_[i]->verdicts();
    if (verdicts.size() > verdicts_seen_[i] && verdicts.back().event_number == number) {
      offending_.emplace(number, sim::describe(event));
    }
    verdicts_seen_[i] = verdicts.size();
  }
}

void Judges::finish() {
  for (const std::unique_ptr<Oracle>& oracle : oracles_) {
    oracle->finish();
  }
}

void Judges::report(const Expect& expect, RunResult& result) const {
  std::vector<Verdict> all;
  for (const std::unique_ptr<Oracle>& oracle : oracles_) {
    all.insert(all.end(), oracle->verdicts().begin(), oracle->verdicts().end());
  }
  std::stable_sort(all.begin(), all.end(), [](const Verdict& a, const Verdict& b) { return a.event_number < b.event_number; });
  std::set<std::string> heard;
  std::map<std::string, std::size_t> counts;
  for (const Verdict& verdict : all) {
    const std::string judge = judge_of(verdict);
    if (contains(expect.waive, judge)) {
      continue;
    }
    heard.insert(judge);
    if (contains(expect.objections, judge) || ++counts[judge] > objections_per_judge_max) {
      continue;
    }
    Objection objection = objection_of(verdict);
    const auto access = offending_.find(verdict.event_number);
    objection.access = access == offending_.end() ? "" : access->second;
    (verdict.fails ? result.objections : result.remarks).push_back(std::move(objection));
  }
  for (const std::string& judge : expect.objections) {
    if (!heard.contains(judge)) {
      result.objections.push_back({"expect", fmt::format("{} was expected to object, and did not", judge), ExitCode::objected, 0, 0, ""});
    }
  }
}

}  // namespace phasebit::scenarios
