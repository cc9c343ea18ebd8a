// The machine's PCI bus, as far as VFIO hands it out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hw/find_device.hpp"
#include "hw/pcie_backend.hpp"
#include "hw/uevents.hpp"
#include "hw/vfio_container.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// Needs a running Environment, which must outlive it. Only functions that vfio-pci holds can be claimed: nothing is ever taken from a
/// kernel driver. Functions of one IOMMU group cannot be claimed twice, not even by one process.
class PcieBus {
 public:
  using BackendType = PcieBackend;

  explicit PcieBus(SysfsPci sysfs = SysfsPci()) : sysfs_(std::move(sysfs)) {}

  std::vector<PciFunction> enumerate() const { return sysfs_.functions(); }
  /// Takes the function's IOMMU group, against other processes too. Errors: as SysfsPci::group_to_open and VfioContainer::take.
  Result<void> claim(PciAddress address);
  /// Closes the function if it is open.
  void release(PciAddress address);
  /// Errors: not_ready without a claim; busy if it is open; as VfioDevice::open.
  Result<PcieBackend*> open(PciAddress address);
  void close(PciAddress address);
  /// What came and went, as Uevents tells it; `removal_asked` for open functions, again and again while they stay open. Never waits.
  std::optional<BusEvent> next_event();

  /// What the last claim or open that failed was refused for, in words for a user.
  const std::string& why() const { return why_; }

 private:
  struct Claimed {
    std::unique_ptr<VfioContainer> container;  ///< nullptr if the group could not be taken again after close
    std::unique_ptr<PcieBackend> backend;      ///< ends before the container
  };

  Answer<std::unique_ptr<VfioContainer>> take(PciAddress address) const;
  tl::unexpected<Errc> fail_with(Refusal refusal);

  SysfsPci sysfs_;
  Uevents uevents_;
  std::map<PciAddress, Claimed> claimed_;
  std::string why_;
};
static_assert(Bus<PcieBus>);

}  // namespace phasebit::hw
