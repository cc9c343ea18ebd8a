// Opcodes of the admin and NVM command sets (Base 2.0 Figures 138 and 390; NVM Command Set 1.0 Figure 22), their data direction and names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace phasebit::spec {

enum class AdminOpcode : std::uint8_t {
  delete_io_sq = 0x00,
  create_io_sq = 0x01,
  get_log_page = 0x02,
  delete_io_cq = 0x04,
  create_io_cq = 0x05,
  identify = 0x06,
  abort = 0x08,
  set_features = 0x09,
  get_features = 0x0a,
  async_event_request = 0x0c,
  namespace_management = 0x0d,
  firmware_commit = 0x10,
  firmware_image_download = 0x11,
  device_self_test = 0x14,
  namespace_attachment = 0x15,
  keep_alive = 0x18,
  directive_send = 0x19,
  directive_receive = 0x1a,
  virtualization_management = 0x1c,
  nvme_mi_send = 0x1d,
  nvme_mi_receive = 0x1e,
  capacity_management = 0x20,
  lockdown = 0x24,
  doorbell_buffer_config = 0x7c,
  fabrics = 0x7f,
  format_nvm = 0x80,
  security_send = 0x81,
  security_receive = 0x82,
  sanitize = 0x84,
  get_lba_status = 0x86,
};

enum class NvmOpcode : std::uint8_t {
  flush = 0x00,
  write = 0x01,
  read = 0x02,
  write_uncorrectable = 0x04,
  compare = 0x05,
  write_zeroes = 0x08,
  dataset_management = 0x09,
  verify = 0x0c,
  reservation_register = 0x0d,
  reservation_report = 0x0e,
  reservation_acquire = 0x11,
  reservation_release = 0x15,
  copy = 0x19,
};

/// Which way data flows: bits 1:0 of every opcode. Commands that carry none in fact may still say so here.
enum class DataDirection : std::uint8_t { none = 0, host_to_controller = 1, controller_to_host = 2, both = 3 };

constexpr DataDirection data_direction(std::uint8_t opcode) {
  return static_cast<DataDirection>(opcode & 3);
}
constexpr DataDirection data_direction(AdminOpcode opcode) {
  return data_direction(static_cast<std::uint8_t>(opcode));
}
constexpr DataDirection data_direction(NvmOpcode opcode) {
  return data_direction(static_cast<std::uint8_t>(opcode));
}

/// The enumerator's own name, for scenario files and logs: "write_zeroes"; empty for an opcode without one.
std::string_view opcode_name(AdminOpcode opcode);
std::string_view opcode_name(NvmOpcode opcode);

/// The opcode that a name stands for.
std::optional<AdminOpcode> admin_opcode_from_name(std::string_view name);
std::optional<NvmOpcode> nvm_opcode_from_name(std::string_view name);

}  // namespace phasebit::spec
