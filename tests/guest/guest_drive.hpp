// What the programs that run in the guest share: the drive that they were told of.
#pragma once

#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// The address that the program's first argument names.
PciAddress guest_drive();

}  // namespace phasebit::hw
