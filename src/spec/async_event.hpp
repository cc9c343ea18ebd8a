// What a completed Asynchronous Event Request says in dword 0 (Base 2.0 §5.2.1, Figures 145 to 151).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/spec/bits.hpp"
#include "src/spec/log_page_id.hpp"

namespace phasebit::spec {

enum class AsyncEventType : std::uint8_t { error = 0, smart = 1, notice = 2, immediate = 3, io_command_set = 6, vendor_specific = 7 };

/// Dword 0: the type, what of the type, and the log page to read; reading that page without RAE allows the next event of the type.
struct AsyncEvent : Bits<AsyncEvent, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<AsyncEvent, 0, 3, AsyncEventType> type{};
  static constexpr Field<AsyncEvent, 8, 8> info{};
  static constexpr Field<AsyncEvent, 16, 8, Lid> lid{};
};

/// Information of type error.
enum class AsyncErrorInfo : std::uint8_t {
  invalid_doorbell_register = 0x00,
  invalid_doorbell_value = 0x01,
  diagnostic_failure = 0x02,
  persistent_internal_error = 0x03,
  transient_internal_error = 0x04,
  firmware_image_load_error = 0x05,
};

/// Information of type SMART / health.
enum class AsyncSmartInfo : std::uint8_t { subsystem_reliability = 0x00, temperature_threshold = 0x01, spare_below_threshold = 0x02 };

/// Information of type notice.
enum class AsyncNoticeInfo : std::uint8_t {
  namespace_attribute_changed = 0x00,
  firmware_activation_starting = 0x01,
  telemetry_log_changed = 0x02,
  ana_change = 0x03,
  predictable_latency_log_changed = 0x04,
  lba_status_information = 0x05,
  endurance_group_log_changed = 0x06,
};

/// Information of the NVM command set.
enum class AsyncNvmInfo : std::uint8_t {
  reservation_log_available = 0x00,
  sanitize_completed = 0x01,
  sanitize_completed_with_deallocation = 0x02,
};

/// Dword 0 of an event: the information of its type, and the page that tells more.
constexpr AsyncEvent async_event(AsyncEventType type, std::uint8_t info, Lid lid) {
  return AsyncEvent{}.with(AsyncEvent::type, type).with(AsyncEvent::info, info).with(AsyncEvent::lid, lid);
}
constexpr AsyncEvent async_event(AsyncErrorInfo info) {
  return async_event(AsyncEventType::error, static_cast<std::uint8_t>(info), Lid::error_information);
}
constexpr AsyncEvent async_event(AsyncSmartInfo info) {
  return async_event(AsyncEventType::smart, static_cast<std::uint8_t>(info), Lid::smart);
}
/// The page of a notice depends on the notice.
constexpr AsyncEvent async_event(AsyncNoticeInfo info, Lid lid) {
  return async_event(AsyncEventType::notice, static_cast<std::uint8_t>(info), lid);
}

constexpr AsyncEvent async_event(AsyncNvmInfo info, Lid lid) {
  return async_event(AsyncEventType::io_command_set, static_cast<std::uint8_t>(info), lid);
}

/// "namespace_attribute_changed", by type and information; empty for an event without a name. And back, with the page that belongs to it.
std::string_view async_event_name(AsyncEvent event);
std::optional<AsyncEvent> async_event_from_name(std::string_view name);

}  // namespace phasebit::spec
