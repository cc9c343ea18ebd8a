// Identify Controller as nvme-cli's `id-ctrl -o json` names its fields.
#pragma once

#include "scenarios/engine/scalar.hpp"
#include "src/spec/identify_controller.hpp"

namespace phasebit::cli {

/// Fields in the order of the structure. Capacities, which 2^53 cannot hold, are strings.
scenarios::Json identify_json(const spec::IdentifyController& identify);

}  // namespace phasebit::cli
