// Hello to a real drive.
#pragma once

#include <string>

#include "scenarios/engine/exit_code.hpp"

namespace phasebit::cli {

/// Says hello to the drive at `device` if it has this serial (empty: any); only reads unless `write` is set. A build without hw/ says so
/// and fails.
scenarios::ExitCode hello_device(const std::string& device, const std::string& serial, bool write);

}  // namespace phasebit::cli
