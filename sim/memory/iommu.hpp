// A drive's view of host memory: which IOVAs exist, what may be done there, and which host bytes they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <optional>
#include <span>
#include <utility>

#include "sim/memory/host_memory.hpp"
#include "sim/stream/digest.hpp"
#include "src/backend/dma.hpp"
#include "src/base/error.hpp"
#include "src/base/strong.hpp"

namespace phasebit::sim {

/// Why a translation failed; the values stand in dma_access events.
enum class DmaFault : std::uint8_t { none = 0, not_mapped = 1, no_rights = 2, bus_master_off = 3 };

/// Which way a device moves data.
enum class DmaDirection : std::uint8_t { from_host = 0, to_host = 1 };

/// One per drive. An IOVA keeps the host's offset within its page and has nothing else in common with host addresses. Mappings are exact to
/// the byte, unmapped pages lie between any two (red zones), and an IOVA that was unmapped never comes back (quarantine).
class Iommu {
 public:
  /// `mappings_max` is the most mappings at a time, as the kernel limits them.
  Iommu(std::uint64_t seed, std::uint32_t mappings_max, HostMemory& host, std::pmr::memory_resource* memory);
  Iommu(const Iommu&) = delete;
  Iommu& operator=(const Iommu&) = delete;

  /// Gives host memory an IOVA, or the one it has and one more count (its rights then become those of both). `invalid_argument` for memory
  /// outside the arena or of no length, `no_space` beyond the limit.
  Result<Iova> map(std::span<const std::byte> memory, DmaRights rights);

  /// Takes one count back and, with the last, the mapping. `not_found` for a range never mapped.
  Result<void> unmap(std::span<const std::byte> memory);

  /// Addresses that no mapping ever gets, from a page's start on.
  Iova set_aside(std::uint64_t bytes) { return next_iova(0, bytes); }

  /// The IOVA of exactly this range.
  std::optional<Iova> iova_of(std::span<const std::byte> memory) const;
  /// The count of exactly this range: 0 if it is not mapped.
  std::uint32_t count_of(std::span<const std::byte> memory) const;
  /// True if any byte of the memory is mapped, by whatever range.
  bool touches(std::span<const std::byte> memory) const;

  struct Translation {
    DmaFault fault = DmaFault::none;
    std::byte* host = nullptr;
    std::uint64_t bytes = 0;  ///< how far it reaches: to the end of the page or of the mapping
  };
  Translation translate(Iova iova, DmaDirection direction) const;

  std::size_t mappings() const { return by_iova_.size(); }
  void fingerprint(Hasher& hasher) const;

 private:
  struct Mapping {
    std::uint64_t host_offset = 0;
    std::uint64_t bytes = 0;
    std::uint8_t rights = 0;
    std::uint32_t count = 0;
  };
  using HostRange = std::pair<std::uint64_t, std::uint64_t>;  ///< offset in the arena, bytes

  Iova next_iova(std::uint64_t host_offset, std::uint64_t bytes);
  std::optional<HostRange> range_of(std::span<const std::byte> memory) const;

  std::uint64_t seed_;
  std::uint32_t mappings_max_;
  HostMemory& host_;
  std::uint64_t next_page_;
  std::uint64_t mapping_number_ = 0;
  std::pmr::map<std::uint64_t, Mapping> by_iova_;
  std::pmr::map<HostRange, std::uint64_t> by_host_;
};

}  // namespace phasebit::sim
