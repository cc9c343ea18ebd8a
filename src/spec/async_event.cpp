#include "src/spec/async_event.hpp"

#include <array>

#include "src/spec/name_table.hpp"

namespace phasebit::spec {
namespace {

constexpr auto events = std::to_array<Named<AsyncEvent>>({
    {async_event(AsyncErrorInfo::invalid_doorbell_register), "invalid_doorbell_register"},
    {async_event(AsyncErrorInfo::invalid_doorbell_value), "invalid_doorbell_value"},
    {async_event(AsyncErrorInfo::diagnostic_failure), "diagnostic_failure"},
    {async_event(AsyncErrorInfo::persistent_internal_error), "persistent_internal_error"},
    {async_event(AsyncErrorInfo::transient_internal_error), "transient_internal_error"},
    {async_event(AsyncErrorInfo::firmware_image_load_error), "firmware_image_load_error"},
    {async_event(AsyncSmartInfo::subsystem_reliability), "subsystem_reliability"},
    {async_event(AsyncSmartInfo::temperature_threshold), "temperature_threshold"},
    {async_event(AsyncSmartInfo::spare_below_threshold), "spare_below_threshold"},
    {async_event(AsyncNoticeInfo::namespace_attribute_changed, Lid::changed_namespaces), "namespace_attribute_changed"},
    {async_event(AsyncNoticeInfo::firmware_activation_starting, Lid::firmware_slots), "firmware_activation_starting"},
    {async_event(AsyncNoticeInfo::telemetry_log_changed, Lid::telemetry_controller), "telemetry_log_changed"},
    {async_event(AsyncNoticeInfo::ana_change, Lid::asymmetric_namespace_access), "ana_change"},
    {async_event(AsyncNoticeInfo::predictable_latency_log_changed, Lid::predictable_latency_events), "predictable_latency_log_changed"},
    {async_event(AsyncNoticeInfo::lba_status_information, Lid::lba_status), "lba_status_information"},
    {async_event(AsyncNoticeInfo::endurance_group_log_changed, Lid::endurance_group_events), "endurance_group_log_changed"},
    {async_event(AsyncNvmInfo::reservation_log_available, Lid::reservation_notification), "reservation_log_available"},
    {async_event(AsyncNvmInfo::sanitize_completed, Lid::sanitize_status), "sanitize_completed"},
    {async_event(AsyncNvmInfo::sanitize_completed_with_deallocation, Lid::sanitize_status), "sanitize_completed_with_deallocation"},
});

}  // namespace

std::string_view async_event_name(AsyncEvent event) {
  for (const auto& row : events) {
    if (row.value.with(AsyncEvent::lid, event.get(AsyncEvent::lid)) == AsyncEvent{event.raw & 0x00ff'ff07}) {
      return row.name;
    }
  }
  return {};
}

std::optional<AsyncEvent> async_event_from_name(std::string_view name) {
  return value_in<AsyncEvent>(events, name);
}

}  // namespace phasebit::spec
