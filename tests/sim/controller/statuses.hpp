// Status values as the specification prints them, apart from src/spec: NVM Command Set 1.0 §3 and Base 2.0 §3.3.3.2.1, SCT in bits 10:8, SC
// in bits 7:0.
#pragma once

#include <cstdint>

namespace phasebit::sim::statuses {

inline constexpr std::uint16_t invalid_opcode = 0x001;
inline constexpr std::uint16_t invalid_field = 0x002;
inline constexpr std::uint16_t command_id_conflict = 0x003;
inline constexpr std::uint16_t data_transfer_error = 0x004;
inline constexpr std::uint16_t abort_requested = 0x007;
inline constexpr std::uint16_t aborted_sq_deletion = 0x008;
inline constexpr std::uint16_t invalid_namespace = 0x00b;
inline constexpr std::uint16_t command_sequence_error = 0x00c;
inline constexpr std::uint16_t invalid_use_of_cmb = 0x012;
inline constexpr std::uint16_t prp_offset_invalid = 0x013;
inline constexpr std::uint16_t lba_out_of_range = 0x080;
inline constexpr std::uint16_t completion_queue_invalid = 0x100;
inline constexpr std::uint16_t invalid_queue_identifier = 0x101;
inline constexpr std::uint16_t invalid_queue_size = 0x102;
inline constexpr std::uint16_t abort_limit = 0x103;
inline constexpr std::uint16_t event_limit = 0x105;
inline constexpr std::uint16_t invalid_interrupt_vector = 0x108;
inline constexpr std::uint16_t invalid_log_page = 0x109;
inline constexpr std::uint16_t invalid_queue_deletion = 0x10c;
inline constexpr std::uint16_t not_saveable = 0x10d;
inline constexpr std::uint16_t not_namespace_specific = 0x10f;
inline constexpr std::uint16_t invalid_protection_information = 0x181;
inline constexpr std::uint16_t command_size_limit_exceeded = 0x183;
inline constexpr std::uint16_t unrecovered_read_error = 0x281;
inline constexpr std::uint16_t compare_failure = 0x285;

}  // namespace phasebit::sim::statuses
