// The second look at a scenario file: JSON Schema, by a validator that knows nothing of our decoder.
#pragma once

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/yaml_document.hpp"

namespace phasebit::scenarios {

/// Complaints of valijson about the document, at the deepest node that fails.
Diagnostics check_schema(const Document& document);

}  // namespace phasebit::scenarios
