#include "scenarios/report/junit.hpp"

#include <fmt/format.h>

#include "scenarios/report/markup.hpp"
#include "scenarios/report/text.hpp"

namespace phasebit::scenarios {
namespace {

bool is_error(const RunResult& result) {
  const ExitCode code = exit_code(result);
  return code == ExitCode::internal || code == ExitCode::environment || code == ExitCode::usage;
}

std::string seconds_text(std::uint64_t ns) {
  return fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
}

std::string body(const RunResult& result) {
  if (!result.failed()) {
    return result.skipped.empty() ? "" : fmt::format("<skipped message=\"{}\"/>", escaped(result.skipped));
  }
  const Objection& first = result.objections.front();
  const char* const element = is_error(result) ? "error" : "failure";
  return fmt::format("<{} type=\"{}\" message=\"{}\">{}</{}>", element, escaped(first.judge), escaped(first.sentence),
                     escaped(result_text(result)), element);
}

std::string test_case(const RunResult& result, const std::string& suite) {
  return fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"{}\">{}</testcase>\n", escaped(suite),
                     escaped(result.name), escaped(result.file), seconds_text(result.virtual_ns), body(result));
}

}  // namespace

std::string junit_xml(const std::vector<RunResult>& results, const std::string& suite) {
  const Tally sum = tally(results);
  std::size_t errors = 0;
  std::uint64_t virtual_ns = 0;
  std::string cases;
  for (const RunResult& result : results) {
    errors += result.failed() && is_error(result) ? 1 : 0;
    virtual_ns += result.virtual_ns;
    cases += test_case(result, suite);
  }
  const std::string totals =
      fmt::format("name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"", escaped(suite), results.size(),
                  sum.failed - errors, errors, sum.skipped, seconds_text(virtual_ns));
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite {}>\n{}  </testsuite>\n</testsuites>\n",
                     totals, totals, cases);
}

}  // namespace phasebit::scenarios
