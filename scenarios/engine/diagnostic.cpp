#include "scenarios/engine/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace phasebit::scenarios {
namespace {

/// Edits (insert, delete, replace) that lead from one word to the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  if (diagnostic.place.line == 0) {
    return fmt::format("{}: {}", diagnostic.file, diagnostic.text);
  }
  return fmt::format("{}:{}:{}: {}", diagnostic.file, diagnostic.place.line, diagnostic.place.column, diagnostic.text);
}

tl::unexpected<Diagnostics> refuse(std::string_view file, Place place, std::string text, ExitCode code) {
  return tl::unexpected<Diagnostics>(Diagnostics{{std::string(file), place, std::move(text), code}});
}

ExitCode exit_code(const Diagnostics& diagnostics) {
  ExitCode code = ExitCode::clean;
  for (const Diagnostic& diagnostic : diagnostics) {
    code = louder(code, diagnostic.code);
  }
  return code;
}

std::string nearest_spelling(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t word_bytes_max = 64;
  if (word.size() > word_bytes_max) {
    return {};
  }
  std::size_t nearest = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < nearest) {
      nearest = distance;
      found = candidate;
    }
  }
  return found;
}

}  // namespace phasebit::scenarios
