// What Get Log Page answers (Base 2.0 §5.16).
#pragma once

#include <cstddef>
#include <span>

#include "sim/controller/device.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/log_pages.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {

/// Firmware Slot Information as the drive gives it by itself, without raw bytes.
spec::FirmwareSlotLog own_firmware_log(const DriveOptions& options);

/// The page exists and the offset lies in it.
spec::Status check_log_page(const spec::GetLogPage& command, const Device& device);
/// Fills in `data` from the offset on; what lies beyond the page is zeroes. Events of the page are cleared unless they are to be retained.
void answer_log_page(const spec::GetLogPage& command, Device& device, std::span<std::byte> data, Instant now);

}  // namespace phasebit::sim
