// Which kernel driver holds a PCI function, and how it comes to hold another one.
#pragma once

#include <optional>
#include <string>

#include "hw/machine.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// Who drives a function, and who alone may: both have to be put back to leave a machine as it was.
struct DriverState {
  std::optional<std::string> driver;  ///< none: nobody holds it
  std::string driver_override;        ///< the only driver that may take it; empty: any that knows it

  friend bool operator==(const DriverState&, const DriverState&) = default;
};

DriverState driver_state(const Machine& machine, PciAddress address);

/// Takes the function from the driver that holds it, if that is another one, and gives it to the one that is wanted; then sets the
/// override. It does not ask whether anybody uses the function, and whoever does is robbed. Whatever was done before an error stays done.
/// Errors: those of Machine::write; device_failed if the kernel did not do as it was told.
Answer<void> set_driver(Machine& machine, PciAddress address, const DriverState& wanted);

/// Whether a driver can hold functions at all.
enum class DriverPresence {
  loaded,    ///< or built into the kernel
  loadable,  ///< its module lies where modprobe finds it
  absent,
};
DriverPresence driver_presence(const Machine& machine, const std::string& driver);

/// Loads the driver unless it is there. Errors: environment.
Answer<void> load_driver(Machine& machine, const std::string& driver);

}  // namespace phasebit::hw
