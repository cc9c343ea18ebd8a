// Scenario files in and out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/yaml_document.hpp"

namespace phasebit::scenarios {

/// Reads, decodes and checks a scenario, and reads the traces that it names. Complaints carry file, line and column, at most 20 of them.
Checked<Scenario> load_scenario(const std::string& path);
/// The same for a text that stands nowhere, so that traces cannot be found from it: they are not read, and it cannot be run if it has any.
Checked<Scenario> decode_scenario(std::string_view text, const std::string& file);

/// What the reader makes of a file before anything is checked: for validators that are not ours.
Checked<Json> load_json(const std::string& path);

/// The scenario as a file that decodes to it, every value written out.
std::string scenario_text(const Scenario& scenario);

/// The JSON Schema of scenario files, as it lies in scenarios/schema/scenario.schema.json.
Json scenario_schema();

/// The scenario files that `path` names: itself, or all *.yaml and *.yml below it, sorted. Refuses what is missing and a directory without
/// any.
Checked<std::vector<std::string>> find_scenarios(const std::string& path);

}  // namespace phasebit::scenarios
