// Physical region pages: how a command names the memory that it transfers (Base 2.0 §4.1.1).
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "src/base/assert.hpp"
#include "src/base/little_endian.hpp"
#include "src/base/strong.hpp"
#include "src/spec/command.hpp"

namespace phasebit::driver {

/// Memory that is contiguous for the device.
struct Extent {
  Iova iova{};
  std::uint64_t bytes = 0;
};

/// Where in a list of extents a transfer begins.
struct ExtentPosition {
  std::uint32_t extent = 0;
  std::uint64_t offset = 0;  ///< bytes into that extent, less than its size

  /// Moves on by `bytes`, which the extents from here on have to hold.
  constexpr void advance(std::span<const Extent> extents, std::uint64_t bytes) {
    offset += bytes;
    while (extent < extents.size() && offset >= extents[extent].bytes) {
      offset -= extents[extent++].bytes;
    }
  }
};

/// A power of two; real controllers have 4096 and more.
struct PageSize {
  std::uint64_t bytes = 4096;

  constexpr std::uint64_t offset_of(Iova iova) const { return iova.value & (bytes - 1); }
  constexpr std::uint64_t page_of(Iova iova) const { return iova.value & ~(bytes - 1); }
  /// Pages that `length` bytes touch if they begin `offset` bytes into the first. A shift: division would cost more than the rest of a
  /// read.
  constexpr std::uint64_t count(std::uint64_t offset, std::uint64_t length) const {
    return (offset + length + bytes - 1) >> std::countr_zero(bytes);
  }
};

/// True if PRP entries can lead from the end of one extent to the start of the next: every entry but the first names the start of a page,
/// and every one but the last is used to the end of its page.
constexpr bool prp_joins(const Extent& before, const Extent& after, PageSize page) {
  const Iova end = before.iova + before.bytes;
  return end == after.iova || (page.offset_of(end) == 0 && page.offset_of(after.iova) == 0);
}

/// Memory for the PRP list of one command: contiguous for the device, qword aligned, and if it is larger than a page, page aligned.
struct PrpListMemory {
  Le64* entries = nullptr;
  Iova iova{};
  std::uint64_t bytes = 0;

  /// Pages that a command with this memory can name: PRP1's and those of the list. The last entry of each list page but the last one is
  /// spent on the pointer to the next page.
  static constexpr std::uint64_t pages_max(std::uint64_t bytes, PageSize page) {
    const std::uint64_t chain_pointers = bytes > page.bytes ? (bytes + page.bytes - 1) / page.bytes - 1 : 0;
    const std::uint64_t data_entries = bytes / spec::prp_entry_bytes - chain_pointers;
    return 1 + (data_entries > 0 ? data_entries : 1);
  }
};

/// Dwords 6 to 9 of a command.
struct DataPointer {
  std::uint64_t prp1 = 0;
  std::uint64_t prp2 = 0;
};

/// The rest of describe(): two pages or more.
DataPointer describe_pages(std::span<const Extent> extents, ExtentPosition position, std::uint64_t bytes, PageSize page,
                           const PrpListMemory& list);

/// Names `bytes` (at least 1) of memory from `position` on. The extents between have to join, and the pages not to exceed pages_max of
/// `list`. Extents begin at multiples of 4 bytes.
inline DataPointer describe(std::span<const Extent> extents, ExtentPosition position, std::uint64_t bytes, PageSize page,
                            const PrpListMemory& list) {
  const Iova start = extents[position.extent].iova + position.offset;
  PHASEBIT_ASSERT((start.value & 3) == 0);
  if (page.offset_of(start) + bytes <= page.bytes) {
    return {start.value, 0};
  }
  return describe_pages(extents, position, bytes, page, list);
}

}  // namespace phasebit::driver
