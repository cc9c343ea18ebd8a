// An IOMMU domain of our own, as VFIO gives it: what is mapped here the device reaches, and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "hw/iommu_info.hpp"
#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"
#include "src/backend/dma.hpp"

namespace phasebit::hw {

/// A VFIO container that holds one IOMMU group. While it lives no other process can open a function of that group; when it ends, every
/// mapping ends. DPDK's own container would show the device DPDK's whole heap; this one shows it what the driver asked for.
class VfioContainer {
 public:
  /// Takes the group of `address` for this process. Errors: busy if another process has it, permission_denied, environment.
  static Answer<std::unique_ptr<VfioContainer>> take(PciAddress address, std::uint32_t group);

  VfioContainer(const VfioContainer&) = delete;
  VfioContainer& operator=(const VfioContainer&) = delete;
  ~VfioContainer();

  /// What the IOMMU maps, and how much more. Errors: not_ready before a function of the group is open; environment.
  Result<IommuInfo> iommu_info() const;
  /// Pins whole pages and maps them at `iova`. Errors: no_space (the kernel's count of mappings is used up), out_of_memory (the
  /// process may not lock so much), invalid_argument (no such memory), environment.
  Result<void> map(std::byte* page, Iova iova, std::uint64_t bytes, DmaRights rights);
  /// Takes exactly one earlier map back.
  void unmap(Iova iova, std::uint64_t bytes);

 private:
  explicit VfioContainer(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace phasebit::hw
