// The specification's units in plain ones: zero-based counts, powers of two, steps of time. Converted in this room only.
#pragma once

#include <cstdint>

#include "src/base/assert.hpp"
#include "src/base/time.hpp"

namespace phasebit::spec {

/// A limit that the controller does not state.
inline constexpr std::uint64_t unlimited = ~0ull;

/// "A 0's based value" of 16 bits: 1 to 65536 become 0 to FFFFh. The count is ours, so another one is a broken promise.
constexpr std::uint16_t zero_based16(std::uint32_t count) {
  PHASEBIT_ASSERT(count >= 1 && count <= 0x1'0000);
  return static_cast<std::uint16_t>(count - 1);
}

/// The count behind a zero-based field of at most 16 bits: 1 to 65536.
constexpr std::uint32_t count_from_zero_based(std::uint32_t zero_based) {
  return (zero_based & 0xffff) + 1;
}

/// 2^exponent, or `unlimited` when 64 bits cannot hold it.
constexpr std::uint64_t power_of_two(std::uint32_t exponent) {
  return exponent < 64 ? 1ull << exponent : unlimited;
}

/// CAP.TO and CRTO count in steps of 500 ms (Base 2.0 §3.1.3.1, §3.1.3.21).
constexpr Duration from_500_ms(std::uint32_t steps) {
  return milliseconds(500) * steps;
}

/// CRDT1 to CRDT3 and KAS count in steps of 100 ms (Base 2.0 Figure 275).
constexpr Duration from_100_ms(std::uint32_t steps) {
  return milliseconds(100) * steps;
}

}  // namespace phasebit::spec
