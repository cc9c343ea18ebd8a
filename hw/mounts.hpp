// What is mounted, here and in other mount namespaces, and what is swap.
#pragma once

#include <string>
#include <vector>

#include "hw/machine.hpp"

namespace phasebit::hw {

/// A line of /proc/PROCESS/mountinfo (proc(5)).
struct Mount {
  std::string number;  ///< major:minor of the device; of no device at all for btrfs and others that span several
  std::string source;  ///< as whoever mounted it named it: /dev/nvme0n1p1
  std::string point;
  std::string process;  ///< one that sees it; empty if we do
};

/// What every process sees that can be asked, each mount namespace once, ours first.
std::vector<Mount> mounts(const Machine& machine);

/// The files and devices of /proc/swaps (proc(5)).
std::vector<std::string> swaps(const Machine& machine);

}  // namespace phasebit::hw
