// The memory of a drive behind an IOMMU: what is mapped, the drive reaches, and nothing else.
#pragma once

#include <utility>

#include "hw/dma_domain.hpp"
#include "hw/iommu_addresses.hpp"
#include "hw/vfio_container.hpp"

namespace phasebit::hw {

/// Any memory of the process can be mapped, up to what the IOMMU and the kernel allow. The container outlives it.
class VfioDomain final : public DmaDomain {
 public:
  VfioDomain(VfioContainer& container, IovaSpace space) : container_(container), addresses_(container, std::move(space)) {}

  std::byte* allocate(std::uint64_t bytes) override;
  void free(std::byte* memory) override;
  /// Errors: no_space, and those of VfioContainer::map.
  Result<Iova> map(std::byte* pages, std::uint64_t bytes, DmaRights rights) override { return addresses_.map(pages, bytes, rights); }
  Result<Iova> set_aside(std::uint64_t bytes) override { return addresses_.set_aside(bytes); }
  void unmap(Iova first, std::uint64_t bytes) override { addresses_.unmap(first, bytes); }
  Result<IommuInfo> iommu_info() const override { return container_.iommu_info(); }

 private:
  VfioContainer& container_;
  IommuAddresses<VfioContainer> addresses_;
};

}  // namespace phasebit::hw
