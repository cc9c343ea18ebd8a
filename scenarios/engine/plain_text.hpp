// Looks over the bytes of a file before a parser does: is it text at all, and could it exhaust a parser's stack?
#pragma once

#include <string>
#include <string_view>

#include "scenarios/engine/diagnostic.hpp"

namespace phasebit::scenarios {

/// Refuses bytes that are no UTF-8 text (NUL, control characters other than tab and line ends, overlong or broken sequences, surrogates),
/// with the place of the first.
Checked<void> check_text(std::string_view text, const std::string& file);

/// Refuses texts whose brackets, dashes or indentation could nest deeper than `depth_max` times 4, without parsing: a cheap upper bound,
/// so that the recursion of the parser behind it stays small whatever comes. The exact limit is checked while parsing.
Checked<void> check_nesting(std::string_view text, const std::string& file, unsigned depth_max);

}  // namespace phasebit::scenarios
