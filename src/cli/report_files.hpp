// The files that a batch leaves behind: all of them whole, or none.
#pragma once

#include <string>
#include <vector>

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/run_result.hpp"

namespace phasebit::cli {

struct Outputs;

class ReportFiles {
 public:
  explicit ReportFiles(const Outputs& outputs) : outputs_(outputs) {}

  /// Finds out before the work whether the outputs can be written; makes the report directory.
  scenarios::Checked<void> prepare();
  /// Writes everything. What was written is removed again if something cannot be.
  scenarios::Checked<void> write(const std::vector<scenarios::RunResult>& results, const std::string& noun);
  /// What the recorder of a process leaves that was ended.
  void remove_partial_trace() const;
  /// The run was interrupted: a directory that was made for it goes, and so does a trace in the making.
  void abandon();

 private:
  scenarios::Checked<void> write_one(const std::string& path, const std::string& text);
  scenarios::Checked<void> write_report(const std::vector<scenarios::RunResult>& results, const std::string& noun);

  const Outputs& outputs_;
  bool made_directory_ = false;
  std::vector<std::string> written_;
};

}  // namespace phasebit::cli
