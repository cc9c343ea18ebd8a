// A function by VFIO: its IOMMU group is ours.
#pragma once

#include <cstdint>
#include <memory>

#include "hw/function_claim.hpp"
#include "hw/vfio_container.hpp"

namespace phasebit::hw {

class VfioClaim final : public FunctionClaim {
 public:
  /// Errors: those of VfioContainer::take.
  static Answer<std::unique_ptr<FunctionClaim>> take(PciAddress address, std::uint32_t group);

  /// Errors: unsupported if its IOMMU's pages are too large; those of VfioDevice::open.
  Answer<FunctionParts> open() override;

 private:
  VfioClaim(PciAddress address, std::unique_ptr<VfioContainer> container) : address_(address), container_(std::move(container)) {}

  PciAddress address_;
  std::unique_ptr<VfioContainer> container_;
};

}  // namespace phasebit::hw
