// The addresses that one IOMMU domain hands out.
#pragma once

#include <cstdint>
#include <map>

#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// Free and taken pages of the IOVA space. It starts above 4 GiB, so that no hole of the interrupt range is in it (FEE00000h), and ends at
/// 2^38, which every IOMMU reaches: those of 39 bits too, to which an address of the process would be too wide.
class IovaSpace {
 public:
  static constexpr std::uint64_t page_bytes = 4096;
  static constexpr std::uint64_t begin = 1ull << 32;
  static constexpr std::uint64_t end = 1ull << 38;

  /// A free range of whole pages. It begins after the one taken last and wraps round, so that an address is reused as late as possible
  /// and a device that holds on to a stale one meets the IOMMU. `no_space` if no gap is large enough.
  Result<Iova> take(std::uint64_t bytes) {
    auto found = first_gap(next_, end, bytes);
    if (!found) {
      found = first_gap(begin, end, bytes);
    }
    if (found) {
      taken_.emplace(found->value, bytes);
      next_ = found->value + bytes;
    }
    return found;
  }

  /// Gives back what take returned.
  void give_back(Iova iova) { taken_.erase(iova.value); }

 private:
  /// `from` lies in no taken range: it is the start of all, or the end of the range taken last.
  Result<Iova> first_gap(std::uint64_t from, std::uint64_t to, std::uint64_t bytes) const {
    auto next = taken_.lower_bound(from);
    while (from <= to && to - from >= bytes) {
      if (next == taken_.end() || next->first - from >= bytes) {
        return Iova{from};
      }
      from = next->first + next->second;
      ++next;
    }
    return fail(Errc::no_space);
  }

  std::map<std::uint64_t, std::uint64_t> taken_;  ///< first byte to bytes
  std::uint64_t next_ = begin;
};

}  // namespace phasebit::hw
