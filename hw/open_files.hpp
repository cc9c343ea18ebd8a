// Which processes have a device's file open.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hw/machine.hpp"

namespace phasebit::hw {

/// All processes' open files that can belong to a drive (devices, and configuration space in /sys), looked at once: by their numbers, for a
/// device may have any name, and by their names. Processes that our own process namespace does not show cannot be seen; we are none.
class OpenFiles {
 public:
  explicit OpenFiles(const Machine& machine);

  /// `process 17 (fio)` for each that has the file open, or another one of the same device.
  std::vector<std::string> processes_with(const std::string& file) const;
  /// A process whose open files we may not see, as /proc/17/fd; empty if there is none.
  const std::string& unseen() const { return unseen_; }

 private:
  void look_at(const std::string& process);
  void add_processes(const std::string& key, std::vector<std::string>& found) const;

  const Machine& machine_;
  std::multimap<std::string, std::string> processes_;  ///< by file, and by device
  std::string unseen_;
};

}  // namespace phasebit::hw
