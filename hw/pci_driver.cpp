#include "hw/pci_driver.hpp"

#include <algorithm>

#include "hw/device_name.hpp"
#include "hw/find_device.hpp"

namespace phasebit::hw {
namespace {

std::string function_file(PciAddress address, const std::string& file) {
  return "/sys/bus/pci/devices/" + text(address) + "/" + file;
}

std::optional<std::string> driver_of(const Machine& machine, PciAddress address) {
  return SysfsPci(machine.at("/sys/bus/pci/devices")).driver_of(address);
}

/// An empty line takes an override away.
Answer<void> set_override(Machine& machine, PciAddress address, const std::string& driver) {
  return machine.write(function_file(address, "driver_override"), driver + "\n");
}

Answer<void> take_from_driver(Machine& machine, PciAddress address) {
  return driver_of(machine, address) ? machine.write(function_file(address, "driver/unbind"), text(address)) : Answer<void>();
}

/// The kernel has probed by the time the write returns: there is nothing to wait for.
Answer<void> probe(Machine& machine, PciAddress address) {
  return machine.write("/sys/bus/pci/drivers_probe", text(address));
}

Answer<void> check_driver(const Machine& machine, PciAddress address, const std::optional<std::string>& wanted) {
  const auto now = driver_of(machine, address);
  if (now == wanted) {
    return {};
  }
  return refuse(Errc::device_failed, text(address) + ": it should be with " + wanted.value_or("no driver") + " now, but is with " +
                                         now.value_or("no driver") + "; `dmesg` may say why");
}

std::string driver_folder(const std::string& driver) {
  return "/sys/bus/pci/drivers/" + driver;
}

}  // namespace

DriverState driver_state(const Machine& machine, PciAddress address) {
  const auto override_line = machine.line_of(function_file(address, "driver_override")).value_or("");
  return {driver_of(machine, address), override_line == "(null)" ? "" : override_line};
}

Answer<void> set_driver(Machine& machine, PciAddress address, const DriverState& wanted) {
  if (driver_of(machine, address) != wanted.driver) {
    Answer<void> done = wanted.driver ? set_override(machine, address, *wanted.driver) : Answer<void>();
    done = done.and_then([&] { return take_from_driver(machine, address); })
               .and_then([&] { return wanted.driver ? probe(machine, address) : Answer<void>(); })
               .and_then([&] { return check_driver(machine, address, wanted.driver); });
    if (!done) {
      return done;
    }
  }
  const bool overridden = driver_state(machine, address).driver_override == wanted.driver_override;
  return overridden ? Answer<void>() : set_override(machine, address, wanted.driver_override);
}

DriverPresence driver_presence(const Machine& machine, const std::string& driver) {
  if (machine.has(driver_folder(driver))) {
    return DriverPresence::loaded;
  }
  const auto release = machine.line_of("/proc/sys/kernel/osrelease").value_or("");
  const auto modules = machine.lines_of("/lib/modules/" + release + "/modules.dep");
  const bool found = std::any_of(modules.begin(), modules.end(), [&](const std::string& line) {
    return line.substr(0, line.find(':')).find("/" + driver + ".ko") != std::string::npos;
  });
  return found ? DriverPresence::loadable : DriverPresence::absent;
}

Answer<void> load_driver(Machine& machine, const std::string& driver) {
  if (machine.has(driver_folder(driver))) {
    return {};
  }
  return machine.load_module(driver).and_then([&] {
    return machine.has(driver_folder(driver))
               ? Answer<void>()
               : refuse(Errc::environment, driver_folder(driver) + ": the module was loaded, and yet there is no such driver");
  });
}

}  // namespace phasebit::hw
