#include "hw/function_claim.hpp"

#include "hw/machine.hpp"
#include "hw/sysfs_claim.hpp"
#include "hw/vfio_claim.hpp"

namespace phasebit::hw {

Answer<std::unique_ptr<FunctionClaim>> claim_function(PciAddress address, const FunctionAccess& access) {
  return access.is_behind_iommu() ? VfioClaim::take(address, access.iommu_group) : SysfsClaim::take(Machine(), address);
}

}  // namespace phasebit::hw
