#include "src/spec/names.hpp"

#include <array>

#include "src/spec/name_table.hpp"

namespace phasebit::spec {
namespace {

constexpr auto features = std::to_array<Named<Fid>>({
    {Fid::arbitration, "arbitration"},
    {Fid::power_management, "power_management"},
    {Fid::lba_range_type, "lba_range_type"},
    {Fid::temperature_threshold, "temperature_threshold"},
    {Fid::error_recovery, "error_recovery"},
    {Fid::volatile_write_cache, "volatile_write_cache"},
    {Fid::number_of_queues, "number_of_queues"},
    {Fid::interrupt_coalescing, "interrupt_coalescing"},
    {Fid::interrupt_vector_configuration, "interrupt_vector_configuration"},
    {Fid::write_atomicity_normal, "write_atomicity_normal"},
    {Fid::async_event_configuration, "async_event_configuration"},
    {Fid::autonomous_power_state_transition, "autonomous_power_state_transition"},
    {Fid::host_memory_buffer, "host_memory_buffer"},
    {Fid::timestamp, "timestamp"},
    {Fid::keep_alive_timer, "keep_alive_timer"},
    {Fid::host_controlled_thermal_management, "host_controlled_thermal_management"},
    {Fid::non_operational_power_state, "non_operational_power_state"},
    {Fid::read_recovery_level, "read_recovery_level"},
    {Fid::predictable_latency_mode, "predictable_latency_mode"},
    {Fid::predictable_latency_window, "predictable_latency_window"},
    {Fid::lba_status_information_report, "lba_status_information_report"},
    {Fid::host_behavior_support, "host_behavior_support"},
    {Fid::sanitize_configuration, "sanitize_configuration"},
    {Fid::endurance_group_events, "endurance_group_events"},
    {Fid::io_command_set_profile, "io_command_set_profile"},
    {Fid::spinup_control, "spinup_control"},
    {Fid::software_progress_marker, "software_progress_marker"},
    {Fid::host_identifier, "host_identifier"},
    {Fid::reservation_notification_mask, "reservation_notification_mask"},
    {Fid::reservation_persistence, "reservation_persistence"},
    {Fid::namespace_write_protection, "namespace_write_protection"},
});

constexpr auto log_pages = std::to_array<Named<Lid>>({
    {Lid::supported_log_pages, "supported_log_pages"},
    {Lid::error_information, "error_information"},
    {Lid::smart, "smart"},
    {Lid::firmware_slots, "firmware_slots"},
    {Lid::changed_namespaces, "changed_namespaces"},
    {Lid::command_effects, "command_effects"},
    {Lid::device_self_test, "device_self_test"},
    {Lid::telemetry_host, "telemetry_host"},
    {Lid::telemetry_controller, "telemetry_controller"},
    {Lid::endurance_group, "endurance_group"},
    {Lid::predictable_latency_per_set, "predictable_latency_per_set"},
    {Lid::predictable_latency_events, "predictable_latency_events"},
    {Lid::asymmetric_namespace_access, "asymmetric_namespace_access"},
    {Lid::persistent_events, "persistent_events"},
    {Lid::lba_status, "lba_status"},
    {Lid::endurance_group_events, "endurance_group_events"},
    {Lid::media_unit_status, "media_unit_status"},
    {Lid::supported_capacity_configurations, "supported_capacity_configurations"},
    {Lid::feature_effects, "feature_effects"},
    {Lid::nvme_mi_effects, "nvme_mi_effects"},
    {Lid::lockdown, "lockdown"},
    {Lid::boot_partition, "boot_partition"},
    {Lid::rotational_media, "rotational_media"},
    {Lid::discovery, "discovery"},
    {Lid::reservation_notification, "reservation_notification"},
    {Lid::sanitize_status, "sanitize_status"},
});

constexpr auto identify_structures = std::to_array<Named<Cns>>({
    {Cns::identify_namespace, "identify_namespace"},
    {Cns::controller, "controller"},
    {Cns::active_namespaces, "active_namespaces"},
    {Cns::namespace_descriptors, "namespace_descriptors"},
    {Cns::nvm_sets, "nvm_sets"},
    {Cns::namespace_of_command_set, "namespace_of_command_set"},
    {Cns::controller_of_command_set, "controller_of_command_set"},
    {Cns::active_namespaces_of_command_set, "active_namespaces_of_command_set"},
    {Cns::namespace_independent, "namespace_independent"},
    {Cns::allocated_namespaces, "allocated_namespaces"},
    {Cns::allocated_namespace, "allocated_namespace"},
    {Cns::controllers_of_namespace, "controllers_of_namespace"},
    {Cns::controllers_of_subsystem, "controllers_of_subsystem"},
    {Cns::primary_controller_capabilities, "primary_controller_capabilities"},
    {Cns::secondary_controllers, "secondary_controllers"},
    {Cns::namespace_granularities, "namespace_granularities"},
    {Cns::uuids, "uuids"},
    {Cns::domains, "domains"},
    {Cns::endurance_groups, "endurance_groups"},
    {Cns::allocated_namespaces_of_command_set, "allocated_namespaces_of_command_set"},
    {Cns::allocated_namespace_of_command_set, "allocated_namespace_of_command_set"},
    {Cns::io_command_sets, "io_command_sets"},
});

}  // namespace

std::string_view feature_name(Fid fid) {
  return name_in<Fid>(features, fid);
}
std::optional<Fid> feature_from_name(std::string_view name) {
  return value_in<Fid>(features, name);
}

std::string_view log_page_name(Lid lid) {
  return name_in<Lid>(log_pages, lid);
}
std::optional<Lid> log_page_from_name(std::string_view name) {
  return value_in<Lid>(log_pages, name);
}

std::string_view identify_name(Cns cns) {
  return name_in<Cns>(identify_structures, cns);
}
std::optional<Cns> identify_from_name(std::string_view name) {
  return value_in<Cns>(identify_structures, name);
}

}  // namespace phasebit::spec
