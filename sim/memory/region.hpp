// One mapping at a fixed address in which a whole world lives, so that a snapshot is a copy of bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "src/base/error.hpp"

namespace phasebit::sim {

/// The bytes of a region at one moment. Pages that hold nothing but zeros are left out.
struct RegionSnapshot {
  std::uint64_t used_bytes = 0;
  std::vector<std::uint32_t> page_indexes;
  std::vector<std::byte> pages;
};

/// Owns the mapping. Everything of a world is allocated from `resource()`; nothing in it points outside, except to what never changes.
class Region {
 public:
  static constexpr std::uint64_t page_bytes = 4096;

  /// Maps `bytes` (rounded up to pages; memory is taken as it is touched) at the first free one of the fixed candidate addresses,
  /// beginning with candidate `first_candidate`. `out_of_memory` if none is free.
  static Result<Region> create(std::uint64_t bytes, unsigned first_candidate = 0);

  Region(Region&& other) noexcept;
  Region& operator=(Region&&) = delete;
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;
  ~Region();

  /// Bump allocation with a free list for each power of two. Throws std::bad_alloc when the region is full.
  std::pmr::memory_resource* resource();

  /// Page-aligned memory that is never given back, for the simulated host's DMA memory; nullptr when the region is full.
  std::byte* allocate_pages(std::uint64_t bytes);

  std::uint64_t used_bytes() const;

  /// Copies what is used. No part of the region may be poisoned for ASan meanwhile.
  RegionSnapshot snapshot() const;
  /// Puts the bytes back at the same address; the resource forgets what was allocated since.
  void restore(const RegionSnapshot& snapshot);

 private:
  struct Header;

  Region(std::byte* base, std::uint64_t bytes);
  void clear_pages(std::uint64_t first, std::uint64_t last);
  Header& header() const;

  std::byte* base_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace phasebit::sim
