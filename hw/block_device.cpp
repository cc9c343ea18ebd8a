#include "hw/block_device.hpp"

#include <algorithm>

#include "hw/device_name.hpp"

namespace phasebit::hw {
namespace {

std::string controllers_folder(PciAddress address) {
  return "/sys/bus/pci/devices/" + text(address) + "/nvme";
}

std::string block_folder(const std::string& name) {
  return "/sys/class/block/" + name;
}

bool is_digits(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The block device behind an entry of a controller's directory; empty for other entries. nvme0n1 is itself; nvme0c1n1, the path by
/// controller 1 to a namespace that several share, is a way to nvme0n1.
std::string namespace_name(std::string_view entry) {
  const auto last = entry.rfind('n');
  if (!entry.starts_with("nvme") || last < 5 || last == std::string_view::npos || !is_digits(entry.substr(last + 1))) {
    return "";
  }
  const auto owner = entry.substr(4, last - 4);
  const auto path = owner.find('c');
  const auto instance = owner.substr(0, path);
  if (!is_digits(instance) || (path != std::string_view::npos && !is_digits(owner.substr(path + 1)))) {
    return "";
  }
  return "nvme" + std::string(instance) + std::string(entry.substr(last));
}

BlockDevice block_device(const Machine& machine, const std::string& name) {
  return {name, machine.line_of(block_folder(name) + "/dev").value_or(""), machine.has(block_folder(name) + "/partition"),
          machine.names_in(block_folder(name) + "/holders")};
}

}  // namespace

std::vector<BlockDevice> block_devices(const Machine& machine, PciAddress address) {
  std::vector<BlockDevice> found;
  for (const auto& controller : machine.names_in(controllers_folder(address))) {
    for (const auto& entry : machine.names_in(controllers_folder(address) + "/" + controller)) {
      const auto name = namespace_name(entry);
      if (name.empty()) {
        continue;
      }
      found.push_back(block_device(machine, name));
      for (const auto& part : machine.names_in(block_folder(name))) {
        if (machine.has(block_folder(name) + "/" + part + "/partition")) {
          found.push_back(block_device(machine, part));
        }
      }
    }
  }
  return found;
}

std::vector<std::string> control_files(const Machine& machine, PciAddress address) {
  std::vector<std::string> files;
  for (const auto& controller : machine.names_in(controllers_folder(address))) {
    files.push_back("/dev/" + controller);
  }
  for (const auto& device : block_devices(machine, address)) {
    if (!device.is_partition) {
      files.push_back("/dev/ng" + device.name.substr(4));
    }
  }
  return files;
}

std::string holder_text(const Machine& machine, const std::string& holder) {
  if (machine.has(block_folder(holder) + "/md")) {
    return holder + " (MD RAID)";
  }
  if (!machine.has(block_folder(holder) + "/dm")) {
    return holder;
  }
  const auto uuid = machine.line_of(block_folder(holder) + "/dm/uuid").value_or("");
  return machine.line_of(block_folder(holder) + "/dm/name").value_or(holder) + (uuid.starts_with("LVM-") ? " (LVM)" : " (device mapper)");
}

}  // namespace phasebit::hw
