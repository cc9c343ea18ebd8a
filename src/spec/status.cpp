#include "src/spec/status.hpp"

#include <algorithm>
#include <array>

namespace phasebit::spec {
namespace {

struct Row {
  Status status;
  std::string_view identifier;
  std::string_view text;
};

// clang-format off
constexpr auto rows = std::to_array<Row>({
    {make_status(GenericStatus::success), "success", "Successful Completion"},
    {make_status(GenericStatus::invalid_opcode), "invalid_opcode", "Invalid Command Opcode"},
    {make_status(GenericStatus::invalid_field), "invalid_field", "Invalid Field in Command"},
    {make_status(GenericStatus::command_id_conflict), "command_id_conflict", "Command ID Conflict"},
    {make_status(GenericStatus::data_transfer_error), "data_transfer_error", "Data Transfer Error"},
    {make_status(GenericStatus::aborted_power_loss), "aborted_power_loss", "Commands Aborted due to Power Loss Notification"},
    {make_status(GenericStatus::internal_error), "internal_error", "Internal Error"},
    {make_status(GenericStatus::abort_requested), "abort_requested", "Command Abort Requested"},
    {make_status(GenericStatus::aborted_sq_deletion), "aborted_sq_deletion", "Command Aborted due to SQ Deletion"},
    {make_status(GenericStatus::aborted_failed_fused), "aborted_failed_fused", "Command Aborted due to Failed Fused Command"},
    {make_status(GenericStatus::aborted_missing_fused), "aborted_missing_fused", "Command Aborted due to Missing Fused Command"},
    {make_status(GenericStatus::invalid_namespace_or_format), "invalid_namespace_or_format", "Invalid Namespace or Format"},
    {make_status(GenericStatus::command_sequence_error), "command_sequence_error", "Command Sequence Error"},
    {make_status(GenericStatus::invalid_sgl_segment_descriptor), "invalid_sgl_segment_descriptor", "Invalid SGL Segment Descriptor"},
    {make_status(GenericStatus::invalid_number_of_sgl_descriptors), "invalid_number_of_sgl_descriptors", "Invalid Number of SGL Descriptors"},
    {make_status(GenericStatus::data_sgl_length_invalid), "data_sgl_length_invalid", "Data SGL Length Invalid"},
    {make_status(GenericStatus::metadata_sgl_length_invalid), "metadata_sgl_length_invalid", "Metadata SGL Length Invalid"},
    {make_status(GenericStatus::sgl_descriptor_type_invalid), "sgl_descriptor_type_invalid", "SGL Descriptor Type Invalid"},
    {make_status(GenericStatus::invalid_use_of_cmb), "invalid_use_of_cmb", "Invalid Use of Controller Memory Buffer"},
    {make_status(GenericStatus::prp_offset_invalid), "prp_offset_invalid", "PRP Offset Invalid"},
    {make_status(GenericStatus::atomic_write_unit_exceeded), "atomic_write_unit_exceeded", "Atomic Write Unit Exceeded"},
    {make_status(GenericStatus::operation_denied), "operation_denied", "Operation Denied"},
    {make_status(GenericStatus::sgl_offset_invalid), "sgl_offset_invalid", "SGL Offset Invalid"},
    {make_status(GenericStatus::host_identifier_inconsistent_format), "host_identifier_inconsistent_format", "Host Identifier Inconsistent Format"},
    {make_status(GenericStatus::keep_alive_timer_expired), "keep_alive_timer_expired", "Keep Alive Timer Expired"},
    {make_status(GenericStatus::keep_alive_timeout_invalid), "keep_alive_timeout_invalid", "Keep Alive Timeout Invalid"},
    {make_status(GenericStatus::aborted_preempt_and_abort), "aborted_preempt_and_abort", "Command Aborted due to Preempt and Abort"},
    {make_status(GenericStatus::sanitize_failed), "sanitize_failed", "Sanitize Failed"},
    {make_status(GenericStatus::sanitize_in_progress), "sanitize_in_progress", "Sanitize In Progress"},
    {make_status(GenericStatus::sgl_data_block_granularity_invalid), "sgl_data_block_granularity_invalid", "SGL Data Block Granularity Invalid"},
    {make_status(GenericStatus::command_not_supported_for_queue_in_cmb), "command_not_supported_for_queue_in_cmb", "Command Not Supported for Queue in CMB"},
    {make_status(GenericStatus::namespace_write_protected), "namespace_write_protected", "Namespace is Write Protected"},
    {make_status(GenericStatus::command_interrupted), "command_interrupted", "Command Interrupted"},
    {make_status(GenericStatus::transient_transport_error), "transient_transport_error", "Transient Transport Error"},
    {make_status(GenericStatus::prohibited_by_lockdown), "prohibited_by_lockdown", "Command Prohibited by Command and Feature Lockdown"},
    {make_status(GenericStatus::admin_command_media_not_ready), "admin_command_media_not_ready", "Admin Command Media Not Ready"},
    {make_status(GenericStatus::lba_out_of_range), "lba_out_of_range", "LBA Out of Range"},
    {make_status(GenericStatus::capacity_exceeded), "capacity_exceeded", "Capacity Exceeded"},
    {make_status(GenericStatus::namespace_not_ready), "namespace_not_ready", "Namespace Not Ready"},
    {make_status(GenericStatus::reservation_conflict), "reservation_conflict", "Reservation Conflict"},
    {make_status(GenericStatus::format_in_progress), "format_in_progress", "Format In Progress"},
    {make_status(CommandStatus::completion_queue_invalid), "completion_queue_invalid", "Completion Queue Invalid"},
    {make_status(CommandStatus::invalid_queue_identifier), "invalid_queue_identifier", "Invalid Queue Identifier"},
    {make_status(CommandStatus::invalid_queue_size), "invalid_queue_size", "Invalid Queue Size"},
    {make_status(CommandStatus::abort_command_limit_exceeded), "abort_command_limit_exceeded", "Abort Command Limit Exceeded"},
    {make_status(CommandStatus::async_event_request_limit_exceeded), "async_event_request_limit_exceeded", "Asynchronous Event Request Limit Exceeded"},
    {make_status(CommandStatus::invalid_firmware_slot), "invalid_firmware_slot", "Invalid Firmware Slot"},
    {make_status(CommandStatus::invalid_firmware_image), "invalid_firmware_image", "Invalid Firmware Image"},
    {make_status(CommandStatus::invalid_interrupt_vector), "invalid_interrupt_vector", "Invalid Interrupt Vector"},
    {make_status(CommandStatus::invalid_log_page), "invalid_log_page", "Invalid Log Page"},
    {make_status(CommandStatus::invalid_format), "invalid_format", "Invalid Format"},
    {make_status(CommandStatus::firmware_activation_requires_conventional_reset), "firmware_activation_requires_conventional_reset", "Firmware Activation Requires Conventional Reset"},
    {make_status(CommandStatus::invalid_queue_deletion), "invalid_queue_deletion", "Invalid Queue Deletion"},
    {make_status(CommandStatus::feature_identifier_not_saveable), "feature_identifier_not_saveable", "Feature Identifier Not Saveable"},
    {make_status(CommandStatus::feature_not_changeable), "feature_not_changeable", "Feature Not Changeable"},
    {make_status(CommandStatus::feature_not_namespace_specific), "feature_not_namespace_specific", "Feature Not Namespace Specific"},
    {make_status(CommandStatus::firmware_activation_requires_subsystem_reset), "firmware_activation_requires_subsystem_reset", "Firmware Activation Requires NVM Subsystem Reset"},
    {make_status(CommandStatus::firmware_activation_requires_controller_reset), "firmware_activation_requires_controller_reset", "Firmware Activation Requires Controller Level Reset"},
    {make_status(CommandStatus::firmware_activation_requires_maximum_time_violation), "firmware_activation_requires_maximum_time_violation", "Firmware Activation Requires Maximum Time Violation"},
    {make_status(CommandStatus::firmware_activation_prohibited), "firmware_activation_prohibited", "Firmware Activation Prohibited"},
    {make_status(CommandStatus::overlapping_range), "overlapping_range", "Overlapping Range"},
    {make_status(CommandStatus::namespace_insufficient_capacity), "namespace_insufficient_capacity", "Namespace Insufficient Capacity"},
    {make_status(CommandStatus::namespace_identifier_unavailable), "namespace_identifier_unavailable", "Namespace Identifier Unavailable"},
    {make_status(CommandStatus::namespace_already_attached), "namespace_already_attached", "Namespace Already Attached"},
    {make_status(CommandStatus::namespace_is_private), "namespace_is_private", "Namespace Is Private"},
    {make_status(CommandStatus::namespace_not_attached), "namespace_not_attached", "Namespace Not Attached"},
    {make_status(CommandStatus::thin_provisioning_not_supported), "thin_provisioning_not_supported", "Thin Provisioning Not Supported"},
    {make_status(CommandStatus::controller_list_invalid), "controller_list_invalid", "Controller List Invalid"},
    {make_status(CommandStatus::device_self_test_in_progress), "device_self_test_in_progress", "Device Self-test In Progress"},
    {make_status(CommandStatus::boot_partition_write_prohibited), "boot_partition_write_prohibited", "Boot Partition Write Prohibited"},
    {make_status(CommandStatus::invalid_controller_identifier), "invalid_controller_identifier", "Invalid Controller Identifier"},
    {make_status(CommandStatus::invalid_secondary_controller_state), "invalid_secondary_controller_state", "Invalid Secondary Controller State"},
    {make_status(CommandStatus::invalid_number_of_controller_resources), "invalid_number_of_controller_resources", "Invalid Number of Controller Resources"},
    {make_status(CommandStatus::invalid_resource_identifier), "invalid_resource_identifier", "Invalid Resource Identifier"},
    {make_status(CommandStatus::sanitize_prohibited_while_pmr_enabled), "sanitize_prohibited_while_pmr_enabled", "Sanitize Prohibited While Persistent Memory Region is Enabled"},
    {make_status(CommandStatus::ana_group_identifier_invalid), "ana_group_identifier_invalid", "ANA Group Identifier Invalid"},
    {make_status(CommandStatus::ana_attach_failed), "ana_attach_failed", "ANA Attach Failed"},
    {make_status(CommandStatus::insufficient_capacity), "insufficient_capacity", "Insufficient Capacity"},
    {make_status(CommandStatus::namespace_attachment_limit_exceeded), "namespace_attachment_limit_exceeded", "Namespace Attachment Limit Exceeded"},
    {make_status(CommandStatus::prohibition_of_command_execution_not_supported), "prohibition_of_command_execution_not_supported", "Prohibition of Command Execution Not Supported"},
    {make_status(CommandStatus::io_command_set_not_supported), "io_command_set_not_supported", "I/O Command Set Not Supported"},
    {make_status(CommandStatus::io_command_set_not_enabled), "io_command_set_not_enabled", "I/O Command Set Not Enabled"},
    {make_status(CommandStatus::io_command_set_combination_rejected), "io_command_set_combination_rejected", "I/O Command Set Combination Rejected"},
    {make_status(CommandStatus::invalid_io_command_set), "invalid_io_command_set", "Invalid I/O Command Set"},
    {make_status(CommandStatus::identifier_unavailable), "identifier_unavailable", "Identifier Unavailable"},
    {make_status(CommandStatus::conflicting_attributes), "conflicting_attributes", "Conflicting Attributes"},
    {make_status(CommandStatus::invalid_protection_information), "invalid_protection_information", "Invalid Protection Information"},
    {make_status(CommandStatus::attempted_write_to_read_only_range), "attempted_write_to_read_only_range", "Attempted Write to Read Only Range"},
    {make_status(CommandStatus::command_size_limit_exceeded), "command_size_limit_exceeded", "Command Size Limit Exceeded"},
    {make_status(MediaStatus::write_fault), "write_fault", "Write Fault"},
    {make_status(MediaStatus::unrecovered_read_error), "unrecovered_read_error", "Unrecovered Read Error"},
    {make_status(MediaStatus::guard_check_error), "guard_check_error", "End-to-end Guard Check Error"},
    {make_status(MediaStatus::application_tag_check_error), "application_tag_check_error", "End-to-end Application Tag Check Error"},
    {make_status(MediaStatus::reference_tag_check_error), "reference_tag_check_error", "End-to-end Reference Tag Check Error"},
    {make_status(MediaStatus::compare_failure), "compare_failure", "Compare Failure"},
    {make_status(MediaStatus::access_denied), "access_denied", "Access Denied"},
    {make_status(MediaStatus::deallocated_or_unwritten_logical_block), "deallocated_or_unwritten_logical_block", "Deallocated or Unwritten Logical Block"},
    {make_status(MediaStatus::storage_tag_check_error), "storage_tag_check_error", "End-to-End Storage Tag Check Error"},
    {make_status(PathStatus::internal_path_error), "internal_path_error", "Internal Path Error"},
    {make_status(PathStatus::ana_persistent_loss), "ana_persistent_loss", "Asymmetric Access Persistent Loss"},
    {make_status(PathStatus::ana_inaccessible), "ana_inaccessible", "Asymmetric Access Inaccessible"},
    {make_status(PathStatus::ana_transition), "ana_transition", "Asymmetric Access Transition"},
    {make_status(PathStatus::controller_pathing_error), "controller_pathing_error", "Controller Pathing Error"},
    {make_status(PathStatus::host_pathing_error), "host_pathing_error", "Host Pathing Error"},
    {make_status(PathStatus::command_aborted_by_host), "command_aborted_by_host", "Command Aborted By Host"},
});
// clang-format on

const Row* row_of(Status status) {
  const auto* row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.status == verdict_of(status); });
  return row == rows.end() ? nullptr : row;
}

}  // namespace

std::string_view status_name(Status status) {
  if (const Row* row = row_of(status)) {
    return row->text;
  }
  const bool vendor = status.get(Status::sct) == Sct::vendor_specific || status.get(Status::sc) >= 0xc0;
  return vendor ? "Vendor Specific" : "Unknown";
}

std::string_view status_identifier(Status status) {
  const Row* row = row_of(status);
  return row != nullptr ? row->identifier : std::string_view{};
}

std::optional<Status> status_from_name(std::string_view identifier) {
  for (const Row& row : rows) {
    if (row.identifier == identifier) {
      return row.status;
    }
  }
  return std::nullopt;
}

}  // namespace phasebit::spec
