#include "src/cli/batch.hpp"

#include <optional>

#include "scenarios/engine/progress.hpp"
#include "scenarios/engine/text_file.hpp"
#include "scenarios/engine/workers.hpp"
#include "scenarios/report/text.hpp"
#include "src/cli/output.hpp"
#include "src/cli/report_files.hpp"

namespace phasebit::cli {
namespace {

using scenarios::ExitCode;
using scenarios::RunResult;

class Runner {
 public:
  explicit Runner(const Batch& batch) : batch_(batch), results_(batch.count), progress_(batch.noun + "s", batch.count) {}

  int run() {
    scenarios::WorkPlan plan;
    plan.items = batch_.count;
    plan.jobs = batch_.jobs;
    plan.work = [this](std::size_t item) { return to_bytes(work(item)); };
    plan.on_result = [this](std::size_t item, const std::string& bytes) { take(item, scenarios::run_result_from_bytes(bytes)); };
    plan.on_crash = [this](std::size_t item, const scenarios::Crash& crash) { take(item, crashed(item, crash)); };
    plan.on_tick = [this] { progress_.tick(); };
    return scenarios::run_workers(plan);
  }

  std::vector<RunResult> take_results() {
    std::vector<RunResult> results;
    for (std::optional<RunResult>& result : results_) {
      results.push_back(std::move(*result));
    }
    return results;
  }

 private:
  RunResult work(std::size_t item) const {
    const scenarios::Checked<scenarios::Scenario> scenario = batch_.scenario(item);
    if (!scenario) {
      return refused(item, scenario.error());
    }
    scenarios::RunOptions options;
    options.trace_path = batch_.outputs.trace;
    RunResult result = run_scenario(*scenario, options);
    result.file = batch_.file(item);
    if (batch_.review) {
      batch_.review(*scenario, result);
    }
    result.again = result.failed() ? batch_.again(item, scenario->seed) : "";
    return result;
  }

  RunResult refused(std::size_t item, const scenarios::Diagnostics& complaints) const {
    RunResult result;
    result.name = batch_.title(item);
    result.file = batch_.file(item);
    for (const scenarios::Diagnostic& complaint : complaints) {
      result.objections.push_back({"scenario file", to_string(complaint), complaint.code, 0, 0, ""});
    }
    return result;
  }

  RunResult crashed(std::size_t item, const scenarios::Crash& crash) const {
    RunResult result;
    result.name = batch_.title(item);
    result.file = batch_.file(item);
    result.seed = crash.seed;
    result.virtual_ns = crash.time_ns;
    result.objections.push_back({"internal", crash.text, ExitCode::internal, crash.time_ns, 0, ""});
    result.again = batch_.again(item, crash.seed);
    return result;
  }

  /// Results end in any order and are printed in the order of their items.
  void take(std::size_t item, RunResult result) {
    progress_.add(result.failed());
    results_[item] = std::move(result);
    while (printed_ < results_.size() && results_[printed_]) {
      print_result(*results_[printed_++]);
    }
  }

  void print_result(const RunResult& result) {
    if (!batch_.prints_passes && !result.failed()) {
      return;
    }
    progress_.clear();
    print(scenarios::result_text(result));
    if (batch_.prints_hashes && result.hash != 0) {
      print(scenarios::hash_text(result));
    }
  }

  const Batch& batch_;
  std::vector<std::optional<RunResult>> results_;
  std::size_t printed_ = 0;
  scenarios::Progress progress_;
};

}  // namespace

BatchEnd run_batch(const Batch& batch) {
  ReportFiles files(batch.outputs);
  if (const scenarios::Checked<void> ready = files.prepare(); !ready) {
    complain(ready.error());
    return {exit_code(ready.error()), 0};
  }
  std::vector<RunResult> results;
  {
    Runner runner(batch);
    if (const int signal = runner.run(); signal != 0) {
      files.abandon();
      return {ExitCode::clean, signal};
    }
    results = runner.take_results();
    files.remove_partial_trace();
  }
  const scenarios::Tally sum = tally(results);
  print(tally_text(sum, batch.noun));
  BatchEnd end{sum.code, 0};
  if (const scenarios::Checked<void> written = files.write(results, batch.noun); !written) {
    complain(written.error());
    end.code = scenarios::louder(end.code, exit_code(written.error()));
  }
  return end;
}

}  // namespace phasebit::cli
