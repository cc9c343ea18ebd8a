// The options of DPDK's environment on the command line of a verb that can use a real drive.
#pragma once

#include <optional>
#include <string>

#include "hw/environment_options.hpp"

namespace phasebit::cli {

/// What is wrong with the options, whatever the machine; nothing if they fit together. `device` is empty for the emulated drive.
std::optional<std::string> wrong_environment(const hw::EnvironmentOptions& options, const std::string& device);

/// The given options as a shell reads them, each with a blank before it.
std::string environment_arguments(const hw::EnvironmentOptions& options);

}  // namespace phasebit::cli
