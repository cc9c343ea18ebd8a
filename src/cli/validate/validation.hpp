// The verdict on a drive: what was looked at, what came of it, and where the specification says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/engine/scalar.hpp"

namespace phasebit::cli {

/// One thing that was looked at.
struct Check {
  enum class Verdict : std::uint8_t {
    passed,
    failed,
    skipped,  ///< could not be looked at; `what` says why
  };
  std::string name;  ///< its group and its own: "limits.last_block"
  Verdict verdict = Verdict::passed;
  std::string what;     ///< what was found, in words
  std::string section;  ///< of the specification; empty where only good sense asks for it
};

std::string_view name(Check::Verdict verdict);

/// Collects the checks in the order in which they were made.
class Validation {
 public:
  /// `what` stands in both cases: say what was found, so that it can be read either way.
  void judge(std::string_view check, bool good, std::string what, std::string_view section = "");
  void pass(std::string_view check, std::string what, std::string_view section = "") { judge(check, true, std::move(what), section); }
  void fail(std::string_view check, std::string what, std::string_view section = "") { judge(check, false, std::move(what), section); }
  void skip(std::string_view check, std::string why);

  const std::vector<Check>& checks() const { return checks_; }
  std::uint64_t count(Check::Verdict verdict) const;

 private:
  std::vector<Check> checks_;
};

/// One line: "FAIL  limits.last_block  ...".
std::string check_text(const Check& check);
/// "31 checks: 30 passed, 0 failed, 1 skipped".
std::string summary_text(const Validation& validation);
scenarios::Json validation_json(const Validation& validation, const std::string& drive);

}  // namespace phasebit::cli
