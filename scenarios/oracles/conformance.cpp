#include "scenarios/oracles/conformance.hpp"

#include <fmt/format.h>

namespace phasebit::scenarios {

void Conformance::judge(const Event& event) {
  monitor_.on_event(event_number(), event);
  for (const auto& violations = monitor_.violations(); taken_ < violations.size(); ++taken_) {
    const sim::Violation& violation = violations[taken_];
    keep({name(), std::string(violation.rule->id), fmt::format("{} {}", violation.rule->sentence, violation.detail), violation.event_number,
          violation.at, violation.drive, sim::fails_a_run(violation.rule->rule_class)});
  }
}

}  // namespace phasebit::scenarios
