// The flags of every verb that can use a real drive.
#pragma once

#include <string>

#include "hw/environment_options.hpp"
#include "src/cli/drive_consent.hpp"

namespace phasebit::cli {

/// Tells what is wrong with the flags, whatever the machine and the drive; true if they fit together. `device` is empty for the emulated
/// drive.
bool flags_fit(const DriveConsent& consent, const hw::EnvironmentOptions& environment, const std::string& device);

}  // namespace phasebit::cli
