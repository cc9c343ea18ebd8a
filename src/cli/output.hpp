// Printing for the verbs: results to stdout, complaints to stderr. A reader that has gone away is no reason to stop working.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "scenarios/engine/diagnostic.hpp"

namespace phasebit::cli {

/// Errors are looked at once, when the program ends.
inline void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

inline void complain(const scenarios::Diagnostics& complaints) {
  for (const scenarios::Diagnostic& complaint : complaints) {
    fmt::print(stderr, "{}\n", to_string(complaint));
  }
}

}  // namespace phasebit::cli
