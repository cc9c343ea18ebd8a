#include "hw/drive_users.hpp"

#include <algorithm>
#include <system_error>

#include "hw/device_name.hpp"
#include "hw/find_device.hpp"

namespace phasebit::hw {
namespace {

/// The files that only one process at a time can open, whatever for: whole namespaces, for their partitions are claimed with them; and the
/// IOMMU group of a function under VFIO.
std::vector<std::string> exclusive_files(const Machine& machine, PciAddress address) {
  std::vector<std::string> files;
  for (const auto& device : block_devices(machine, address)) {
    if (!device.is_partition) {
      files.push_back("/dev/" + device.name);
    }
  }
  const SysfsPci pci(machine.at("/sys/bus/pci/devices"));
  const auto group = pci.iommu_group_of(address);
  if (group && pci.driver_of(address) == "vfio-pci") {
    const auto without_iommu = "/dev/vfio/noiommu-" + std::to_string(*group);
    files.push_back(machine.has(without_iommu) ? without_iommu : "/dev/vfio/" + std::to_string(*group));
  }
  return files;
}

/// Whether what somebody has written down as a device's name leads to this file's device.
bool leads_to(const Machine& machine, const std::optional<std::string>& path, const std::string& file) {
  if (!path || !path->starts_with('/')) {
    return false;
  }
  const auto device = machine.device_number(*path);
  return *path == file || (device && device == machine.device_number(file));
}

/// The subsystems that export the file's namespace, or whole controller, by NVMe over Fabrics.
std::vector<std::string> exports_of(const Machine& machine, const std::string& file) {
  std::vector<std::string> found;
  const std::string subsystems = "/sys/kernel/config/nvmet/subsystems";
  for (const auto& nqn : machine.names_in(subsystems)) {
    std::vector<std::string> exports{subsystems + "/" + nqn + "/passthru"};
    for (const auto& nsid : machine.names_in(subsystems + "/" + nqn + "/namespaces")) {
      exports.push_back(subsystems + "/" + nqn + "/namespaces/" + nsid);
    }
    for (const auto& each : exports) {
      if (machine.line_of(each + "/enable") == "1" && leads_to(machine, machine.line_of(each + "/device_path"), file)) {
        found.push_back(nqn + " (NVMe target)");
      }
    }
  }
  return found;
}

/// Users that are no holders and need not have it for themselves: loop devices and exports. Only they themselves tell of what they stand
/// on.
std::vector<std::string> quiet_holders(const Machine& machine, const BlockDevice& device) {
  const auto file = "/dev/" + device.name;
  std::vector<std::string> found = exports_of(machine, file);
  for (const auto& name : machine.names_in("/sys/class/block")) {
    if (name.starts_with("loop") && leads_to(machine, machine.line_of("/sys/class/block/" + name + "/loop/backing_file"), file)) {
      found.push_back(name + " (loop device)");
    }
  }
  return found;
}

}  // namespace

std::string_view kind_word(DriveUser::Kind kind) {
  switch (kind) {
    case DriveUser::Kind::mount:
      return "mount";
    case DriveUser::Kind::swap:
      return "swap";
    case DriveUser::Kind::holder:
      return "holder";
    case DriveUser::Kind::exclusive:
      return "exclusive";
    case DriveUser::Kind::process:
      return "process";
  }
  return "unknown";
}

std::string text(const DriveUser& user) {
  switch (user.kind) {
    case DriveUser::Kind::mount:
      return user.device + " is mounted on " + user.by;
    case DriveUser::Kind::swap:
      return user.device + " is swap";
    case DriveUser::Kind::holder:
      return user.device + " is part of " + user.by;
    case DriveUser::Kind::exclusive:
      return user.device + " is opened exclusively by somebody";
    case DriveUser::Kind::process:
      return user.device + " is open in " + user.by;
  }
  return user.device + " is in use";
}

DriveUsers::DriveUsers(const Machine& machine)
    : machine_(machine), open_files_(machine), mounts_(mounts(machine)), swaps_(swaps(machine)) {}

/// The first mount is enough: whoever has to be asked to unmount is named.
void DriveUsers::add_mount(const BlockDevice& device, std::vector<DriveUser>& users) const {
  const auto mount = std::find_if(mounts_.begin(), mounts_.end(), [&](const Mount& each) {
    return each.source == "/dev/" + device.name || (!device.number.empty() && each.number == device.number);
  });
  if (mount != mounts_.end()) {
    const auto where = mount->process.empty() ? "" : ", as process " + mount->process + " sees it";
    users.push_back({DriveUser::Kind::mount, device.name, mount->point + where});
  }
}

void DriveUsers::add_kernel_users(const BlockDevice& device, std::vector<DriveUser>& users) const {
  add_mount(device, users);
  if (std::find(swaps_.begin(), swaps_.end(), "/dev/" + device.name) != swaps_.end()) {
    users.push_back({DriveUser::Kind::swap, device.name, ""});
  }
  for (const auto& holder : device.holders) {
    users.push_back({DriveUser::Kind::holder, device.name, holder_text(machine_, holder)});
  }
  for (const auto& holder : quiet_holders(machine_, device)) {
    users.push_back({DriveUser::Kind::holder, device.name, holder});
  }
}

std::vector<DriveUser> DriveUsers::processes_at(PciAddress address) const {
  std::vector<DriveUser> users;
  for (const auto& file : files_of(address)) {
    for (const auto& process : open_files_.processes_with(file)) {
      users.push_back({DriveUser::Kind::process, file, process});
    }
  }
  return users;
}

/// Configuration space as /proc names it: sysfs shows functions by links. Empty if there is none.
std::string DriveUsers::config_file(PciAddress address) const {
  std::error_code error;
  const auto config = std::filesystem::canonical(machine_.at("/sys/bus/pci/devices/" + text(address) + "/config"), error);
  return error ? "" : "/" + config.lexically_relative(std::filesystem::canonical(machine_.at("/"))).string();
}

/// Everything by which a process can have the function open.
std::vector<std::string> DriveUsers::files_of(PciAddress address) const {
  auto files = control_files(machine_, address);
  for (const auto& device : block_devices(machine_, address)) {
    files.push_back("/dev/" + device.name);
  }
  for (const auto& name : machine_.names_in("/sys/bus/pci/devices/" + text(address) + "/uio")) {
    files.push_back("/dev/" + name);
  }
  for (const auto& file : exclusive_files(machine_, address)) {
    if (file.starts_with("/dev/vfio/")) {
      files.push_back(file);
    }
  }
  if (auto config = config_file(address); !config.empty()) {
    files.push_back(std::move(config));
  }
  return files;
}

std::vector<DriveUser> DriveUsers::of(PciAddress address) const {
  std::vector<DriveUser> users;
  for (const auto& device : block_devices(machine_, address)) {
    add_kernel_users(device, users);
  }
  for (const auto& file : control_files(machine_, address)) {
    for (const auto& subsystem : exports_of(machine_, file)) {
      users.push_back({DriveUser::Kind::holder, file, subsystem});
    }
  }
  for (const auto& process : processes_at(address)) {
    users.push_back(process);
  }
  if (!users.empty()) {
    return users;  // who has it for himself is among them
  }
  for (const auto& file : exclusive_files(machine_, address)) {
    const auto opened = machine_.open_exclusively(file);
    if (!opened && opened.error().error == Errc::busy) {
      users.push_back({DriveUser::Kind::exclusive, file, ""});
    }
  }
  return users;
}

std::string DriveUsers::unseen(PciAddress address) const {
  for (const auto& file : exclusive_files(machine_, address)) {
    const auto opened = machine_.open_exclusively(file);
    if (!opened && opened.error().error != Errc::busy) {
      return file;
    }
  }
  return open_files_.unseen();
}

Answer<std::vector<FileDescriptor>> hold_namespaces(const Machine& machine, PciAddress address) {
  std::vector<FileDescriptor> held;
  for (const auto& device : block_devices(machine, address)) {
    if (device.is_partition) {
      continue;
    }
    auto opened = machine.open_exclusively("/dev/" + device.name);
    if (!opened) {
      return refuse(opened.error().error, text(address) + ": it cannot be kept from others while it changes hands: " + opened.error().why);
    }
    held.push_back(std::move(*opened));
  }
  return held;
}

}  // namespace phasebit::hw
