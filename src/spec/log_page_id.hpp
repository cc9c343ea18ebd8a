// Log Page Identifiers (Base 2.0 Figure 202).
#pragma once

#include <cstdint>

namespace phasebit::spec {

enum class Lid : std::uint8_t {
  supported_log_pages = 0x00,
  error_information = 0x01,
  smart = 0x02,
  firmware_slots = 0x03,
  changed_namespaces = 0x04,
  command_effects = 0x05,
  device_self_test = 0x06,
  telemetry_host = 0x07,
  telemetry_controller = 0x08,
  endurance_group = 0x09,
  predictable_latency_per_set = 0x0a,
  predictable_latency_events = 0x0b,
  asymmetric_namespace_access = 0x0c,
  persistent_events = 0x0d,
  lba_status = 0x0e,
  endurance_group_events = 0x0f,
  media_unit_status = 0x10,
  supported_capacity_configurations = 0x11,
  feature_effects = 0x12,
  nvme_mi_effects = 0x13,
  lockdown = 0x14,
  boot_partition = 0x15,
  rotational_media = 0x16,
  discovery = 0x70,
  reservation_notification = 0x80,
  sanitize_status = 0x81,
};

}  // namespace phasebit::spec
