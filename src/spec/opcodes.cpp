#include "src/spec/opcodes.hpp"

#include <array>

#include "src/spec/name_table.hpp"

namespace phasebit::spec {
namespace {

constexpr auto admin_rows = std::to_array<Named<AdminOpcode>>({
    {AdminOpcode::delete_io_sq, "delete_io_sq"},
    {AdminOpcode::create_io_sq, "create_io_sq"},
    {AdminOpcode::get_log_page, "get_log_page"},
    {AdminOpcode::delete_io_cq, "delete_io_cq"},
    {AdminOpcode::create_io_cq, "create_io_cq"},
    {AdminOpcode::identify, "identify"},
    {AdminOpcode::abort, "abort"},
    {AdminOpcode::set_features, "set_features"},
    {AdminOpcode::get_features, "get_features"},
    {AdminOpcode::async_event_request, "async_event_request"},
    {AdminOpcode::namespace_management, "namespace_management"},
    {AdminOpcode::firmware_commit, "firmware_commit"},
    {AdminOpcode::firmware_image_download, "firmware_image_download"},
    {AdminOpcode::device_self_test, "device_self_test"},
    {AdminOpcode::namespace_attachment, "namespace_attachment"},
    {AdminOpcode::keep_alive, "keep_alive"},
    {AdminOpcode::directive_send, "directive_send"},
    {AdminOpcode::directive_receive, "directive_receive"},
    {AdminOpcode::virtualization_management, "virtualization_management"},
    {AdminOpcode::nvme_mi_send, "nvme_mi_send"},
    {AdminOpcode::nvme_mi_receive, "nvme_mi_receive"},
    {AdminOpcode::capacity_management, "capacity_management"},
    {AdminOpcode::lockdown, "lockdown"},
    {AdminOpcode::doorbell_buffer_config, "doorbell_buffer_config"},
    {AdminOpcode::fabrics, "fabrics"},
    {AdminOpcode::format_nvm, "format_nvm"},
    {AdminOpcode::security_send, "security_send"},
    {AdminOpcode::security_receive, "security_receive"},
    {AdminOpcode::sanitize, "sanitize"},
    {AdminOpcode::get_lba_status, "get_lba_status"},
});

constexpr auto nvm_rows = std::to_array<Named<NvmOpcode>>({
    {NvmOpcode::flush, "flush"},
    {NvmOpcode::write, "write"},
    {NvmOpcode::read, "read"},
    {NvmOpcode::write_uncorrectable, "write_uncorrectable"},
    {NvmOpcode::compare, "compare"},
    {NvmOpcode::write_zeroes, "write_zeroes"},
    {NvmOpcode::dataset_management, "dataset_management"},
    {NvmOpcode::verify, "verify"},
    {NvmOpcode::reservation_register, "reservation_register"},
    {NvmOpcode::reservation_report, "reservation_report"},
    {NvmOpcode::reservation_acquire, "reservation_acquire"},
    {NvmOpcode::reservation_release, "reservation_release"},
    {NvmOpcode::copy, "copy"},
});

}  // namespace

std::string_view opcode_name(AdminOpcode opcode) {
  return name_in<AdminOpcode>(admin_rows, opcode);
}
std::string_view opcode_name(NvmOpcode opcode) {
  return name_in<NvmOpcode>(nvm_rows, opcode);
}

std::optional<AdminOpcode> admin_opcode_from_name(std::string_view name) {
  return value_in<AdminOpcode>(admin_rows, name);
}
std::optional<NvmOpcode> nvm_opcode_from_name(std::string_view name) {
  return value_in<NvmOpcode>(nvm_rows, name);
}

}  // namespace phasebit::spec
