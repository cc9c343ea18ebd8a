// The DMA memory of a queue pair: how much is needed, and where in it the rings and the PRP lists lie.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "src/base/assert.hpp"
#include "src/driver/prp.hpp"
#include "src/driver/types.hpp"
#include "src/spec/command.hpp"
#include "src/spec/completion.hpp"

namespace phasebit::driver {

/// What a pair's memory has to hold. Rings begin at pages of CC.MPS (Base 2.0 §5.4, §5.5), however large those are.
struct QueueMemoryPlan {
  PageSize page{};
  std::uint32_t completion_entries = 2;
  std::array<std::uint32_t, channel_submission_queues_max> submission_entries{2};
  std::uint32_t submission_count = 1;
  std::uint32_t lists = 0;       ///< PRP lists, one for each slot; none for the admin queue
  std::uint64_t list_bytes = 0;  ///< see prp_list_bytes

  /// Bytes to allocate: enough even if the allocation itself begins at a 4 KiB page only.
  constexpr std::uint64_t bytes() const { return page.bytes + place(DmaRegion{}).end; }

  /// The parts of a region of bytes() bytes.
  struct Parts {
    DmaRegion completion{};
    std::array<DmaRegion, channel_submission_queues_max> submissions{};
    DmaRegion lists{};
    std::uint64_t end = 0;
  };
  constexpr Parts place(const DmaRegion& region) const {
    Parts parts;
    std::uint64_t at = 0;
    const auto part = [&](std::uint64_t size) {
      at += (page.bytes - page.offset_of(region.iova + at)) & (page.bytes - 1);
      const DmaRegion cut{region.data == nullptr ? nullptr : region.data + at, size, region.iova + at};
      at += size;
      return cut;
    };
    parts.completion = part(std::uint64_t{completion_entries} * spec::cqe_bytes);
    for (std::uint32_t i = 0; i < submission_count; ++i) {
      parts.submissions[i] = part(std::uint64_t{submission_entries[i]} * spec::sqe_bytes);
    }
    parts.lists = part(lists * list_bytes);
    parts.end = at;
    return parts;
  }
};

/// Bytes of one slot's PRP list for transfers of up to `transfer_bytes`, whatever the offset in the first page: 4096, or as many whole
/// pages as it takes. A list of 4096 bytes never crosses a page.
constexpr std::uint64_t prp_list_bytes(std::uint64_t transfer_bytes, PageSize page) {
  const std::uint64_t pages = page.count(page.bytes - 4, transfer_bytes);
  std::uint64_t bytes = std::min<std::uint64_t>(page.bytes, 4096);
  while (PrpListMemory::pages_max(bytes, page) < pages) {
    bytes = bytes < page.bytes ? bytes * 2 : bytes + page.bytes;
  }
  return bytes;
}

}  // namespace phasebit::driver
