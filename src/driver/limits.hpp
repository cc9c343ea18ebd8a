// How much one command may carry, and where an operation has to be cut.
#pragma once

#include <algorithm>
#include <cstdint>

#include "src/driver/prp.hpp"
#include "src/spec/units.hpp"

namespace phasebit::driver {

/// NLB is a zero-based 16-bit field.
inline constexpr std::uint32_t command_blocks_max = 0x1'0000;

/// What bounds a command that transfers data.
struct TransferLimits {
  PageSize page{};
  std::uint64_t bytes_max = spec::unlimited;  ///< MDTS
  std::uint64_t pages_max = 2;                ///< what PRP1 and a slot's list can name

  /// True if a command carries `bytes` that begin at `start`.
  constexpr bool carry(Iova start, std::uint64_t bytes) const {
    return bytes <= bytes_max && page.count(page.offset_of(start), bytes) <= pages_max;
  }
};

/// A stretch of an operation that is to become commands.
struct Stretch {
  Lba lba{};
  std::uint64_t units = 0;  ///< blocks that are left
  std::uint8_t unit_bytes_log2 = 9;
  std::uint32_t boundary_blocks = 0;             ///< NOIOB: no command crosses a multiple of it; 0 if there is none
  std::uint64_t page_offset = 0;                 ///< of the first byte in its page
  std::uint64_t bytes_to_gap = spec::unlimited;  ///< until the memory stops being describable in one go; a multiple of a unit
};

/// Units of the first command of a stretch: at least 1, unless not even one unit fits the limits.
constexpr std::uint64_t first_command_units(const Stretch& stretch, const TransferLimits& limits) {
  const std::uint64_t page_bytes_left =
      limits.pages_max > spec::unlimited / limits.page.bytes ? spec::unlimited : limits.pages_max * limits.page.bytes - stretch.page_offset;
  const std::uint64_t bytes = std::min({limits.bytes_max, page_bytes_left, stretch.bytes_to_gap});
  std::uint64_t units = std::min<std::uint64_t>({stretch.units, bytes >> stretch.unit_bytes_log2, command_blocks_max});
  if (stretch.boundary_blocks != 0) {
    units = std::min(units, stretch.boundary_blocks - stretch.lba.value % stretch.boundary_blocks);
  }
  return units;
}

}  // namespace phasebit::driver
