#include "src/cli/report_files.hpp"

#include <fmt/format.h>
#include <regex.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "scenarios/engine/text_file.hpp"
#include "scenarios/engine/units.hpp"
#include "scenarios/report/html.hpp"
#include "scenarios/report/junit.hpp"
#include "scenarios/report/summary.hpp"
#include "src/base/assert.hpp"
#include "src/cli/batch.hpp"
#include "src/cli/shell_text.hpp"

namespace phasebit::cli {
namespace {

namespace fs = std::filesystem;
using scenarios::Checked;
using scenarios::Results;
using scenarios::RunResult;

std::string suite_name(const std::string& noun) {
  return "phasebit " + noun + "s";
}

/// The directories above `path` and itself, as far as they do not exist; the outermost first.
std::vector<std::string> missing_directories(const std::string& path) {
  std::vector<std::string> missing;
  std::error_code error;
  for (fs::path each = path; !each.empty() && fs::status(each, error).type() == fs::file_type::not_found; each = each.parent_path()) {
    missing.insert(missing.begin(), each.string());
  }
  return missing;
}

/// The name that a failure file of ours has: others may have put their own beside them.
bool is_failure_name(const std::string& name) {
  static const ::regex_t pattern = [] {
    ::regex_t made;
    const int code = ::regcomp(&made, "^[a-z0-9-]+-0x[0-9a-f]{16}(-[0-9]+)?\\.yaml$", REG_EXTENDED | REG_NOSUB);
    PHASEBIT_ASSERT(code == 0);
    return made;
  }();
  return ::regexec(&pattern, name.c_str(), 0, nullptr, 0) == 0;
}

/// Scenarios may share their name and their seed: the second one's file is numbered.
std::string failure_name(const RunResult& result, const std::set<std::string>& taken) {
  const std::string stem = fmt::format("{}-{}", result.name, scenarios::seed_text(result.seed));
  std::string name = stem + ".yaml";
  for (unsigned number = 2; taken.contains(name); ++number) {
    name = fmt::format("{}-{}.yaml", stem, number);
  }
  return name;
}

}  // namespace

/// Directories that hold something by now are not removed by rmdir.
ReportFiles::~ReportFiles() {
  staged_.abandon();
  for (auto made = directories_made_.rbegin(); made != directories_made_.rend(); ++made) {
    ::rmdir(made->c_str());
  }
}

Checked<void> ReportFiles::prepare() {
  return check_places()
      .and_then([&] { return prepare_report(); })
      .and_then([&] { return outputs_.junit.empty() ? Checked<void>() : scenarios::check_file_place(outputs_.junit); })
      .and_then([&] { return prepare_trace(); });
}

/// No output may replace what was read, or another output. The report's JUnit may be asked for by its name: it is the same text.
Checked<void> ReportFiles::check_places() const {
  std::map<fs::path, std::string> taken;
  const auto take = [&](const std::string& path, const std::string& what) -> Checked<void> {
    std::error_code error;
    const fs::path place = fs::weakly_canonical(path, error);
    const auto [at, is_new] = taken.emplace(error ? fs::path(path) : place, what);
    return is_new || path.empty() ? Checked<void>() : scenarios::refuse(path, {}, fmt::format("is {} too; name another file", at->second));
  };
  for (const std::string& input : outputs_.inputs) {
    (void)take(input, "read");  // one that is named twice is run twice
  }
  Checked<void> differ;
  if (!outputs_.report.empty()) {
    differ = take(outputs_.report + "/index.html", "the report").and_then([&] {
      return take(outputs_.report + "/summary.json", "the report's summary");
    });
  }
  differ = differ.and_then([&] { return take(outputs_.junit, "the file of --junit"); });
  if (!outputs_.report.empty() && !outputs_.trace.empty()) {
    taken.emplace(fs::weakly_canonical(outputs_.report + "/junit.xml"), "the report's JUnit");
  }
  return differ.and_then([&] { return take(outputs_.trace, "the file of --trace"); });
}

/// Before the others, so that other outputs can be put into it.
Checked<void> ReportFiles::prepare_report() {
  if (outputs_.report.empty()) {
    return {};
  }
  Checked<void> ready = make_directory(outputs_.report);
  for (const char* name : {"/junit.xml", "/summary.json", "/index.html"}) {
    ready = ready.and_then([&] { return scenarios::check_file_place(outputs_.report + name); });
  }
  return ready;
}

Checked<void> ReportFiles::prepare_trace() {
  if (outputs_.trace.empty()) {
    return {};
  }
  std::error_code error;
  if (const fs::file_status there = fs::status(outputs_.trace, error); fs::exists(there) && fs::is_other(there)) {
    return scenarios::refuse(outputs_.trace, {}, "is no regular file, and would be replaced");
  }
  return scenarios::check_file_place(outputs_.trace).and_then([&] { return staged_.reserve(outputs_.trace); }).map([&](std::string path) {
    trace_path_ = std::move(path);
  });
}

Checked<void> ReportFiles::make_directory(const std::string& path) {
  const std::vector<std::string> missing = missing_directories(path);
  directories_made_.insert(directories_made_.end(), missing.begin(), missing.end());
  return scenarios::prepare_directory(path);
}

std::string ReportFiles::failures_folder() const {
  return outputs_.report + "/failures";
}

void ReportFiles::name_failure(RunResult& result) {
  if (outputs_.report.empty() || result.failure_file.empty()) {
    return;
  }
  result.failure_name = failure_name(result, failure_names_);
  failure_names_.insert(result.failure_name);
  result.replay = "phasebit replay " + shell_path(failures_folder() + "/" + result.failure_name);
}

Checked<void> ReportFiles::write(const Results& results, const std::string& noun) {
  return stage_report(results, noun)
      .and_then(
          [&] { return outputs_.junit.empty() ? Checked<void>() : staged_.add(outputs_.junit, junit_xml(results, suite_name(noun))); })
      .and_then([&] { return staged_.commit(); })
      .map([&] { remove_stale_failures(); });
}

Checked<void> ReportFiles::stage_report(const Results& results, const std::string& noun) {
  if (outputs_.report.empty()) {
    return {};
  }
  return stage_failures(results)
      .and_then([&] { return staged_.add(outputs_.report + "/junit.xml", junit_xml(results, suite_name(noun))); })
      .and_then([&] { return staged_.add(outputs_.report + "/summary.json", summary_json(results)); })
      .and_then([&] { return staged_.add(outputs_.report + "/index.html", report_html(results, "Phasebit: " + noun + "s")); });
}

Checked<void> ReportFiles::stage_failures(const Results& results) {
  Checked<void> done = failure_names_.empty() ? Checked<void>() : make_directory(failures_folder());
  for (const RunResult& result : results.kept()) {
    if (result.failure_name.empty() || !done) {
      continue;
    }
    done = done.and_then([&] { return staged_.add(failures_folder() + "/" + result.failure_name, result.failure_file); });
  }
  return done;
}

/// A failure file that no failure of this run has written would tell of one that is no more.
void ReportFiles::remove_stale_failures() const {
  if (outputs_.report.empty()) {
    return;
  }
  std::error_code error;
  std::vector<fs::path> stale;
  for (fs::directory_iterator entry(failures_folder(), error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (is_failure_name(name) && !failure_names_.contains(name)) {
      stale.push_back(entry->path());
    }
  }
  for (const fs::path& path : stale) {
    fs::remove(path, error);
  }
  ::rmdir(failures_folder().c_str());  // if nothing is left in it
}

}  // namespace phasebit::cli
