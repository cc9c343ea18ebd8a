#include "src/cli/report_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "scenarios/engine/text_file.hpp"
#include "scenarios/engine/units.hpp"
#include "scenarios/report/html.hpp"
#include "scenarios/report/junit.hpp"
#include "scenarios/report/summary.hpp"
#include "src/cli/batch.hpp"

namespace phasebit::cli {
namespace {

using scenarios::Checked;
using scenarios::RunResult;

std::string suite_name(const std::string& noun) {
  return "phasebit " + noun + "s";
}

/// The directory that a file would be made in has to be one that files can be made in.
Checked<void> check_place(const std::string& path) {
  if (path.empty() || std::filesystem::exists(path)) {
    return std::filesystem::is_directory(path) ? scenarios::refuse(path, {}, "is a directory; name a file") : Checked<void>{};
  }
  const std::string parent = std::filesystem::path(path).parent_path().string();
  if (!parent.empty() && !std::filesystem::is_directory(parent)) {
    return scenarios::refuse(path, {}, "cannot be written: there is no directory " + parent, scenarios::ExitCode::environment);
  }
  return scenarios::prepare_directory(parent.empty() ? "." : parent);
}

}  // namespace

Checked<void> ReportFiles::prepare() {
  for (const std::string& path : {outputs_.junit, outputs_.trace}) {
    if (const Checked<void> place = check_place(path); !place) {
      return place;
    }
  }
  if (std::filesystem::exists(outputs_.trace) && !std::filesystem::is_regular_file(outputs_.trace)) {
    return scenarios::refuse(outputs_.trace, {}, "is no regular file, and would be replaced");
  }
  if (outputs_.report.empty()) {
    return {};
  }
  made_directory_ = !std::filesystem::exists(outputs_.report);
  return scenarios::prepare_directory(outputs_.report);
}

Checked<void> ReportFiles::write(const std::vector<RunResult>& results, const std::string& noun) {
  Checked<void> done = write_report(results, noun);
  if (done && !outputs_.junit.empty()) {
    done = write_one(outputs_.junit, junit_xml(results, suite_name(noun)));
  }
  if (!done) {
    for (const std::string& path : written_) {
      ::unlink(path.c_str());
    }
    abandon();
  }
  return done;
}

Checked<void> ReportFiles::write_report(const std::vector<RunResult>& results, const std::string& noun) {
  if (outputs_.report.empty()) {
    return {};
  }
  for (const RunResult& result : results) {
    if (result.failure_file.empty()) {
      continue;
    }
    const std::string folder = outputs_.report + "/failures";
    const Checked<void> done = scenarios::prepare_directory(folder).and_then([&] {
      return write_one(fmt::format("{}/{}-{}.yaml", folder, result.name, scenarios::seed_text(result.seed)), result.failure_file);
    });
    if (!done) {
      return done;
    }
  }
  return write_one(outputs_.report + "/junit.xml", junit_xml(results, suite_name(noun)))
      .and_then([&] { return write_one(outputs_.report + "/summary.json", summary_json(results)); })
      .and_then([&] { return write_one(outputs_.report + "/index.html", report_html(results, "Phasebit: " + noun + "s")); });
}

Checked<void> ReportFiles::write_one(const std::string& path, const std::string& text) {
  Checked<void> done = scenarios::write_file(path, text);
  if (done && std::filesystem::is_regular_file(path)) {
    written_.push_back(path);
  }
  return done;
}

void ReportFiles::remove_partial_trace() const {
  std::error_code ignored;
  if (!outputs_.trace.empty()) {
    std::filesystem::remove(outputs_.trace + ".partial", ignored);
  }
}

void ReportFiles::abandon() {
  remove_partial_trace();
  std::error_code ignored;
  if (made_directory_) {
    std::filesystem::remove(outputs_.report + "/failures", ignored);
    std::filesystem::remove(outputs_.report, ignored);
  }
}

}  // namespace phasebit::cli
