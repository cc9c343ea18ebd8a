// The namespaces of a drive as the kernel's block devices.
#pragma once

#include <string>
#include <vector>

#include "hw/machine.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// A namespace or a partition of one.
struct BlockDevice {
  std::string name;    ///< as below /dev: nvme0n1, nvme0n1p1
  std::string number;  ///< major:minor, as 259:0
  bool is_partition = false;
  std::vector<std::string> holders;  ///< block devices that are made of it: dm-0, md127
};

/// Every namespace of the function that the kernel's nvme driver holds, each followed by its partitions. A namespace that is reached by
/// several controllers is one device, whichever of them is asked.
std::vector<BlockDevice> block_devices(const Machine& machine, PciAddress address);

/// The files by which the function's controllers and namespaces are spoken to without a block device: /dev/nvme0, /dev/ng0n1.
std::vector<std::string> control_files(const Machine& machine, PciAddress address);

/// A holder as people call it: `md127 (MD RAID)`, `vg-root (LVM)`, `dm-3 (device mapper)`.
std::string holder_text(const Machine& machine, const std::string& holder);

}  // namespace phasebit::hw
