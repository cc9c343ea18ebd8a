#include "hw/find_device.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>
#include <system_error>

#include "hw/device_name.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::hw {
namespace {

namespace fs = std::filesystem;

/// The name of a group that vfio makes itself, for lack of a real one.
constexpr std::string_view group_without_iommu = "vfio-noiommu";

/// A file that holds one number such as 0x1b36.
std::optional<std::uint32_t> read_hex(const fs::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  std::uint32_t value = 0;
  if (word.size() < 3 || !word.starts_with("0x")) {
    return std::nullopt;
  }
  const char* end = word.data() + word.size();
  auto [stop, error] = std::from_chars(word.data() + 2, end, value, 16);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

std::optional<PciFunction> read_function(const fs::path& directory) {
  auto address = parse_device_name(directory.filename().string());
  auto class_code = read_hex(directory / "class");
  auto vendor = read_hex(directory / "vendor");
  auto device = read_hex(directory / "device");
  if (!address || !class_code || !vendor || !device) {
    return std::nullopt;
  }
  auto subsystem_vendor = read_hex(directory / "subsystem_vendor").value_or(0);
  auto subsystem = read_hex(directory / "subsystem_device").value_or(0);
  return PciFunction{*address,
                     *class_code,
                     static_cast<std::uint16_t>(*vendor),
                     static_cast<std::uint16_t>(*device),
                     static_cast<std::uint16_t>(subsystem_vendor),
                     static_cast<std::uint16_t>(subsystem)};
}

/// The last part of what a link points to.
std::optional<std::string> link_name(const fs::path& link) {
  std::error_code error;
  auto target = fs::read_symlink(link, error);
  return error ? std::nullopt : std::optional(target.filename().string());
}

std::string how_to_bind(const std::string& name, bool has_iommu) {
  return std::string("to hand it to ") + (has_iommu ? "vfio-pci" : "uio_pci_generic") + ": phasebit setup bind " + name;
}

}  // namespace

std::size_t iommu_groups(const Machine& machine) {
  const std::string groups = "/sys/kernel/iommu_groups";
  const std::vector<std::string> names = machine.names_in(groups);
  return static_cast<std::size_t>(std::ranges::count_if(
      names, [&](const std::string& group) { return machine.line_of(groups + "/" + group + "/name") != group_without_iommu; }));
}

std::string warning_of(PciAddress address, const FunctionAccess& access) {
  if (access.is_behind_iommu()) {
    return "";
  }
  const std::string killed =
      access.way == FunctionAccess::Way::unbound ? "; no driver holds it, so that it goes on doing so if this process is killed" : "";
  return text(address) +
         ": no IOMMU stands between this drive and memory: a mistake of the drive's, of its firmware or of this program can overwrite "
         "anything in this machine, the kernel included" +
         killed;
}

std::vector<PciFunction> SysfsPci::functions() const {
  std::vector<PciFunction> found;
  std::error_code error;
  for (fs::directory_iterator entry(root_, error), end; !error && entry != end; entry.increment(error)) {
    if (auto function = read_function(entry->path())) {
      found.push_back(*function);
    }
  }
  std::sort(found.begin(), found.end(), [](const PciFunction& a, const PciFunction& b) { return a.address < b.address; });
  return found;
}

std::optional<std::string> SysfsPci::driver_of(PciAddress address) const {
  return link_name(root_ / text(address) / "driver");
}

std::optional<std::uint32_t> SysfsPci::iommu_group_of(PciAddress address) const {
  auto name = link_name(root_ / text(address) / "iommu_group");
  std::uint32_t group = 0;
  if (!name || std::from_chars(name->data(), name->data() + name->size(), group).ptr != name->data() + name->size()) {
    return std::nullopt;
  }
  return group;
}

bool SysfsPci::is_without_iommu(PciAddress address) const {
  std::string group;
  std::ifstream(root_ / text(address) / "iommu_group" / "name") >> group;
  return group == group_without_iommu;
}

std::optional<std::uint32_t> SysfsPci::numa_node_of(PciAddress address) const {
  std::int64_t node = 0;
  std::ifstream file(root_ / text(address) / "numa_node");
  const bool known = file >> node && node >= 0;  // -1 where there is one node only
  return known ? std::optional(static_cast<std::uint32_t>(node)) : std::nullopt;
}

Answer<void> SysfsPci::check_drive(PciAddress address) const {
  const auto name = text(address);
  std::error_code error;
  if (!fs::exists(root_ / name, error)) {
    return refuse(Errc::not_found, name + ": there is no such PCI function");
  }
  if (read_hex(root_ / name / "class") != spec::pci::class_code_nvme) {
    return refuse(Errc::unsupported, name + ": it is not an NVMe I/O controller");
  }
  return {};
}

std::string SysfsPci::override_of(PciAddress address) const {
  std::string driver;
  std::ifstream(root_ / text(address) / "driver_override") >> driver;
  return driver == "(null)" ? "" : driver;
}

Answer<FunctionAccess> SysfsPci::access_to(PciAddress address) const {
  const auto name = text(address);
  if (auto drive = check_drive(address); !drive) {
    return tl::unexpected(drive.error());
  }
  const auto driver = driver_of(address);
  const auto group = iommu_group_of(address);
  if (!driver) {
    const std::string allowed = override_of(address);
    const bool is_left_alone = !group && !allowed.empty() && allowed != "nvme";
    return is_left_alone ? Answer<FunctionAccess>(FunctionAccess{FunctionAccess::Way::unbound})
                         : refuse(Errc::not_ready, name + ": no kernel driver holds it; " + how_to_bind(name, group.has_value()));
  }
  if (*driver == "vfio-pci" && group && is_without_iommu(address)) {
    return refuse(Errc::environment, name + ": vfio-pci holds it in its no-IOMMU mode (/dev/vfio/noiommu-" + std::to_string(*group) +
                                         "): nothing stands between the drive and memory, and vfio-pci gives no addresses that it could "
                                         "use; switch the IOMMU (VT-d, AMD-Vi) on in firmware and kernel, or do without in the way that "
                                         "is meant for it: phasebit setup bind --driver uio_pci_generic " +
                                         name);
  }
  if (*driver == "vfio-pci") {
    return group ? Answer<FunctionAccess>(FunctionAccess{FunctionAccess::Way::vfio, *group})
                 : refuse(Errc::environment, name +
                                                 ": it has no IOMMU group; switch the IOMMU (VT-d, AMD-Vi) on in firmware and kernel, or "
                                                 "do without: phasebit setup bind --driver uio_pci_generic " +
                                                 name);
  }
  if (*driver == "uio_pci_generic" && !group) {
    return FunctionAccess{FunctionAccess::Way::uio};
  }
  return refuse(Errc::busy, name + ": the kernel driver '" + *driver + "' holds it; " + how_to_bind(name, group.has_value()));
}

}  // namespace phasebit::hw
