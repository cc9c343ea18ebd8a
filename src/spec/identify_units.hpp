// What Identify's zero-based counts, exponents and steps of time mean. Values of a drive that makes no sense give numbers that make none.
#pragma once

#include <cstdint>

#include "src/base/time.hpp"
#include "src/spec/identify_bits.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/register_units.hpp"
#include "src/spec/units.hpp"

namespace phasebit::spec {

/// Bytes of 2^exponent minimum pages; exponent 0 is no limit. MDTS, VSL, WZSL and WUSL are told this way.
constexpr std::uint64_t bytes_from_page_exponent(std::uint8_t exponent, Cap cap) {
  if (exponent == 0) {
    return unlimited;
  }
  return power_of_two(12 + cap.get(Cap::mpsmin) + exponent);
}

/// The most bytes that one command may transfer (MDTS), or `unlimited`.
constexpr std::uint64_t transfer_bytes_max(const IdentifyController& id, Cap cap) {
  return bytes_from_page_exponent(id.mdts, cap);
}

/// Commands of a kind that may be outstanding: 1 to 256 each (ACL and AERL are zero-based).
constexpr std::uint32_t abort_commands_max(const IdentifyController& id) {
  return id.acl + 1u;
}
constexpr std::uint32_t async_event_requests_max(const IdentifyController& id) {
  return id.aerl + 1u;
}

/// Entries of the error log (ELPE) and power states (NPSS): 1 to 256 each; a controller has at most 32 power states.
constexpr std::uint32_t error_log_entries_max(const IdentifyController& id) {
  return id.elpe + 1u;
}
constexpr std::uint32_t power_states(const IdentifyController& id) {
  return id.npss + 1u;
}

/// How long to wait before retrying a command that failed with this CRD. CRD 0 is no wait; so is a CRDT that is not reported.
constexpr Duration retry_delay(const IdentifyController& id, std::uint32_t crd) {
  return crd == 0 || crd > 3 ? Duration{0} : from_100_ms(id.crdt[crd - 1]);
}

/// How long a shutdown may take (RTD3E, microseconds); 0 when the controller does not say.
constexpr Duration shutdown_latency(const IdentifyController& id) {
  return microseconds(id.rtd3e);
}

/// Blocks that a write is atomic for, in operation and across a power cut: 1 to 65536 (AWUN and AWUPF are zero-based).
constexpr std::uint32_t atomic_write_blocks(const IdentifyController& id) {
  return count_from_zero_based(id.awun);
}
constexpr std::uint32_t atomic_write_blocks_power_fail(const IdentifyController& id) {
  return count_from_zero_based(id.awupf);
}

/// Formats that the namespace may have: 1 to 256; at most 64 are described.
constexpr std::uint32_t lba_formats(const IdentifyNamespace& id) {
  return id.nlbaf + 1u;
}

/// Index of the format in use: bits 6:5 count only when there are more than 16 formats. May lie beyond the formats of a drive that lies.
constexpr std::uint32_t lba_format_index(const IdentifyNamespace& id) {
  const Flbas flbas{id.flbas};
  const std::uint32_t high = lba_formats(id) > 16 ? flbas.get(Flbas::index_high) : 0;
  return high << 4 | flbas.get(Flbas::index_low);
}

/// Data bytes of one block, or 0 where the format is not available; `unlimited` for an exponent that no integer holds.
constexpr std::uint64_t block_bytes(LbaFormat format) {
  return format.lbads == 0 ? 0 : power_of_two(format.lbads);
}

/// Data bytes of one block of the namespace as it is formatted.
constexpr std::uint64_t block_bytes(const IdentifyNamespace& id) {
  return block_bytes(id.lbaf[lba_format_index(id) % lba_formats_max]);
}

}  // namespace phasebit::spec
