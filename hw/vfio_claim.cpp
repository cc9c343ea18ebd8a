#include "hw/vfio_claim.hpp"

#include <string>
#include <utility>

#include "hw/device_name.hpp"
#include "hw/vfio_device.hpp"
#include "hw/vfio_domain.hpp"

namespace phasebit::hw {

Answer<std::unique_ptr<FunctionClaim>> VfioClaim::take(PciAddress address, std::uint32_t group) {
  return VfioContainer::take(address, group).map([&](std::unique_ptr<VfioContainer> container) {
    return std::unique_ptr<FunctionClaim>(new VfioClaim(address, std::move(container)));
  });
}

Answer<FunctionParts> VfioClaim::open() {
  auto device = VfioDevice::open(address_);
  if (!device) {
    return tl::unexpected(std::move(device.error()));
  }
  const auto iommu = container_->iommu_info();  // which the container has from its first device on
  if (!iommu) {
    return refuse(iommu.error(), text(address_) + ": what VFIO says of its IOMMU cannot be read");
  }
  if (!iommu->maps_pages_of(IovaSpace::page_bytes)) {
    return refuse(Errc::unsupported, text(address_) + ": its IOMMU maps no pages of " + std::to_string(IovaSpace::page_bytes) + " bytes");
  }
  auto space = iommu->ranges.empty() ? IovaSpace() : IovaSpace(iommu->ranges);
  return FunctionParts{std::make_unique<VfioDomain>(*container_, std::move(space)), std::move(*device)};
}

}  // namespace phasebit::hw
