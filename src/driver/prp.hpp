// Physical region pages: how a command names the memory that it transfers (Base 2.0 §4.1.1).
#pragma once

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
  /// Pages that `length` bytes touch if they begin `offset` bytes into the first.
  constexpr std::uint64_t count(std::uint64_t offset, std::uint64_t length) const { return (offset + length + bytes - 1) / bytes; }
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

/// Fills a PRP list. The last qword of a list page names the next list page if more than one entry is still to come, else it is data.
class PrpListWriter {
 public:
  PrpListWriter(const PrpListMemory& memory, PageSize page, std::uint64_t entries)
      : entry_(memory.entries), iova_(memory.iova), page_(page), left_(entries) {}

  void put(std::uint64_t address) {
    iova_ = iova_ + spec::prp_entry_bytes;
    if (page_.offset_of(iova_) == 0 && left_ > 1) {
      *entry_++ = iova_.value;
      iova_ = iova_ + spec::prp_entry_bytes;
    }
    *entry_++ = address;
    --left_;
  }

 private:
  Le64* entry_;
  Iova iova_;  ///< of the entry after the one written last
  PageSize page_;
  std::uint64_t left_;
};

/// Names `bytes` (at least 1) of memory from `position` on. The extents between have to join, and the pages not to exceed pages_max of
/// `list`. Extents begin at multiples of 4 bytes.
inline DataPointer describe(std::span<const Extent> extents, ExtentPosition position, std::uint64_t bytes, PageSize page,
                            const PrpListMemory& list) {
  const Extent& first = extents[position.extent];
  const Iova start = first.iova + position.offset;
  PHASEBIT_ASSERT((start.value & 3) == 0);
  const std::uint64_t pages = page.count(page.offset_of(start), bytes);
  if (pages == 1) {
    return {start.value, 0};
  }
  if (pages == 2) {
    const std::uint64_t in_first_page = page.bytes - page.offset_of(start);
    if (first.bytes - position.offset > in_first_page) {
      return {start.value, start.value + in_first_page};
    }
    position.advance(extents, in_first_page);
    return {start.value, (extents[position.extent].iova + position.offset).value};
  }
  PHASEBIT_ASSERT(pages <= PrpListMemory::pages_max(list.bytes, page));
  PrpListWriter writer(list, page, pages - 1);
  std::uint64_t address = page.page_of(start);
  std::uint64_t end = (first.iova + first.bytes).value;
  for (std::uint64_t i = 1; i < pages; ++i) {
    address += page.bytes;
    while (address >= end) {  // the extent ends with its page, or goes on in the next extent
      const std::uint64_t beyond = address - end;
      const Extent& next = extents[++position.extent];
      address = next.iova.value + beyond;
      end = (next.iova + next.bytes).value;
    }
    writer.put(address);
  }
  return {start.value, list.iova.value};
}

}  // namespace phasebit::driver
