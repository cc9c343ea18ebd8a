#include "sim/stream/digest.hpp"

#include <xxhash.h>

#include <algorithm>

namespace phasebit::sim {

std::uint64_t digest(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t block_digest(std::span<const std::byte> block) {
  const bool blank = std::all_of(block.begin(), block.end(), [](std::byte byte) { return byte == std::byte{0}; });
  return blank ? 0 : digest(block);
}

}  // namespace phasebit::sim
