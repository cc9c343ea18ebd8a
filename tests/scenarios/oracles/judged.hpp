// A data oracle with a script for it.
#pragma once

#include <cstddef>
#include <string_view>

#include "scenarios/oracles/data_integrity.hpp"
#include "tests/scenarios/oracles/event_script.hpp"

namespace phasebit::scenarios {

struct Judged {
  DataIntegrity oracle;
  EventScript script{oracle};

  std::size_t count() const { return oracle.verdicts().size(); }
  /// Whose the first objection is.
  std::string_view first() const { return oracle.verdicts().empty() ? "" : oracle.verdicts().front().oracle; }
};

}  // namespace phasebit::scenarios
