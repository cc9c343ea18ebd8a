// Names of the rows that driver_state events number.
#pragma once

#include <string>

#include "src/backend/event.hpp"

namespace phasebit::scenarios {

/// "bring_up", "recovery" or "shutdown"; `event` is a driver_state.
std::string machine_name(const Event& event);

/// The enumerator's own name: "enable", "abort", ...; "?" if there is no such row.
std::string row_name(const Event& event);

}  // namespace phasebit::scenarios
