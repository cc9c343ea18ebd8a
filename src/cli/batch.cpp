#include "src/cli/batch.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "scenarios/engine/progress.hpp"
#include "scenarios/engine/results.hpp"
#include "scenarios/engine/workers.hpp"
#include "scenarios/report/text.hpp"
#include "src/cli/output.hpp"
#include "src/cli/report_files.hpp"

namespace phasebit::cli {
namespace {

using scenarios::ExitCode;
using scenarios::Results;
using scenarios::RunResult;
using scenarios::Scenario;

class Runner {
 public:
  Runner(const Batch& batch, ReportFiles& files)
      : batch_(batch), files_(files), trace_path_(files.trace_path()), progress_(batch.noun + "s", batch.count) {}

  int run() {
    scenarios::WorkPlan plan;
    plan.items = batch_.count;
    plan.jobs = batch_.jobs;
    plan.item_seconds_max = batch_.item_seconds_max;
    plan.grace_seconds = batch_.grace_seconds;
    plan.work = [this](std::size_t item) { return to_bytes(work(item)); };
    plan.on_result = [this](std::size_t item, const std::string& bytes) { take(item, scenarios::run_result_from_bytes(bytes)); };
    plan.on_crash = [this](std::size_t item, const scenarios::Crash& crash) { take(item, crashed(item, crash)); };
    plan.on_tick = [this] { progress_.tick(); };
    return scenarios::run_workers(plan);
  }

  const Results& results() const { return results_; }

 private:
  RunResult work(std::size_t item) const {
    const scenarios::Checked<Scenario> scenario = batch_.scenario(item);
    if (!scenario) {
      return refused(item, scenario.error());
    }
    if (const std::string reason = batch_.unmet(*scenario); !reason.empty()) {
      return skipped(item, *scenario, reason);
    }
    scenarios::RunOptions options;
    options.trace_path = trace_path_;
    RunResult result = batch_.run(*scenario, options);
    name_trace(result);
    result.file = batch_.file(item);
    if (batch_.review) {
      batch_.review(*scenario, result);
    }
    result.again = result.failed() ? batch_.again(item, scenario->seed) : "";
    return result;
  }

  /// The recorder knows only the name under which its file begins.
  void name_trace(RunResult& result) const {
    for (scenarios::Objection& objection : result.objections) {
      if (!trace_path_.empty() && objection.sentence.starts_with(trace_path_)) {
        objection.sentence.replace(0, trace_path_.size(), batch_.outputs.trace);
      }
    }
  }

  RunResult skipped(std::size_t item, const Scenario& scenario, const std::string& reason) const {
    RunResult result;
    result.name = scenario.name;
    result.about = scenario.about;
    result.file = batch_.file(item);
    result.seed = scenario.seed;
    result.skipped = reason;
    return result;
  }

  RunResult refused(std::size_t item, const scenarios::Diagnostics& complaints) const {
    RunResult result;
    result.name = batch_.title(item);
    result.file = batch_.file(item);
    result.seeded = false;
    for (const scenarios::Diagnostic& complaint : complaints) {
      result.objections.push_back({"scenario file", to_string(complaint), complaint.code, 0, 0, ""});
    }
    return result;
  }

  RunResult crashed(std::size_t item, const scenarios::Crash& crash) const {
    RunResult result;
    result.name = batch_.title(item);
    result.file = batch_.file(item);
    result.seed = crash.seed.value_or(0);
    result.seeded = crash.seed.has_value();
    result.virtual_ns = crash.time_ns;
    result.objections.push_back({"internal", crash.text, ExitCode::internal, crash.time_ns, 0, ""});
    result.again = batch_.again(item, crash.seed);
    return result;
  }

  /// Results end in any order and are printed in the order of their items. What is neither printed nor listed is forgotten at once.
  void take(std::size_t item, RunResult result) {
    progress_.add(result.failed());
    results_.count(result);
    const bool is_shown = batch_.shows_passes || result.failed();
    ended_.emplace(item, is_shown ? std::make_unique<RunResult>(std::move(result)) : nullptr);
    for (auto next = ended_.find(shown_); next != ended_.end(); next = ended_.find(shown_)) {
      show(std::move(next->second));
      ended_.erase(next);
      ++shown_;
    }
  }

  void show(std::unique_ptr<RunResult> result) {
    if (result == nullptr) {
      return;
    }
    failures_ += result->failed() ? 1 : 0;
    const bool is_kept = !result->failed() || failures_ <= batch_.failures_kept_max;
    if (is_kept) {
      files_.name_failure(*result);
    }
    print_result(*result);
    if (is_kept) {
      results_.keep(std::move(*result));
    }
  }

  void print_result(const RunResult& result) {
    progress_.clear();
    print(scenarios::result_text(result));
    if (batch_.prints_hashes && result.hash != 0) {
      print(scenarios::hash_text(result));
    }
  }

  const Batch& batch_;
  ReportFiles& files_;
  std::string trace_path_;
  Results results_;
  std::map<std::size_t, std::unique_ptr<RunResult>> ended_;  ///< and not shown yet, because one before them has not
  std::size_t shown_ = 0;
  std::size_t failures_ = 0;
  scenarios::ProgressLine progress_;
};

/// What `results` say as a whole; of worlds that were not shown the remarks too.
void print_sums(const Results& results, const Batch& batch) {
  if (!batch.shows_passes) {
    print(remarks_text(results.totals(), batch.noun));
  }
  print(tally_text(results.tally(), batch.noun));
}

BatchEnd write_outputs(ReportFiles& files, const Results& results, const Batch& batch) {
  BatchEnd end{results.tally().code(), 0};
  if (const scenarios::Checked<void> written = files.write(results, batch.noun); !written) {
    complain(written.error());
    end.code = scenarios::louder(end.code, exit_code(written.error()));
  }
  return end;
}

}  // namespace

std::string unmet_on_emulated_drive(const Scenario& scenario) {
  const bool real_drive = std::find(scenario.needs.begin(), scenario.needs.end(), scenarios::Need::device) != scenario.needs.end();
  return real_drive ? "needs a device" : "";
}

BatchEnd run_batch(const Batch& batch) {
  ReportFiles files(batch.outputs);
  if (const scenarios::Checked<void> ready = files.prepare(); !ready) {
    complain(ready.error());
    return {exit_code(ready.error()), 0};
  }
  Runner runner(batch, files);
  if (const int signal = runner.run(); signal != 0) {
    return {ExitCode::clean, signal};
  }
  print_sums(runner.results(), batch);
  return write_outputs(files, runner.results(), batch);
}

}  // namespace phasebit::cli
