#include "hw/sysfs_claim.hpp"

#include <sys/file.h>

#include <cerrno>

#include "hw/device_name.hpp"
#include "hw/physical_domain.hpp"
#include "hw/sysfs_device.hpp"

namespace phasebit::hw {

Answer<std::unique_ptr<FunctionClaim>> SysfsClaim::take(const Machine& machine, PciAddress address) {
  if (const auto fitting = PhysicalHeap::check_environment(); !fitting) {
    return refuse(fitting.error().error, text(address) + ": " + fitting.error().why);
  }
  return lock(machine, address).map([&](FileDescriptor locked) {
    return std::unique_ptr<FunctionClaim>(new SysfsClaim(machine.at("/"), address, std::move(locked)));
  });
}

Answer<FileDescriptor> SysfsClaim::lock(const Machine& machine, PciAddress address) {
  auto config = SysfsDevice::open_file(machine, address, "config");
  if (config && flock(config->number(), LOCK_EX | LOCK_NB) != 0) {
    return refuse(errno == EWOULDBLOCK ? Errc::busy : Errc::environment, text(address) + ": another process uses it");
  }
  return config;
}

Answer<FunctionParts> SysfsClaim::open() {
  const Machine machine(root_);
  const auto access = SysfsPci(machine.at("/sys/bus/pci/devices")).access_to(address_);
  if (!access) {
    return tl::unexpected(access.error());
  }
  return SysfsDevice::open(machine, address_, *access).map([](std::unique_ptr<SysfsDevice> device) {
    return FunctionParts{std::make_unique<PhysicalDomain>(), std::move(device)};
  });
}

}  // namespace phasebit::hw
