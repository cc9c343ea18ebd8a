#include "scenarios/engine/judges.hpp"

#include <fmt/format.h>

#include <algorithm>

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

void Judges::on_event(std::uint64_t number, const Event& event) {
  std::apply([&](auto&... chair) { (tell(chair, number, event), ...); }, chairs_);
}

template <class T>
void Judges::tell(Chair<T>& chair, std::uint64_t number, const Event& event) {
  chair.oracle.on_event(number, event);
  const std::vector<Verdict>& verdicts = chair.oracle.verdicts();
  if (verdicts.size() > chair.seen && verdicts.back().event_number == number) {
    offending_.emplace(number, sim::describe(event));
  }
  chair.seen = verdicts.size();
}

void Judges::finish() {
  std::apply([](auto&... chair) { (chair.oracle.finish(), ...); }, chairs_);
}

void Judges::forget_host() {
  std::get<Chair<ExactlyOnce>>(chairs_) = {};
  std::get<Chair<Liveness>>(chairs_) = {};
  std::get<Chair<Memory>>(chairs_) = {};
}

void Judges::forget_what_was_said() {
  std::apply([](auto&... chair) { ((chair.heard = chair.oracle.verdicts().size()), ...); }, chairs_);
}

template <class T>
void Judges::ask(const Chair<T>& chair, std::vector<Statement>& all) const {
  const std::vector<Verdict>& verdicts = chair.oracle.verdicts();
  for (std::size_t i = chair.heard; i < verdicts.size(); ++i) {
    all.push_back({judge_of(verdicts[i]), objection_of(verdicts[i]), verdicts[i].fails});
    const auto access = offending_.find(verdicts[i].event_number);
    all.back().objection.access = access == offending_.end() ? "" : access->second;
  }
}

std::vector<Statement> Judges::statements() const {
  std::vector<Statement> all;
  std::apply([&](const auto&... chair) { (ask(chair, all), ...); }, chairs_);
  std::stable_sort(all.begin(), all.end(), [](const Statement& a, const Statement& b) { return a.objection.event < b.objection.event; });
  return all;
}

void Judges::report(const Expect& expect, const RunEnd& end, RunResult& result) const {
  Hearing hearing;
  for (Statement& statement : statements()) {
    hearing.add(std::move(statement));
  }
  hearing.report(expect, end, result);
}

void Hearing::add(Statement statement) {
  if (++counts_[statement.judge] <= objections_per_judge_max) {
    statements_.push_back(std::move(statement));
  }
}

void Hearing::report(const Expect& expect, const RunEnd& end, RunResult& result) const {
  for (const Statement& statement : statements_) {
    if (!contains(expect.waive, statement.judge) && !contains(expect.objections, statement.judge)) {
      (statement.fails ? result.objections : result.remarks).push_back(statement.objection);
    }
  }
  for (const std::string& judge : expect.objections) {
    if (!counts_.contains(judge) || contains(expect.waive, judge)) {
      result.objections.push_back(
          {"expect", fmt::format("{} was expected to object, and did not", judge), ExitCode::objected, end.time_ns, end.event, ""});
    }
  }
}

bool is_held_against(const Expect& expect, const Statement& statement) {
  return statement.fails && !contains(expect.waive, statement.judge) && !contains(expect.objections, statement.judge);
}

}  // namespace phasebit::scenarios
