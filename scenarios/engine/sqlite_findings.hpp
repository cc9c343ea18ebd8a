// What the worlds of a SQLite story come to together: one result.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/engine/expectations.hpp"
#include "scenarios/engine/judges.hpp"
#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/sqlite_stage.hpp"

namespace phasebit::scenarios {

class SqliteFindings {
 public:
  explicit SqliteFindings(const Scenario& scenario);

  /// What is expected of one world is held against the run without a cut, which is about to be judged.
  void take_uncut(SqliteStage& stage, const RunFacts& facts, const std::map<std::string, std::uint64_t>& outcomes);
  void take_committed(std::uint64_t transactions) { committed_ = transactions; }
  void take_cut() { ++cuts_; }
  /// A world has ended: what was said of it, each sentence with `where` behind it, and what it adds to the sums.
  void take_world(SqliteStage& stage, std::string_view where);
  void take_lost_database() { ++lost_; }
  void take_allocations(std::uint64_t count) { allocations_ += count; }

  void object(std::string judge, std::string sentence, ExitCode code);
  bool has_objection() const { return has_objection_; }

  /// Everything is there: it is held against what the scenario expects.
  RunResult report();

 private:
  void judge();
  std::string failure_text() const;

  const Scenario& scenario_;
  RunResult result_;
  RunFacts facts_;
  Hearing hearing_;
  bool has_objection_ = false;
  std::uint64_t committed_ = 0;
  std::uint64_t cuts_ = 0;
  std::uint64_t databases_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t allocations_ = 0;
  std::vector<std::uint64_t> faults_fired_;
};

}  // namespace phasebit::scenarios
