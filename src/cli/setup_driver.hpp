// A drive changes hands: nobody is robbed, and a change that fails is undone.
#pragma once

#include "hw/drive_users.hpp"
#include "hw/pci_driver.hpp"

namespace phasebit::cli {

/// Errors: busy if somebody uses the drive, and all who do; permission_denied if that cannot be told for certain.
hw::Answer<void> check_unused(const hw::DriveUsers& users, PciAddress address);

/// Gives the drive, which nobody uses, to another driver. Its namespaces are held in the meantime, so that nobody begins to use them.
/// If it is with that driver already, nobody has to let go of it. Errors: those of hw::set_driver, after which it is with its old driver
/// again, or why it is not; busy if somebody was quicker.
hw::Answer<void> change_driver(hw::Machine& machine, PciAddress address, const hw::DriverState& wanted);

}  // namespace phasebit::cli
