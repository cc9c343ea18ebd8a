// The addresses that one IOMMU domain hands out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// Addresses that an IOMMU translates, both ends included: the last may be the last that there is.
struct IovaRange {
  Iova first;
  Iova last;

  friend bool operator==(const IovaRange&, const IovaRange&) = default;
};

/// Free and taken pages of the IOVA space. Those between 4 GiB and 2^38 come first: above what firmware and interrupts (FEE00000h) lay
/// claim to, and few enough that the IOMMU's own tables, which seldom shrink, stay small. Others are taken when these are full.
class IovaSpace {
 public:
  static constexpr std::uint64_t page_bytes = 4096;
  static constexpr std::uint64_t begin = 1ull << 32;
  static constexpr std::uint64_t end = 1ull << 38;

  /// For a kernel that does not say what its IOMMU translates: every IOMMU reaches 2^38.
  IovaSpace() : IovaSpace(std::array{IovaRange{Iova{begin}, Iova{end - 1}}}) {}

  /// `allowed` ascends and does not overlap. Whole pages of it are used, and two never: that at 0, which looks like no address at all, and
  /// the very last, since Linux (drivers/vfio/vfio_iommu_type1.c) maps but does not unmap what ends where 64 bits end.
  explicit IovaSpace(std::span<const IovaRange> allowed) {
    for (const auto& range : allowed) {
      const auto first_page = std::max<std::uint64_t>(1, page_of(range.first) + (offset_of(range.first) != 0 ? 1 : 0));
      const auto end_page = std::min(last_page, page_of(range.last) + (offset_of(range.last) == page_bytes - 1 ? 1 : 0));
      add(others_, first_page, std::min(end_page, begin / page_bytes));
      add(preferred_, std::max(first_page, begin / page_bytes), std::min(end_page, end / page_bytes));
      add(others_, std::max(first_page, end / page_bytes), end_page);
    }
  }

  /// A free range of `bytes`, which are whole pages. It begins after the one taken last and wraps round, so that an address is reused as
  /// late as possible and a device that holds on to a stale one meets the IOMMU. `no_space` if no gap is large enough.
  Result<Iova> take(std::uint64_t bytes) {
    const auto pages = bytes / page_bytes;
    auto found = first_gap(preferred_, next_, pages);
    if (!found) {
      found = first_gap(preferred_, 0, pages);
    }
    if (found) {
      next_ = *found + pages;
    } else {
      found = first_gap(others_, 0, pages);
    }
    if (!found) {
      return fail(Errc::no_space);
    }
    taken_.emplace(*found, pages);
    return Iova{*found * page_bytes};
  }

  /// Gives back what take returned.
  void give_back(Iova iova) { taken_.erase(page_of(iova)); }

 private:
  /// Pages by number, `end_page` excluded. Never empty.
  struct Window {
    std::uint64_t first_page;
    std::uint64_t end_page;
  };

  static constexpr std::uint64_t last_page = ~0ull / page_bytes;

  static constexpr std::uint64_t page_of(Iova iova) { return iova.value / page_bytes; }
  static constexpr std::uint64_t offset_of(Iova iova) { return iova.value % page_bytes; }

  static void add(std::vector<Window>& windows, std::uint64_t first_page, std::uint64_t end_page) {
    if (first_page < end_page) {
      windows.push_back({first_page, end_page});
    }
  }

  std::optional<std::uint64_t> first_gap(const std::vector<Window>& windows, std::uint64_t from, std::uint64_t pages) const {
    for (const auto& window : windows) {
      if (from < window.end_page) {
        if (auto found = first_gap(Window{std::max(from, window.first_page), window.end_page}, pages)) {
          return found;
        }
      }
    }
    return std::nullopt;
  }

  /// The window begins in no taken range: with one of the allowed ranges, or with the end of what was taken last.
  std::optional<std::uint64_t> first_gap(Window window, std::uint64_t pages) const {
    auto page = window.first_page;
    for (auto next = taken_.lower_bound(page); page <= window.end_page && window.end_page - page >= pages; ++next) {
      if (next == taken_.end() || next->first - page >= pages) {
        return page;
      }
      page = next->first + next->second;
    }
    return std::nullopt;
  }

  std::vector<Window> preferred_;  ///< ascending, as others_
  std::vector<Window> others_;
  std::map<std::uint64_t, std::uint64_t> taken_;  ///< first page to pages
  std::uint64_t next_ = 0;                        ///< page behind the range taken last of those preferred
};

}  // namespace phasebit::hw
