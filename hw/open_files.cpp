#include "hw/open_files.hpp"

#include <algorithm>
#include <system_error>

namespace phasebit::hw {
namespace {

bool can_be_a_drives(const std::string& file) {
  const bool is_configuration_space = file.starts_with("/sys/") && file.ends_with("/config");
  return is_configuration_space || file.starts_with("/dev/nvme") || file.starts_with("/dev/ng") || file.starts_with("/dev/vfio/") ||
         file.starts_with("/dev/uio");
}

}  // namespace

OpenFiles::OpenFiles(const Machine& machine) : machine_(machine) {
  std::error_code error;
  const auto ourselves = std::filesystem::read_symlink(machine.at("/proc/self"), error).string();
  for (const auto& name : machine.names_in("/proc")) {
    if (name.find_first_not_of("0123456789") == std::string::npos && name != ourselves) {
      look_at(name);
    }
  }
}

void OpenFiles::look_at(const std::string& process) {
  const auto folder = "/proc/" + process + "/fd";
  const auto who = "process " + process + " (" + machine_.line_of("/proc/" + process + "/comm").value_or("?") + ")";
  std::error_code error;
  for (std::filesystem::directory_iterator entry(machine_.at(folder), error), end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    const auto file = std::filesystem::read_symlink(entry->path(), gone).string();
    if (can_be_a_drives(file)) {
      processes_.emplace(file, who);
    }
    const bool is_file = file.starts_with('/');  // and no socket or pipe
    if (const auto device = is_file ? machine_.device_number(folder + "/" + entry->path().filename().string()) : std::nullopt) {
      processes_.emplace(*device, who);
    }
  }
  if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) {
    unseen_ = folder;
  }
}

std::vector<std::string> OpenFiles::processes_with(const std::string& file) const {
  std::vector<std::string> found;
  add_processes(file, found);
  if (const auto device = machine_.device_number(file)) {
    add_processes(*device, found);
  }
  return found;
}

void OpenFiles::add_processes(const std::string& key, std::vector<std::string>& found) const {
  const auto [first, last] = processes_.equal_range(key);
  for (auto entry = first; entry != last; ++entry) {
    if (std::find(found.begin(), found.end(), entry->second) == found.end()) {
      found.push_back(entry->second);
    }
  }
}

}  // namespace phasebit::hw
