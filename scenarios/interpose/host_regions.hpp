// Which host memory a device may reach, and where: everything that was allocated or mapped through the seam.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "src/backend/dma.hpp"

namespace phasebit::scenarios {

/// One piece, contiguous for host and device.
struct HostRegion {
  Iova iova;
  std::uint64_t bytes = 0;
  std::byte* data = nullptr;
  std::uint32_t count = 0;  ///< mappings of this very range

  bool contains(Iova at) const { return at.value >= iova.value && at - iova < bytes; }
};

/// Sorted by IOVA. Room is taken in steps, so that mapping and unmapping at a steady number allocates nothing.
class HostRegions {
 public:
  explicit HostRegions(std::pmr::memory_resource* memory) : regions_(memory) { regions_.reserve(64); }

  /// How often the range is mapped now.
  std::uint32_t add(const DmaRegion& region);
  /// Takes one mapping back; it must be there.
  void remove(std::span<const std::byte> memory);

  const HostRegion* find(std::span<const std::byte> memory) const;
  /// The bytes from `iova` on that lie in one region; 0 if the first does not.
  std::uint64_t bytes_from(Iova iova) const;
  /// Host memory of `bytes` bytes from `iova` on, or nullptr if no region has them all.
  std::byte* host(Iova iova, std::uint64_t bytes) const;

 private:
  const HostRegion* containing(Iova iova) const;

  std::pmr::vector<HostRegion> regions_;
};

}  // namespace phasebit::scenarios
