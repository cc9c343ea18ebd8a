// What Identify can be asked for (Base 2.0 §5.17, Figure 273) and of which I/O command set.
#pragma once

#include <cstdint>

namespace phasebit::spec {

/// Controller or Namespace Structure.
enum class Cns : std::uint8_t {
  identify_namespace = 0x00,
  controller = 0x01,
  active_namespaces = 0x02,
  namespace_descriptors = 0x03,
  nvm_sets = 0x04,
  namespace_of_command_set = 0x05,
  controller_of_command_set = 0x06,
  active_namespaces_of_command_set = 0x07,
  namespace_independent = 0x08,
  allocated_namespaces = 0x10,
  allocated_namespace = 0x11,
  controllers_of_namespace = 0x12,
  controllers_of_subsystem = 0x13,
  primary_controller_capabilities = 0x14,
  secondary_controllers = 0x15,
  namespace_granularities = 0x16,
  uuids = 0x17,
  domains = 0x18,
  endurance_groups = 0x19,
  allocated_namespaces_of_command_set = 0x1a,
  allocated_namespace_of_command_set = 0x1b,
  io_command_sets = 0x1c,
};

/// Command Set Identifier (Base 2.0 Figure 274).
enum class Csi : std::uint8_t { nvm = 0x00, key_value = 0x01, zoned = 0x02 };

/// Bytes of every structure that Identify returns.
inline constexpr std::uint32_t identify_bytes = 4096;

}  // namespace phasebit::spec
