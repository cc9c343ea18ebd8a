// The simulated host's memory that devices may be shown: pages for queues and buffers for data, at offsets drawn from the seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <span>

#include "sim/memory/region.hpp"
#include "sim/stream/digest.hpp"
#include "src/base/error.hpp"

namespace phasebit::sim {

/// An arena of pages. What a draw depends on is the number of the allocation, so that addresses repeat from run to run. Pages are never
/// shared between allocations, and at least one page lies between two. Free bytes are poisoned in AddressSanitizer builds.
class HostMemory {
 public:
  static constexpr std::uint64_t page_bytes = Region::page_bytes;

  /// Takes `bytes` (whole pages) from the region once and for ever; `bytes` fit into it.
  HostMemory(std::uint64_t seed, std::uint64_t bytes, Region& region);
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;
  ~HostMemory();

  /// Page-aligned and zeroed. `invalid_argument` for 0 bytes, `out_of_memory` when no gap is large enough.
  Result<std::span<std::byte>> allocate_pages(std::uint64_t bytes);

  /// For user data: begins at a drawn multiple of four bytes within a page; the content is whatever was there before, or poison.
  /// Errors as above.
  Result<std::span<std::byte>> allocate_buffer(std::uint64_t bytes);

  /// Gives back what one of the above handed out, whole; the content stays as it is for the next owner to find. `not_found` otherwise.
  Result<void> free(std::span<const std::byte> memory);

  /// True if every byte lies in the arena (allocated or not).
  bool contains(std::span<const std::byte> memory) const;
  /// Distance from the arena's start: what stands for a host address wherever one must not be seen.
  std::uint64_t offset_of(const std::byte* address) const;
  std::byte* at(std::uint64_t offset) const { return base_ + offset; }

  std::size_t allocations() const { return allocated_.size(); }

  /// Around a snapshot: copying poisoned bytes is what AddressSanitizer forbids. Both do nothing in other builds.
  void lift_poison() const;
  void lay_poison() const;

  void fingerprint(Hasher& hasher) const;

 private:
  struct Allocation {
    std::uint64_t first_page = 0;
    std::uint64_t pages = 0;
    std::uint64_t bytes = 0;
  };

  Result<std::span<std::byte>> allocate(std::uint64_t bytes, std::uint64_t offset_in_page);
  Result<std::uint64_t> take_pages(std::uint64_t pages);
  void give_back_pages(std::uint64_t first_page, std::uint64_t pages);

  std::uint64_t seed_;
  std::uint64_t bytes_;
  std::byte* base_;
  std::uint64_t allocation_number_ = 0;
  std::pmr::map<std::uint64_t, std::uint64_t> free_pages_;  ///< first page of a gap to its length in pages
  std::pmr::map<std::uint64_t, Allocation> allocated_;      ///< by offset of the first byte
};

}  // namespace phasebit::sim
