// Whether the raw bytes of a drive can be laid over its structures.
#pragma once

#include <string>

#include "sim/controller/drive_options.hpp"

namespace phasebit::sim {

/// Empty if they can; else the first that cannot, in the words of `validate`. The other options have to be valid.
std::string check_raw(const DriveOptions& options);

}  // namespace phasebit::sim
