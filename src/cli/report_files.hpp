// The files that a batch leaves behind: all of them whole, or none.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/results.hpp"
#include "scenarios/engine/staged_files.hpp"

namespace phasebit::cli {

struct Outputs;

/// What stands there from an earlier run is replaced when everything new is whole, and not before. Whatever is not written to its end goes
/// with this object: files in the making, and directories that were made for them.
class ReportFiles {
 public:
  explicit ReportFiles(const Outputs& outputs) : outputs_(outputs) {}
  ReportFiles(const ReportFiles&) = delete;
  ReportFiles& operator=(const ReportFiles&) = delete;
  ~ReportFiles();

  /// Finds out before the work whether the outputs can be written; makes the report directory.
  scenarios::Checked<void> prepare();
  /// Where the stream is recorded until it gets its name; empty if it is not.
  const std::string& trace_path() const { return trace_path_; }
  /// Gives the failure file of a result that will be kept its name, and the result the line that replays it; nothing if there is no report.
  void name_failure(scenarios::RunResult& result);
  /// Writes everything, gives the trace its name, and removes the failure files of an earlier report.
  scenarios::Checked<void> write(const scenarios::Results& results, const std::string& noun);

 private:
  scenarios::Checked<void> check_places() const;
  scenarios::Checked<void> prepare_report();
  scenarios::Checked<void> prepare_trace();
  scenarios::Checked<void> make_directory(const std::string& path);
  scenarios::Checked<void> stage_report(const scenarios::Results& results, const std::string& noun);
  scenarios::Checked<void> stage_failures(const scenarios::Results& results);
  void remove_stale_failures() const;
  std::string failures_folder() const;

  const Outputs& outputs_;
  scenarios::StagedFiles staged_;
  std::vector<std::string> directories_made_;  ///< the outermost first
  std::string trace_path_;
  std::set<std::string> failure_names_;
};

}  // namespace phasebit::cli
