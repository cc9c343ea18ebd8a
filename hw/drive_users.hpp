// Who uses a drive, and would be robbed if it were taken from its driver.
#pragma once

#include <string>
#include <vector>

#include "hw/block_device.hpp"
#include "hw/mounts.hpp"
#include "hw/open_files.hpp"

namespace phasebit::hw {

struct DriveUser {
  enum class Kind {
    mount,      ///< `by` is where; in another mount namespace it says whose
    swap,       ///< `by` is empty
    holder,     ///< `by` is a block device that is made of it: MD RAID, LVM, a loop device; or a subsystem that exports it
    exclusive,  ///< somebody in the kernel or in a process has opened it for himself, and nothing tells who; `by` is empty
    process,    ///< `by` has it open
  };
  Kind kind = Kind::mount;
  std::string device;  ///< nvme0n1p1 or, of a process, the file that it has open
  std::string by;

  friend bool operator==(const DriveUser&, const DriveUser&) = default;
};

/// `nvme0n1p1 is mounted on /srv`.
std::string text(const DriveUser& user);
/// The kind's own word: mount, swap, holder, exclusive, process.
std::string_view kind_word(DriveUser::Kind kind);

/// The users of all drives at one moment: whoever comes later is not among them. Mount points that other processes see are looked at,
/// and so is whoever drives a function by vfio-pci, uio or sysfs alone.
class DriveUsers {
 public:
  explicit DriveUsers(const Machine& machine);

  std::vector<DriveUser> of(PciAddress address) const;
  /// Those of them that are processes. They need not have it for themselves, and are seen while we do.
  std::vector<DriveUser> processes_at(PciAddress address) const;
  /// A file that we were not allowed to look at, so that a user may have been missed; empty if there is none.
  std::string unseen(PciAddress address) const;

 private:
  void add_kernel_users(const BlockDevice& device, std::vector<DriveUser>& users) const;
  void add_mount(const BlockDevice& device, std::vector<DriveUser>& users) const;
  std::vector<std::string> files_of(PciAddress address) const;
  std::string config_file(PciAddress address) const;

  const Machine& machine_;
  OpenFiles open_files_;
  std::vector<Mount> mounts_;
  std::vector<std::string> swaps_;
};

/// Opens the namespaces of a function for ourselves alone: as long as the descriptors live, nobody mounts, stacks or swaps on them. Errors:
/// busy if somebody was quicker.
Answer<std::vector<FileDescriptor>> hold_namespaces(const Machine& machine, PciAddress address);

}  // namespace phasebit::hw
