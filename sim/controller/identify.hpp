// What Identify answers (Base 2.0 §5.17).
#pragma once

#include <cstddef>
#include <span>

#include "sim/controller/device.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {

/// What the drive answers: what it says of itself by its options, and the raw bytes over it.
spec::IdentifyController identify_controller(const DriveOptions& options);
spec::IdentifyControllerNvm identify_controller_nvm(const DriveOptions& options);
spec::IdentifyNamespace identify_namespace(const NamespaceState& state, const DriveOptions& options);

/// The same without raw bytes.
spec::IdentifyController own_identify_controller(const DriveOptions& options);
spec::IdentifyControllerNvm own_identify_controller_nvm(const DriveOptions& options);
spec::IdentifyNamespace own_identify_namespace(const NamespaceState& state, const DriveOptions& options);

/// What is asked for can be answered.
spec::Status check_identify(const spec::Identify& command, const Device& device);
/// Fills in all 4096 bytes; the command was checked.
void answer_identify(const spec::Identify& command, const Device& device, std::span<std::byte> data);

}  // namespace phasebit::sim
