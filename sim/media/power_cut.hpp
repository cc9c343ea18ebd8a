// What a power cut may leave of the writes in the volatile cache: the outcomes, numbered so that a caller can try each.
#pragma once

#include <cstdint>
#include <span>

#include "sim/media/extent.hpp"

namespace phasebit::sim {

/// A write that a cut may take: landed and not durable, or still on its way to the media.
struct VolatileWrite {
  Extent extent;
  std::uint64_t number = 0;  ///< of all writes that the media ever saw
};

enum class CutKind : std::uint8_t { nothing, everything, single, subset, torn };

/// One outcome in words: which writes survive.
struct CutOutcome {
  static constexpr std::uint64_t subsets = 16;

  CutKind kind = CutKind::nothing;
  std::uint64_t write = 0;   ///< single, torn: index in the cache
  std::uint64_t units = 0;   ///< torn: atomic units of that write that survive, with everything before it
  std::uint64_t subset = 0;  ///< subset: which of the 16

  /// How many blocks from its start survive of the write with this index.
  std::uint64_t blocks_kept(const VolatileWrite& of, std::uint64_t index, std::uint64_t seed, std::uint32_t unit_blocks) const;
};

/// Interior boundaries of atomic units in an extent: where it can tear. Zeroes and marks tear as data does.
std::uint64_t tear_points(const Extent& extent, std::uint32_t unit_blocks);

/// Nothing, everything, each single write, 16 random subsets, a tear at each unit of each write; fewer where some would be the same.
std::uint64_t count_cut_outcomes(std::span<const VolatileWrite> writes, std::uint32_t unit_blocks);

/// The outcome with this number; numbers beyond the count wrap around.
CutOutcome cut_outcome(std::uint64_t number, std::span<const VolatileWrite> writes, std::uint32_t unit_blocks);

}  // namespace phasebit::sim
