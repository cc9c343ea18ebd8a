// `phasebit setup bind` and `unbind`: drives for programs, and back for the kernel.
#pragma once

#include <string>
#include <vector>

#include "hw/machine.hpp"
#include "scenarios/engine/exit_code.hpp"

namespace phasebit::cli {

/// Gives the drives, or with none named all that nobody uses, to `driver`; without one to vfio-pci, or to uio_pci_generic where there is
/// no IOMMU. usage for a name that is none; environment if a named drive is refused or something fails; nothing_ran if none was named and
/// none is free.
scenarios::ExitCode bind_drives(hw::Machine& machine, const std::vector<std::string>& devices, const std::string& driver);

/// Gives the drives to the kernel's nvme driver, whatever held them.
scenarios::ExitCode unbind_drives(hw::Machine& machine, const std::vector<std::string>& devices);

}  // namespace phasebit::cli
