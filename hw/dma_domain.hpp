// Which memory an opened function reaches, and where it finds it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hw/iommu_info.hpp"
#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// The memory side of one opened function. It outlives the function: what a function may still reach is not given back.
class DmaDomain {
 public:
  DmaDomain() = default;
  DmaDomain(const DmaDomain&) = delete;
  DmaDomain& operator=(const DmaDomain&) = delete;
  virtual ~DmaDomain() = default;

  /// Whole pages of DPDK's heap, zeroed and page aligned, that map takes in one piece; nullptr if none are left.
  virtual std::byte* allocate(std::uint64_t bytes) = 0;
  /// What allocate gave.
  virtual void free(std::byte* memory) = 0;

  /// Where the function finds whole pages of the process, all of them in one piece. Errors: unsupported if it cannot; and what a domain
  /// says of its own.
  virtual Result<Iova> map(std::byte* pages, std::uint64_t bytes, DmaRights rights) = 0;
  /// Addresses that no memory of the host's ever gets, as many as `bytes`, which are whole pages. Errors: no_space; unsupported where the
  /// addresses are not ours to choose.
  virtual Result<Iova> set_aside(std::uint64_t bytes) = 0;
  /// Takes exactly one earlier map back.
  virtual void unmap(Iova first, std::uint64_t bytes) = 0;

  /// What the kernel says of the function's IOMMU now. Errors: unsupported where there is none; environment.
  virtual Result<IommuInfo> iommu_info() const = 0;
};

}  // namespace phasebit::hw
