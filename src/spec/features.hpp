// Features (Base 2.0 §5.27.1, NVM Command Set 1.0 §4.1.3): identifiers and the layouts of dword 11 or of their data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/time.hpp"
#include "src/spec/bits.hpp"
#include "src/spec/units.hpp"

namespace phasebit::spec {

/// Feature Identifier (Base 2.0 Figure 317).
enum class Fid : std::uint8_t {
  arbitration = 0x01,
  power_management = 0x02,
  lba_range_type = 0x03,
  temperature_threshold = 0x04,
  error_recovery = 0x05,
  volatile_write_cache = 0x06,
  number_of_queues = 0x07,
  interrupt_coalescing = 0x08,
  interrupt_vector_configuration = 0x09,
  write_atomicity_normal = 0x0a,
  async_event_configuration = 0x0b,
  autonomous_power_state_transition = 0x0c,
  host_memory_buffer = 0x0d,
  timestamp = 0x0e,
  keep_alive_timer = 0x0f,
  host_controlled_thermal_management = 0x10,
  non_operational_power_state = 0x11,
  read_recovery_level = 0x12,
  predictable_latency_mode = 0x13,
  predictable_latency_window = 0x14,
  lba_status_information_report = 0x15,
  host_behavior_support = 0x16,
  sanitize_configuration = 0x17,
  endurance_group_events = 0x18,
  io_command_set_profile = 0x19,
  spinup_control = 0x1a,
  software_progress_marker = 0x80,
  host_identifier = 0x81,
  reservation_notification_mask = 0x82,
  reservation_persistence = 0x83,
  namespace_write_protection = 0x84,
};

/// 01h, Arbitration (§5.27.1.1): the burst is 2^AB commands, 7 for no limit; weights are zero-based.
struct Arbitration : Bits<Arbitration, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Arbitration, 0, 3> ab{};
  static constexpr Field<Arbitration, 8, 8> lpw{};
  static constexpr Field<Arbitration, 16, 8> mpw{};
  static constexpr Field<Arbitration, 24, 8> hpw{};
};

/// Commands that one queue may launch in its turn: 1 to 64, or `unlimited`.
constexpr std::uint64_t arbitration_burst(Arbitration value) {
  return value.get(Arbitration::ab) == 7 ? unlimited : power_of_two(value.get(Arbitration::ab));
}

/// Commands that a class of queues may launch in its turn under weighted round robin: 1 to 256.
constexpr std::uint32_t low_priority_weight(Arbitration value) {
  return count_from_zero_based(value.get(Arbitration::lpw));
}
constexpr std::uint32_t medium_priority_weight(Arbitration value) {
  return count_from_zero_based(value.get(Arbitration::mpw));
}
constexpr std::uint32_t high_priority_weight(Arbitration value) {
  return count_from_zero_based(value.get(Arbitration::hpw));
}

/// 02h, Power Management (§5.27.1.2).
struct PowerManagement : Bits<PowerManagement, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<PowerManagement, 0, 5> ps{};
  static constexpr Field<PowerManagement, 5, 3> wh{};
};

/// 04h, Temperature Threshold (§5.27.1.3), in kelvins.
struct TemperatureThreshold : Bits<TemperatureThreshold, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<TemperatureThreshold, 0, 16> tmpth{};
  static constexpr Field<TemperatureThreshold, 16, 4> tmpsel{};  ///< 0 composite, 1 to 8 a sensor, 15 all
  static constexpr Field<TemperatureThreshold, 20, 2> thsel{};   ///< 0 over, 1 under
};

/// 05h, Error Recovery (NVM Command Set 1.0 §4.1.3.2).
struct ErrorRecovery : Bits<ErrorRecovery, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<ErrorRecovery, 0, 16> tler{};  ///< steps of 100 ms; 0 is no limit
  static constexpr Field<ErrorRecovery, 16, 1> dulbe{};
};

/// How long the controller may try to recover from an error; 0 is as long as it likes.
constexpr Duration error_recovery_limit(ErrorRecovery value) {
  return from_100_ms(value.get(ErrorRecovery::tler));
}

/// 06h, Volatile Write Cache (§5.27.1.4).
struct VolatileWriteCache : Bits<VolatileWriteCache, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<VolatileWriteCache, 0, 1> wce{};
};

/// 07h, Number of Queues (§5.27.1.5): what is asked for in dword 11, what is granted in dword 0 of the completion. Both zero-based.
struct NumberOfQueues : Bits<NumberOfQueues, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<NumberOfQueues, 0, 16> nsq{};
  static constexpr Field<NumberOfQueues, 16, 16> ncq{};
};

/// Counts of I/O queues, 1 to 65535 each (FFFFh on the wire is not allowed, but a drive may say so: 65536).
constexpr NumberOfQueues number_of_queues(std::uint32_t submission_queues, std::uint32_t completion_queues) {
  const std::uint16_t nsq = zero_based16(submission_queues);
  const std::uint16_t ncq = zero_based16(completion_queues);
  return NumberOfQueues{}.with(NumberOfQueues::nsq, nsq).with(NumberOfQueues::ncq, ncq);
}
constexpr std::uint32_t submission_queues(NumberOfQueues value) {
  return count_from_zero_based(value.get(NumberOfQueues::nsq));
}
constexpr std::uint32_t completion_queues(NumberOfQueues value) {
  return count_from_zero_based(value.get(NumberOfQueues::ncq));
}

/// 08h, Interrupt Coalescing (§5.27.1.6).
struct InterruptCoalescing : Bits<InterruptCoalescing, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<InterruptCoalescing, 0, 8> thr{};   ///< completions, zero-based
  static constexpr Field<InterruptCoalescing, 8, 8> time{};  ///< steps of 100 us
};

/// Completions, 1 to 256, and time that may gather before an interrupt.
constexpr std::uint32_t coalesced_completions(InterruptCoalescing value) {
  return count_from_zero_based(value.get(InterruptCoalescing::thr));
}
constexpr Duration coalescing_time(InterruptCoalescing value) {
  return microseconds(100) * value.get(InterruptCoalescing::time);
}

/// 09h, Interrupt Vector Configuration (§5.27.1.7).
struct InterruptVectorConfiguration : Bits<InterruptVectorConfiguration, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<InterruptVectorConfiguration, 0, 16> iv{};
  static constexpr Field<InterruptVectorConfiguration, 16, 1> cd{};
};

/// 0Ah, Write Atomicity Normal (NVM Command Set 1.0 §4.1.3.4).
struct WriteAtomicityNormal : Bits<WriteAtomicityNormal, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<WriteAtomicityNormal, 0, 1> dn{};  ///< AWUN need not be honoured, AWUPF still has to be
};

/// 0Bh, Asynchronous Event Configuration (§5.27.1.8): which events the host wants.
struct AsyncEventConfiguration : Bits<AsyncEventConfiguration, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<AsyncEventConfiguration, 0, 8> smart{};  ///< by bits of SMART's critical warning
  static constexpr Field<AsyncEventConfiguration, 8, 1> namespace_attributes{};
  static constexpr Field<AsyncEventConfiguration, 9, 1> firmware_activation{};
  static constexpr Field<AsyncEventConfiguration, 10, 1> telemetry{};
  static constexpr Field<AsyncEventConfiguration, 11, 1> ana_change{};
  static constexpr Field<AsyncEventConfiguration, 12, 1> predictable_latency{};
  static constexpr Field<AsyncEventConfiguration, 13, 1> lba_status{};
  static constexpr Field<AsyncEventConfiguration, 14, 1> endurance_group{};
  static constexpr Field<AsyncEventConfiguration, 15, 1> normal_shutdown{};
};

/// 84h, Namespace Write Protection Config (§5.27.1.29).
enum class WriteProtection : std::uint8_t { none = 0, write_protect = 1, until_power_cycle = 2, permanent = 3 };

/// 16h, Host Behavior Support (§5.27.1.18): 512 bytes of data.
struct HostBehaviorSupport {
  std::uint8_t acre = 0;    ///< 1: Advanced Command Retry, the controller may set CRD
  std::uint8_t etdas = 0;   ///< 1: Extended Telemetry Data Area 4
  std::uint8_t lbafee = 0;  ///< 1: more than 16 LBA formats
  std::array<std::uint8_t, 509> reserved_3{};
};
static_assert(sizeof(HostBehaviorSupport) == 512 && offsetof(HostBehaviorSupport, lbafee) == 2);

}  // namespace phasebit::spec
