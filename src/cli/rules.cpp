#include <algorithm>

#include "sim/monitor/rule.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/output.hpp"

namespace phasebit::cli {
namespace {

std::string line_of(const sim::Rule& rule) {
  return fmt::format("{:<7} {:<2}  {:<28} {}\n", rule.id, name(rule.rule_class), rule.section, rule.sentence);
}

}  // namespace

Ending carry_out(const RulesCommand& command) {
  if (command.id.empty()) {
    for (const sim::Rule& rule : sim::rules()) {
      print(line_of(rule));
    }
    return {};
  }
  if (const sim::Rule* const rule = sim::find_rule(command.id)) {
    print(line_of(*rule));
    return {};
  }
  std::vector<std::string> known;
  for (const sim::Rule& rule : sim::rules()) {
    known.emplace_back(rule.id);
  }
  const std::string meant = scenarios::nearest_spelling(command.id, known);
  tell(fmt::format("phasebit: there is no rule \"{}\"{}\n", command.id,
                   meant.empty() ? "; `phasebit rules` lists them" : "; did you mean " + meant + "?"));
  return {ExitCode::usage, 0};
}

}  // namespace phasebit::cli
