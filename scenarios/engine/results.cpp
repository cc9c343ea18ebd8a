#include "scenarios/engine/results.hpp"

#include <set>

namespace phasebit::scenarios {
namespace {

void add_to(Tally& tally, const RunResult& result) {
  const bool skipped = !result.failed() && !result.skipped.empty();
  tally.failed += result.failed() ? 1 : 0;
  tally.skipped += skipped ? 1 : 0;
  tally.passed += !result.failed() && !skipped ? 1 : 0;
  tally.errors += is_error(result) ? 1 : 0;
  tally.virtual_ns += result.virtual_ns;
  tally.loudest = louder(tally.loudest, exit_code(result));
}

void add_to(Totals& totals, const RunResult& result) {
  for (const FaultTally& fault : result.faults) {
    totals.faults[fault.kind] += fault.fired;
  }
  for (const Count& count : result.counts) {
    totals.counts[count.name] += count.value;
  }
  for (const Count& row : result.rows) {
    totals.rows[row.name] += row.value;
  }
  std::set<std::string> judges;
  for (const Objection& remark : result.remarks) {
    judges.insert(remark.judge);
  }
  for (const std::string& judge : judges) {
    ++totals.remarks[judge];
  }
}

}  // namespace

Results::Results(std::vector<RunResult> all) : kept_(std::move(all)) {
  for (const RunResult& result : kept_) {
    count(result);
  }
}

void Results::count(const RunResult& result) {
  add_to(tally_, result);
  add_to(totals_, result);
}

bool is_error(const RunResult& result) {
  const ExitCode code = exit_code(result);
  return result.failed() && (code == ExitCode::internal || code == ExitCode::environment || code == ExitCode::usage);
}

}  // namespace phasebit::scenarios
