// What became of many scenarios: counted all, kept whole only where somebody will look at them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/engine/exit_code.hpp"
#include "scenarios/engine/run_result.hpp"

namespace phasebit::scenarios {

/// How many of each.
struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::size_t errors = 0;  ///< of those that failed: crashes, errors of the environment, wrong files
  std::uint64_t virtual_ns = 0;
  ExitCode loudest = ExitCode::clean;

  std::size_t total() const { return passed + failed + skipped; }
  /// The loudest code; nothing_ran if all were skipped.
  ExitCode code() const { return failed == 0 && passed == 0 ? ExitCode::nothing_ran : loudest; }
};

/// What happened in all of them together.
struct Totals {
  std::map<std::string, std::uint64_t> faults;  ///< strikes, by kind
  std::map<std::string, std::uint64_t> counts;
  std::map<std::string, std::uint64_t> rows;
  std::map<std::string, std::uint64_t> remarks;  ///< worlds in which a judge remarked something, by judge
};

/// Sums that grow with the kinds of things, never with the number of results.
class Results {
 public:
  Results() = default;
  /// Counts and keeps all of them.
  Results(std::vector<RunResult> all);  // NOLINT(google-explicit-constructor): a list of results is results

  void count(const RunResult& result);
  /// Kept results are shown one by one. They have been counted before.
  void keep(RunResult result) { kept_.push_back(std::move(result)); }

  const std::vector<RunResult>& kept() const { return kept_; }
  const Tally& tally() const { return tally_; }
  const Totals& totals() const { return totals_; }

 private:
  std::vector<RunResult> kept_;
  Tally tally_;
  Totals totals_;
};

/// A crash, an error of the environment or a wrong file, rather than a verdict.
bool is_error(const RunResult& result);

}  // namespace phasebit::scenarios
