// A run of blocks that one write changes, and what it changes them to.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/media/block_pool.hpp"
#include "src/base/strong.hpp"

namespace phasebit::sim {

enum class ExtentKind : std::uint8_t { data, zeroes, uncorrectable };

/// Blocks of one namespace. Of kind data it holds a chain of slots, one for each block.
struct Extent {
  Nsid nsid;
  Lba first;
  std::uint64_t blocks = 0;
  ExtentKind kind = ExtentKind::zeroes;
  BlockRef chain = BlockRef::zeroes;

  Lba end() const { return first + blocks; }
  bool overlaps(const Extent& other) const { return nsid == other.nsid && first < other.end() && other.first < end(); }
  /// Its first blocks only; the chain stays whole.
  Extent front(std::uint64_t count) const { return {nsid, first, std::min(count, blocks), kind, chain}; }
};

}  // namespace phasebit::sim
