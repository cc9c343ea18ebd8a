// Which fields of its structures the emulated drive decides by itself, whatever raw bytes say.
#pragma once

#include <span>

#include "sim/controller/raw_bytes.hpp"

namespace phasebit::sim {

/// One list for each structure that raw bytes can be laid over, ascending by offset. A field stands in it for one of two reasons: the drive
/// obeys it (sizes, limits, counters), or a host that reads it would ask for something that this drive has not (commands, log pages,
/// features, SGLs). All other bytes inform only.
std::span<const OwnField> own_fields_of_identify_controller();
std::span<const OwnField> own_fields_of_identify_controller_nvm();
std::span<const OwnField> own_fields_of_identify_namespace();
std::span<const OwnField> own_fields_of_smart_log();
/// None: no firmware is ever loaded or chosen.
std::span<const OwnField> own_fields_of_firmware_log();

}  // namespace phasebit::sim
