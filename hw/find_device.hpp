// What Linux knows of PCI functions: which there are, and who holds them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// The kernel's list of PCI functions, read anew by every call.
class SysfsPci {
 public:
  /// `root` has one directory a function, named by its address.
  explicit SysfsPci(std::filesystem::path root = "/sys/bus/pci/devices") : root_(std::move(root)) {}

  /// Every function, by address. A function that vanishes while it is read is left out.
  std::vector<PciFunction> functions() const;
  /// The kernel driver that holds the function, if one does.
  std::optional<std::string> driver_of(PciAddress address) const;
  /// The number of its IOMMU group: functions of one group go to one process together.
  std::optional<std::uint32_t> iommu_group_of(PciAddress address) const;
  /// The NUMA node that it is near to, where there is more than one to choose from.
  std::optional<std::uint32_t> numa_node_of(PciAddress address) const;

  /// Whether there is such a function, and it is an NVMe I/O controller. Errors: not_found; unsupported for a function of another class.
  Answer<void> check_drive(PciAddress address) const;

  /// The IOMMU group of an NVMe I/O controller that vfio-pci holds. Errors: not_found; unsupported for a function of another class; busy if
  /// another kernel driver holds it, so that whoever uses the drive through it is not robbed; not_ready if none does; environment
  /// without an IOMMU. The text has the commands that help.
  Answer<std::uint32_t> group_to_open(PciAddress address) const;

 private:
  std::filesystem::path root_;
};

}  // namespace phasebit::hw
