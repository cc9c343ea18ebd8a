// Combinations that each key allows and the world does not.
#pragma once

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/yaml_document.hpp"

namespace phasebit::scenarios {

/// Everything in a decoded scenario that cannot be: blocks beyond a namespace, drives and queues that do not exist, faults where their verb
/// has no meaning, a drive that cannot be emulated. `document` gives the places.
Diagnostics check_scenario(const Scenario& scenario, const Document& document);

}  // namespace phasebit::scenarios
