// Which checks of `validate` a drive has failed.
#pragma once

#include <set>
#include <string>

#include "src/cli/validate/validation.hpp"

namespace phasebit::cli {

/// By name.
inline std::set<std::string> failures(const Validation& validation) {
  std::set<std::string> failed;
  for (const Check& check : validation.checks()) {
    if (check.verdict == Check::Verdict::failed) {
      failed.insert(check.name);
    }
  }
  return failed;
}

}  // namespace phasebit::cli
