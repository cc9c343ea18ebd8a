#include "src/cli/perf_load.hpp"

#include <algorithm>

#include "scenarios/engine/scenario_words.hpp"

namespace phasebit::cli {

std::vector<std::string> pattern_words() {
  std::vector<std::string> words;
  for (const auto& named : scenarios::pattern_names) {
    words.emplace_back(named.name);
  }
  return words;
}

std::optional<scenarios::Pattern> pattern_from_word(std::string_view word) {
  const auto found = std::ranges::find(scenarios::pattern_names, word, &scenarios::Named<scenarios::Pattern>::name);
  return found == std::end(scenarios::pattern_names) ? std::nullopt : std::optional(found->value);
}

std::string_view word_of(scenarios::Pattern pattern) {
  return std::ranges::find(scenarios::pattern_names, pattern, &scenarios::Named<scenarios::Pattern>::value)->name;
}

}  // namespace phasebit::cli
