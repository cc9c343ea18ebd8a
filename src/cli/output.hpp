// Printing for the verbs: results to stdout, complaints to stderr. A reader that has gone away is no reason to stop working.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/output.hpp"

namespace phasebit::cli {

/// Errors are looked at once, when the program ends.
using scenarios::print;
using scenarios::tell;

inline void complain(const scenarios::Diagnostics& complaints) {
  for (const scenarios::Diagnostic& complaint : complaints) {
    tell(to_string(complaint) + "\n");
  }
}

}  // namespace phasebit::cli
