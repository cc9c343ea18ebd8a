// The rules that a host must obey, each with the section of the specification that says so.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace phasebit::sim {

/// What breaking a rule means.
enum class RuleClass : std::uint8_t {
  mandatory,  ///< "M": the specification forbids it
  undefined,  ///< "UB": the specification leaves the result undefined
  host,       ///< "H": the host harms itself
  should,     ///< "S": the specification advises against it; reported, never fails a run
};

/// One rule. `id` is stable: scenario files and reports name it.
struct Rule {
  std::string_view id;
  RuleClass rule_class;
  std::string_view section;  ///< NVMe Base 2.0, NVM Command Set 1.0 ("NVM-CS") or PCIe Transport 1.0 ("PCIe-T")
  std::string_view sentence;
};

/// Every rule that the monitor judges, in the order of their ids' groups.
std::span<const Rule> rules();

/// The rule of that id, or nullptr.
const Rule* find_rule(std::string_view id);

/// "M", "UB", "H" or "S".
std::string_view name(RuleClass rule_class);

/// Whether breaking a rule of this class fails a run.
constexpr bool fails_a_run(RuleClass rule_class) {
  return rule_class != RuleClass::should;
}

}  // namespace phasebit::sim
