// Log pages (Base 2.0 §5.16.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/little_endian.hpp"
#include "src/spec/bits.hpp"
#include "src/spec/log_page_id.hpp"
#include "src/spec/wide.hpp"

namespace phasebit::spec {

/// One entry of Error Information, LID 01h (Figure 206). Newest first; an error count of 0 is an unused entry.
struct ErrorLogEntry {
  Le64 error_count;
  Le16 sqid;          ///< FFFFh: not of one command
  Le16 cid;           ///< FFFFh likewise
  Le16 status_phase;  ///< as bytes 14 and 15 of the completion: status in bits 15:1
  Le16 parameter_error_location;
  Le64 lba;
  Le32 nsid;
  std::uint8_t vendor_log_page = 0;
  std::uint8_t trtype = 0;
  std::array<std::uint8_t, 2> reserved_30{};
  Le64 command_specific;
  Le16 transport_specific;
  std::array<std::uint8_t, 22> reserved_42{};
};
static_assert(sizeof(ErrorLogEntry) == 64);
static_assert(offsetof(ErrorLogEntry, sqid) == 8 && offsetof(ErrorLogEntry, cid) == 10);
static_assert(offsetof(ErrorLogEntry, status_phase) == 12 && offsetof(ErrorLogEntry, parameter_error_location) == 14);
static_assert(offsetof(ErrorLogEntry, lba) == 16 && offsetof(ErrorLogEntry, nsid) == 24);
static_assert(offsetof(ErrorLogEntry, vendor_log_page) == 28 && offsetof(ErrorLogEntry, trtype) == 29);
static_assert(offsetof(ErrorLogEntry, command_specific) == 32 && offsetof(ErrorLogEntry, transport_specific) == 40);

/// SMART's critical warning.
struct CriticalWarning : Bits<CriticalWarning, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<CriticalWarning, 0, 1> spare_below_threshold{};
  static constexpr Field<CriticalWarning, 1, 1> temperature{};
  static constexpr Field<CriticalWarning, 2, 1> reliability_degraded{};
  static constexpr Field<CriticalWarning, 3, 1> read_only{};
  static constexpr Field<CriticalWarning, 4, 1> volatile_backup_failed{};
  static constexpr Field<CriticalWarning, 5, 1> pmr_unreliable{};
};

/// SMART / Health Information, LID 02h (Figure 207).
struct SmartLog {
  std::uint8_t critical_warning = 0;
  std::array<std::uint8_t, 2> composite_temperature{};  ///< kelvins, little endian, not aligned
  std::uint8_t available_spare = 0;                     ///< percent
  std::uint8_t available_spare_threshold = 0;
  std::uint8_t percentage_used = 0;
  std::uint8_t endurance_group_critical_warning = 0;
  std::array<std::uint8_t, 25> reserved_7{};
  Le128 data_units_read;  ///< thousands of 512 bytes, rounded up
  Le128 data_units_written;
  Le128 host_read_commands;
  Le128 host_write_commands;
  Le128 controller_busy_time;  ///< minutes
  Le128 power_cycles;
  Le128 power_on_hours;
  Le128 unsafe_shutdowns;
  Le128 media_errors;
  Le128 error_log_entries;
  Le32 warning_temperature_time;   ///< minutes
  Le32 critical_temperature_time;  ///< minutes
  std::array<Le16, 8> temperature_sensor{};
  Le32 thermal_transitions_1;
  Le32 thermal_transitions_2;
  Le32 thermal_time_1;
  Le32 thermal_time_2;
  std::array<std::uint8_t, 280> reserved_232{};

  constexpr std::uint16_t temperature_kelvins() const {
    return static_cast<std::uint16_t>(composite_temperature[1] << 8 | composite_temperature[0]);
  }
  constexpr void set_temperature_kelvins(std::uint16_t kelvins) {
    composite_temperature = {static_cast<std::uint8_t>(kelvins & 0xff), static_cast<std::uint8_t>(kelvins >> 8)};
  }
};
static_assert(sizeof(SmartLog) == 512);
static_assert(offsetof(SmartLog, composite_temperature) == 1 && offsetof(SmartLog, available_spare) == 3);
static_assert(offsetof(SmartLog, percentage_used) == 5 && offsetof(SmartLog, data_units_read) == 32);
static_assert(offsetof(SmartLog, data_units_written) == 48 && offsetof(SmartLog, host_read_commands) == 64);
static_assert(offsetof(SmartLog, host_write_commands) == 80 && offsetof(SmartLog, controller_busy_time) == 96);
static_assert(offsetof(SmartLog, power_cycles) == 112 && offsetof(SmartLog, power_on_hours) == 128);
static_assert(offsetof(SmartLog, unsafe_shutdowns) == 144 && offsetof(SmartLog, media_errors) == 160);
static_assert(offsetof(SmartLog, error_log_entries) == 176 && offsetof(SmartLog, warning_temperature_time) == 192);
static_assert(offsetof(SmartLog, temperature_sensor) == 200 && offsetof(SmartLog, thermal_transitions_1) == 216);

/// SMART counts data in thousands of 512 bytes, rounded up.
constexpr std::uint64_t smart_data_units(std::uint64_t bytes) {
  return bytes / 512'000 + (bytes % 512'000 != 0 ? 1 : 0);
}

/// Active Firmware Info: slots are 1 to 7, 0 is none.
struct Afi : Bits<Afi, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Afi, 0, 3> active{};
  static constexpr Field<Afi, 4, 3> next_reset{};
};

/// Firmware Slot Information, LID 03h (Figure 208).
struct FirmwareSlotLog {
  std::uint8_t afi = 0;
  std::array<std::uint8_t, 7> reserved_1{};
  std::array<PaddedText<8>, 7> revision{};  ///< of slot 1 first
  std::array<std::uint8_t, 448> reserved_64{};
};
static_assert(sizeof(FirmwareSlotLog) == 512 && offsetof(FirmwareSlotLog, revision) == 8);

/// Changed Namespace List, LID 04h (§5.16.1.5): ascending, zeroes to the end; FFFFFFFFh alone when there are more than 1024.
struct ChangedNamespaceLog {
  std::array<Le32, 1024> nsid{};
};
static_assert(sizeof(ChangedNamespaceLog) == 4096);

/// One command's effects (Figure 211).
struct CommandEffects : Bits<CommandEffects, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<CommandEffects, 0, 1> csupp{};
  static constexpr Field<CommandEffects, 1, 1> lbcc{};
  static constexpr Field<CommandEffects, 2, 1> ncc{};
  static constexpr Field<CommandEffects, 3, 1> nic{};
  static constexpr Field<CommandEffects, 4, 1> ccc{};
  static constexpr Field<CommandEffects, 16, 3> cse{};
  static constexpr Field<CommandEffects, 19, 1> uss{};
  static constexpr Field<CommandEffects, 20, 12> csp{};
};

/// Commands Supported and Effects, LID 05h (Figure 210), indexed by opcode.
struct CommandEffectsLog {
  std::array<Le32, 256> acs{};
  std::array<Le32, 256> iocs{};
  std::array<std::uint8_t, 2048> reserved_2048{};
};
static_assert(sizeof(CommandEffectsLog) == 4096 && offsetof(CommandEffectsLog, iocs) == 1024);

}  // namespace phasebit::spec
