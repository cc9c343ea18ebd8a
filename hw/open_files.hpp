// Which processes have a device's file open.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hw/machine.hpp"

namespace phasebit::hw {

/// All processes' open files that can belong to a drive (below /dev, and configuration space in /sys), looked at once. Processes that our
/// own process namespace does not show cannot be seen.
class OpenFiles {
 public:
  explicit OpenFiles(const Machine& machine);

  /// `process 17 (fio)` for each that has the file open.
  std::vector<std::string> processes_with(const std::string& file) const;
  /// A process whose open files we may not see, as /proc/17/fd; empty if there is none.
  const std::string& unseen() const { return unseen_; }

 private:
  void look_at(const Machine& machine, const std::string& process);

  std::multimap<std::string, std::string> processes_;  ///< by file
  std::string unseen_;
};

}  // namespace phasebit::hw
