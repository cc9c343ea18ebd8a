#include "hw/sysfs_device.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "hw/device_name.hpp"
#include "src/base/little_endian.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::hw {
namespace {

using spec::pci::Command;

std::string file_of(PciAddress address, const std::string& name) {
  return "/sys/bus/pci/devices/" + text(address) + "/" + name;
}

Answer<FileDescriptor> open_for(PciAddress address, const std::filesystem::path& file) {
  FileDescriptor opened(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (opened.is_open()) {
    return opened;
  }
  const int error = errno;
  const bool is_forbidden = error == EACCES || error == EPERM;
  return refuse(is_forbidden ? Errc::permission_denied : Errc::environment,
                text(address) + ": " + file.string() + " cannot be opened: " + std::generic_category().message(error) +
                    (is_forbidden ? "; run this as root" : ""));
}

}  // namespace

Answer<FileDescriptor> SysfsDevice::open_file(const Machine& machine, PciAddress address, const std::string& name) {
  return open_for(address, machine.at(file_of(address, name)));
}

SysfsDevice::SysfsDevice(const Machine& machine, PciAddress address, FunctionAccess::Way way, FileDescriptor config)
    : machine_(machine.at("/")), address_(address), way_(way), config_(std::move(config)) {}

Answer<std::unique_ptr<SysfsDevice>> SysfsDevice::open(const Machine& machine, PciAddress address, const FunctionAccess& access) {
  auto config = open_file(machine, address, "config");
  if (!config) {
    return tl::unexpected(std::move(config.error()));
  }
  std::unique_ptr<SysfsDevice> device(new SysfsDevice(machine, address, access.way, std::move(*config)));
  const auto held = access.way == FunctionAccess::Way::uio ? device->hold_uio() : device->switch_on();
  if (auto ready = held ? device->map_bar() : held; !ready) {
    return tl::unexpected(std::move(ready.error()));
  }
  device->quiesce();
  return device;
}

SysfsDevice::~SysfsDevice() {
  bar_.reset();
  quiesce();
  if (is_enabled_) {
    write_file("enable", "0");
  }
}

/// While it is open, and no longer, the drive can reach memory.
Answer<void> SysfsDevice::hold_uio() {
  const auto names = machine_.names_in(file_of(address_, "uio"));
  if (names.empty()) {
    return refuse(Errc::environment, text(address_) + ": uio_pci_generic holds it and has no device for it");
  }
  auto opened = open_for(address_, machine_.at("/dev/" + names.front()));
  if (!opened) {
    return tl::unexpected(std::move(opened.error()));
  }
  uio_ = std::move(*opened);
  return {};
}

/// What a driver would do first. The kernel counts who has switched the function on, and refuses where it has a driver.
Answer<void> SysfsDevice::switch_on() {
  is_enabled_ = write_file("enable", "1");
  return is_enabled_
             ? Answer<void>()
             : refuse(Errc::busy, text(address_) + ": the kernel does not switch it on for us: it has a driver by now, or needs root");
}

Answer<void> SysfsDevice::map_bar() {
  auto opened = open_file(machine_, address_, "resource0");
  if (!opened) {
    return tl::unexpected(std::move(opened.error()));
  }
  resource_ = std::move(*opened);
  struct stat status {};
  if (fstat(resource_.number(), &status) != 0 || status.st_size == 0) {
    return refuse(Errc::unsupported, text(address_) + ": BAR0 is not memory that can be mapped");
  }
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  return BarMapping::map(address_, resource_.number(), 0, bytes).map([this](std::unique_ptr<BarMapping> bar) { bar_ = std::move(bar); });
}

bool SysfsDevice::write_file(const std::string& name, const std::string& text) {
  return machine_.write(file_of(address_, name), text).has_value();
}

bool SysfsDevice::is_ours() const {
  const auto access = SysfsPci(machine_.at("/sys/bus/pci/devices")).access_to(address_);
  return access && access->way == way_;
}

void SysfsDevice::quiesce() {
  const std::uint32_t seen = config_read32(spec::pci::config::command);
  if (seen == ~0u) {
    return;  // it is gone, or somebody else's
  }
  Command command{static_cast<std::uint16_t>(seen)};
  command.set(Command::bus_master, 0);
  command.set(Command::memory_space, 1);
  command.set(Command::intx_disable, 1);
  config_write16(spec::pci::config::command, command.raw);
  write_file("reset", "1");  // one that cannot be reset forgets its queues when it is enabled the next time
}

std::uint32_t SysfsDevice::config_read32(std::uint32_t offset) const {
  Le32 value;
  const bool is_read = is_ours() && pread(config_.number(), &value, sizeof value, static_cast<off_t>(offset)) == sizeof value;
  return is_read ? value.get() : ~0u;
}

void SysfsDevice::config_write16(std::uint32_t offset, std::uint16_t value) {
  if (!is_ours()) {
    return;
  }
  const Le16 stored = value;
  [[maybe_unused]] const auto bytes = pwrite(config_.number(), &stored, sizeof stored, static_cast<off_t>(offset));
  if (offset == spec::pci::config::command && bar_ != nullptr) {
    bar_->renew_after(value);
  }
}

}  // namespace phasebit::hw
