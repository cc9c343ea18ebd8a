// Memory that a device can reach, as the driver passes it about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/base/strong.hpp"

namespace phasebit {

/// What a device may do with mapped memory.
enum class DmaRights : std::uint8_t { device_reads = 1, device_writes = 2, device_reads_and_writes = 3 };

/// A piece of memory that is contiguous for the device: where the host finds it and where the device does.
struct DmaRegion {
  std::byte* data = nullptr;
  std::uint64_t bytes = 0;
  Iova iova;

  /// The part that starts `offset` bytes in and is `length` bytes long; both must lie inside.
  DmaRegion slice(std::uint64_t offset, std::uint64_t length) const { return {data + offset, length, iova + offset}; }
  std::span<std::byte> span() const { return {data, bytes}; }
};

/// A stretch of the memory behind one of the function's base address registers.
struct BarRange {
  std::uint32_t bar = 0;     ///< 0 to 5; of a 64-bit one its lower half
  std::uint64_t offset = 0;  ///< bytes
  std::uint64_t bytes = 0;

  friend bool operator==(const BarRange&, const BarRange&) = default;
};

}  // namespace phasebit
