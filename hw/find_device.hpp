// What Linux knows of PCI functions: which there are, and who holds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hw/machine.hpp"
#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// How a drive can be had.
struct FunctionAccess {
  enum class Way : std::uint8_t {
    vfio,     ///< vfio-pci holds it, and an IOMMU stands before it
    uio,      ///< there is no IOMMU; uio_pci_generic holds it
    unbound,  ///< there is no IOMMU, nobody holds it, and its driver_override says that nobody shall
  };
  Way way = Way::vfio;
  std::uint32_t iommu_group = 0;  ///< behind an IOMMU: functions of one group go to one process together

  bool is_behind_iommu() const { return way == Way::vfio; }

  friend bool operator==(const FunctionAccess&, const FunctionAccess&) = default;
};

/// What a user has to hear before a drive is opened in this way; empty if there is nothing.
std::string warning_of(PciAddress address, const FunctionAccess& access);

/// How many groups of functions stand behind an IOMMU. Those that vfio makes up in its no-IOMMU mode are none.
std::size_t iommu_groups(const Machine& machine);

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

  /// How an NVMe I/O controller can be had. Errors: not_found; unsupported for a function of another class; busy if a kernel driver holds
  /// it, so that whoever uses the drive through it is not robbed; not_ready if none does; environment if vfio-pci holds it without an
  /// IOMMU, be it in no-IOMMU mode. The text has the commands that help.
  Answer<FunctionAccess> access_to(PciAddress address) const;

 private:
  /// The only driver that may take the function; empty: any that knows it.
  std::string override_of(PciAddress address) const;
  /// Its IOMMU group has no IOMMU: vfio is in no-IOMMU mode.
  bool is_without_iommu(PciAddress address) const;

  std::filesystem::path root_;
};

}  // namespace phasebit::hw
