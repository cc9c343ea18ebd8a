#include <algorithm>

#include "sim/monitor/rule.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/output.hpp"

namespace phasebit::cli {
namespace {

std::string line_of(const sim::Rule& rule) {
  return fmt::format("{:<7} {:<2}  {:<28} {}\n", rule.id, name(rule.rule_class), rule.section, rule.sentence);
}

/// Identifiers are written in capitals.
std::string in_capitals(std::string id) {
  std::ranges::transform(id, id.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return id;
}

/// What the columns are, so that the list can be read without the documentation.
constexpr std::string_view header =
    "# id, class, section, rule. M: forbidden by the specification; UB: left undefined by it; H: harms the host itself; S: advised "
    "against.\n"
    "# Sections are of NVMe Base 2.0; NVM-CS: of the NVM Command Set 1.0; PCIe-T: of the PCIe Transport 1.0.\n";

}  // namespace

Ending carry_out(const RulesCommand& command) {
  const std::string id = in_capitals(command.id);
  if (id.empty()) {
    print(header);
    for (const sim::Rule& rule : sim::rules()) {
      print(line_of(rule));
    }
    return {};
  }
  if (const sim::Rule* const rule = sim::find_rule(id)) {
    print(line_of(*rule));
    return {};
  }
  std::vector<std::string> known;
  for (const sim::Rule& rule : sim::rules()) {
    known.emplace_back(rule.id);
  }
  const std::string meant = scenarios::nearest_spelling(id, known);
  tell(fmt::format("phasebit: there is no rule \"{}\"{}\n", command.id,
                   meant.empty() ? "; `phasebit rules` lists them" : "; did you mean " + meant + "?"));
  return {ExitCode::usage, 0};
}

}  // namespace phasebit::cli
