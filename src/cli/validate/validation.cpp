#include "src/cli/validate/validation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace phasebit::cli {

std::string_view name(Check::Verdict verdict) {
  switch (verdict) {
    case Check::Verdict::passed:
      return "passed";
    case Check::Verdict::failed:
      return "failed";
    case Check::Verdict::skipped:
      break;
  }
  return "skipped";
}

void Validation::judge(std::string_view check, bool good, std::string what, std::string_view section) {
  checks_.push_back({std::string(check), good ? Check::Verdict::passed : Check::Verdict::failed, std::move(what), std::string(section)});
}

void Validation::skip(std::string_view check, std::string why) {
  checks_.push_back({std::string(check), Check::Verdict::skipped, std::move(why), ""});
}

std::uint64_t Validation::count(Check::Verdict verdict) const {
  return static_cast<std::uint64_t>(std::ranges::count(checks_, verdict, &Check::verdict));
}

std::string check_text(const Check& check) {
  const char* const word = check.verdict == Check::Verdict::passed ? "pass" : check.verdict == Check::Verdict::failed ? "FAIL" : "skip";
  const std::string section = check.section.empty() ? "" : fmt::format(" ({})", check.section);
  return fmt::format("{:<5} {:<28} {}{}\n", word, check.name, check.what, section);
}

std::string summary_text(const Validation& validation) {
  return fmt::format("{} checks: {} passed, {} failed, {} skipped\n", validation.checks().size(), validation.count(Check::Verdict::passed),
                     validation.count(Check::Verdict::failed), validation.count(Check::Verdict::skipped));
}

scenarios::Json validation_json(const Validation& validation, const std::string& drive) {
  scenarios::Json checks = scenarios::Json::array();
  for (const Check& check : validation.checks()) {
    checks.push_back({{"name", check.name}, {"verdict", name(check.verdict)}, {"what", check.what}, {"section", check.section}});
  }
  return {{"drive", drive},
          {"total", validation.checks().size()},
          {"passed", validation.count(Check::Verdict::passed)},
          {"failed", validation.count(Check::Verdict::failed)},
          {"skipped", validation.count(Check::Verdict::skipped)},
          {"checks", std::move(checks)}};
}

}  // namespace phasebit::cli
