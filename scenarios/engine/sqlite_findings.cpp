#include "scenarios/engine/sqlite_findings.hpp"

#include <fmt/format.h>

#include <utility>

#include "scenarios/engine/load.hpp"
#include "src/base/random.hpp"

namespace phasebit::scenarios {

SqliteFindings::SqliteFindings(const Scenario& scenario) : scenario_(scenario) {
  result_.name = scenario.name;
  result_.about = scenario.about;
  result_.seed = scenario.seed;
  faults_fired_.resize(scenario.faults.size());
}

void SqliteFindings::take_uncut(SqliteStage& stage, const RunFacts& facts, const std::map<std::string, std::uint64_t>& outcomes) {
  result_.cycle_ns = stage.world().options().cycle.ns;
  facts_ = facts;
  std::map<std::string, std::uint64_t> counts = stage.host().counts();
  for (const auto& [name, value] : outcomes) {
    counts[name] += value;
  }
  for (const auto& [name, value] : counts) {
    result_.counts.push_back({name, value});
  }
  result_.rows = stage.rows().counts();
}

/// The timeline is that of the first world that has an objection, else that of the first world.
void SqliteFindings::take_world(SqliteStage& stage, std::string_view where) {
  bool fails = false;
  for (Statement& statement : stage.statements()) {
    fails = fails || is_held_against(scenario_.expect, statement);
    statement.objection.sentence += where;
    hearing_.add(std::move(statement));
  }
  if (result_.timeline.empty() || (fails && !has_objection_)) {
    result_.timeline = stage.timeline();
  }
  has_objection_ = has_objection_ || fails;
  databases_ += where.empty() ? 0 : 1;
  result_.hash = keyed(result_.hash, stage.world().stream().hash());
  result_.events += stage.world().stream().count();
  result_.virtual_ns += stage.world().now().ns;
  for (std::size_t i = 0; i < faults_fired_.size(); ++i) {
    faults_fired_[i] += stage.world().faults().fired(i);
  }
}

void SqliteFindings::object(std::string judge, std::string sentence, ExitCode code) {
  has_objection_ = true;
  result_.objections.push_back({std::move(judge), std::move(sentence), code, 0, 0, ""});
}

RunResult SqliteFindings::report() {
  result_.counts.push_back({"sqlite_transactions", committed_});
  result_.counts.push_back({"power_cuts", cuts_});
  result_.counts.push_back({"databases_opened", databases_});
  result_.counts.push_back({"databases_lost", lost_});
  // A story that could not be told is not held against what it should have been.
  if (exit_code(result_) != ExitCode::environment) {
    judge();
  }
  if (result_.failed()) {
    result_.failure_file = failure_text();
  } else {
    result_.timeline.clear();
  }
  return std::move(result_);
}

void SqliteFindings::judge() {
  hearing_.report(scenario_.expect, {}, result_);
  judge_faults(scenario_, faults_fired_, {}, result_);
  judge_facts(scenario_, facts_, {}, result_);
  judge_attachments(scenario_, {}, result_);
  judge_counts(scenario_, {}, result_);
  judge_rows(scenario_, {}, result_);
  if (allocations_ > 0) {
    object("oracle allocations", fmt::format("the driver allocated {} times where it promised not to", allocations_), ExitCode::objected);
  }
}

std::string SqliteFindings::failure_text() const {
  Scenario failure = scenario_;
  failure.recorded = Recorded{result_.hash, static_cast<std::uint64_t>(exit_code(result_)),
                              fmt::format("{}: {}", result_.objections[0].judge, result_.objections[0].sentence)};
  return scenario_text(failure);
}

}  // namespace phasebit::scenarios
