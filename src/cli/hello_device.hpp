// Hello to a real drive.
#pragma once

#include <string>

#include "scenarios/engine/exit_code.hpp"

namespace phasebit::cli {

/// Writes to the drive at `device` if it has this serial. A build without hw/ says so and fails.
scenarios::ExitCode hello_device(const std::string& device, const std::string& serial);

}  // namespace phasebit::cli
