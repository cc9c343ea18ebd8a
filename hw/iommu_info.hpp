// What the kernel says of an IOMMU that it lets us use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hw/iova_space.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

struct IommuInfo {
  std::uint64_t page_sizes = 0;     ///< bit n: pages of 2^n bytes. 0 if the kernel does not tell
  std::vector<IovaRange> ranges{};  ///< what can be mapped, ascending and disjoint. Empty if the kernel does not tell (Linux before 5.4)
  std::optional<std::uint32_t> mappings_left{};  ///< how many more it takes. Nothing if the kernel does not tell (Linux before 5.10)

  /// Whether single pages of `bytes`, a power of two, can be mapped.
  bool maps_pages_of(std::uint64_t bytes) const { return page_sizes == 0 || (page_sizes & (2 * bytes - 1)) != 0; }
};

/// Reads the answer to VFIO_IOMMU_GET_INFO: a head, and behind it a chain of capabilities, each with its offset from the start
/// (linux/vfio.h). Capabilities that are not known are passed over. Errors: environment if the chain leaves `answer` or turns back, or a
/// range is empty, out of order or missing.
Result<IommuInfo> parse_iommu_info(std::span<const std::byte> answer);

}  // namespace phasebit::hw
