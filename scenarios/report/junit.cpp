#include "scenarios/report/junit.hpp"

#include <fmt/format.h>

#include "scenarios/report/markup.hpp"
#include "scenarios/report/text.hpp"

namespace phasebit::scenarios {
namespace {

std::string seconds_text(std::uint64_t ns) {
  return fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
}

std::string verdict_element(const RunResult& result) {
  if (!result.failed()) {
    return result.skipped.empty() ? "" : fmt::format("<skipped message=\"{}\"/>", escaped(result.skipped));
  }
  const Objection& first = result.objections.front();
  const char* const element = is_error(result) ? "error" : "failure";
  return fmt::format("<{} type=\"{}\" message=\"{}\">{}</{}>", element, escaped(first.judge), escaped(first.sentence),
                     escaped(result_text(result)), element);
}

/// What was remarked goes where a test's output would.
std::string body(const RunResult& result) {
  const std::string notes = remarks_text(result);
  return verdict_element(result) + (notes.empty() ? "" : fmt::format("<system-out>{}</system-out>", escaped(notes)));
}

std::string test_case(const RunResult& result, const std::string& suite) {
  return fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"{}\">{}</testcase>\n", escaped(suite),
                     escaped(result.name), escaped(result.file), seconds_text(result.virtual_ns), body(result));
}

}  // namespace

std::string junit_xml(const Results& results, const std::string& suite) {
  const Tally& sum = results.tally();
  std::string cases;
  for (const RunResult& result : results.kept()) {
    cases += test_case(result, suite);
  }
  const std::string totals =
      fmt::format("name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"", escaped(suite), sum.total(),
                  sum.failed - sum.errors, sum.errors, sum.skipped, seconds_text(sum.virtual_ns));
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite {}>\n{}  </testsuite>\n</testsuites>\n",
                     totals, totals, cases);
}

}  // namespace phasebit::scenarios
