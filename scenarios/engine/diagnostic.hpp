// What is wrong with an input, where, and what would be right.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/engine/exit_code.hpp"

namespace phasebit::scenarios {

/// A position in a text, counted from 1; line 0 is "the file as a whole".
struct Place {
  unsigned line = 0;
  unsigned column = 0;
};

/// One complaint about an input.
struct Diagnostic {
  std::string file;
  Place place;
  std::string text;
  ExitCode code = ExitCode::usage;
};

using Diagnostics = std::vector<Diagnostic>;

/// A value of T, or all that is wrong with what it should have come from.
template <class T>
using Checked = tl::expected<T, Diagnostics>;

/// `file:line:column: text`, as compilers write it; without line and column if there is no place.
std::string to_string(const Diagnostic& diagnostic);

/// Shorthand for refusing an input for a single reason.
tl::unexpected<Diagnostics> refuse(std::string_view file, Place place, std::string text, ExitCode code = ExitCode::usage);

/// The loudest code among the complaints.
ExitCode exit_code(const Diagnostics& diagnostics);

/// The one of `known` that is spelled most like `word`, or an empty string if none is near enough to be meant.
std::string nearest_spelling(std::string_view word, const std::vector<std::string>& known);

}  // namespace phasebit::scenarios
