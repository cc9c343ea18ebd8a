// DMA memory that is given out of one piece.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>

#include "src/backend/dma.hpp"
#include "src/base/assert.hpp"
#include "src/base/error.hpp"

namespace phasebit {

/// Whole pages of a region that belongs to somebody else; the first gap that is large enough.
class DmaArena {
 public:
  static constexpr std::uint64_t page_bytes = 4096;

  DmaArena() = default;
  /// The region begins at a page, for host and device.
  explicit DmaArena(const DmaRegion& region) : region_(region) {}

  /// Zeroed. Errors: invalid_argument for nothing; out_of_memory.
  Result<DmaRegion> take(std::uint64_t bytes) {
    if (bytes == 0) {
      return fail(Errc::invalid_argument);
    }
    std::uint64_t at = 0;
    for (auto next = taken_.begin(); next != taken_.end() && next->first - at < bytes; ++next) {
      at = next->first + next->second;
    }
    if (at > region_.bytes || region_.bytes - at < bytes) {
      return fail(Errc::out_of_memory);
    }
    taken_.emplace(at, (bytes + page_bytes - 1) / page_bytes * page_bytes);
    const DmaRegion part = region_.slice(at, bytes);
    std::memset(part.data, 0, part.bytes);
    return part;
  }
  /// What take returned.
  void give_back(const DmaRegion& part) {
    const bool was_taken = taken_.erase(part.iova - region_.iova) == 1;
    PHASEBIT_ASSERT(was_taken);
  }

 private:
  DmaRegion region_{};
  std::map<std::uint64_t, std::uint64_t> taken_;  ///< offset to bytes, whole pages
};

}  // namespace phasebit
