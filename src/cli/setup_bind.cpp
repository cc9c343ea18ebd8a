#include "src/cli/setup_bind.hpp"

#include <algorithm>

#include "hw/device_name.hpp"
#include "hw/find_device.hpp"
#include "scenarios/engine/interrupt.hpp"
#include "src/cli/real_drive.hpp"
#include "src/cli/setup_driver.hpp"
#include "src/cli/setup_record.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::cli {
namespace {

using scenarios::ExitCode;

hw::SysfsPci pci_of(const hw::Machine& machine) {
  return hw::SysfsPci(machine.at("/sys/bus/pci/devices"));
}

/// All names are looked at before anything is changed.
ExitCode find_named(const hw::Machine& machine, const std::vector<std::string>& devices, std::vector<PciAddress>& found) {
  ExitCode code = ExitCode::clean;
  for (const std::string& device : devices) {
    const auto address = hw::parse_device_name(device);
    if (!address) {
      code = scenarios::louder(code, refuse(ExitCode::usage, address.error().why));
    } else if (const auto drive = pci_of(machine).check_drive(*address); !drive) {
      code = scenarios::louder(code, refuse(ExitCode::environment, drive.error().why));
    } else if (std::find(found.begin(), found.end(), *address) == found.end()) {
      found.push_back(*address);
    }
  }
  return code;
}

std::vector<PciAddress> find_all(const hw::Machine& machine) {
  std::vector<PciAddress> found;
  for (const PciFunction& function : pci_of(machine).functions()) {
    if (function.class_code == spec::pci::class_code_nvme) {
      found.push_back(function.address);
    }
  }
  return found;
}

/// One run of bind or unbind.
class Handover {
 public:
  Handover(hw::Machine& machine, hw::DriverState wanted) : machine_(machine), wanted_(std::move(wanted)) {}

  /// Each drive by itself: one that is refused does not keep the others.
  ExitCode run(const std::vector<PciAddress>& drives, bool named) {
    const auto lock = lock_setup(machine_);
    auto record = lock ? read_record(machine_) : tl::unexpected(lock.error());
    if (!record) {
      return refuse(ExitCode::environment, record.error().why);
    }
    record_ = std::move(*record);
    const bool all_free = find_free(drives);
    ExitCode code = named && !all_free ? ExitCode::environment : ExitCode::clean;
    if (free_.empty()) {
      return named || some_already_ ? code : ExitCode::nothing_ran;
    }
    if (const auto loaded = hw::load_driver(machine_, *wanted_.driver); !loaded) {
      return refuse(ExitCode::environment, loaded.error().why);
    }
    for (const PciAddress drive : free_) {
      if (scenarios::interrupt_seen() == 0) {
        code = scenarios::louder(code, hand_over(drive));
      }
    }
    return code;
  }

 private:
  /// Says of each drive that needs no change, or may not be changed, why.
  bool find_free(const std::vector<PciAddress>& drives) {
    const hw::DriveUsers users(machine_);
    bool all_free = true;
    for (const PciAddress drive : drives) {
      const hw::DriverState state = hw::driver_state(machine_, drive);
      const auto unused = state.driver == wanted_.driver ? hw::Answer<void>() : check_unused(users, drive);
      if (state == wanted_) {
        some_already_ = true;
        print(fmt::format("{}: is with {} already\n", hw::text(drive), *wanted_.driver));
      } else if (!unused) {
        all_free = false;
        tell(fmt::format("phasebit: {}\n", unused.error().why));
      } else {
        free_.push_back(drive);
      }
    }
    return all_free;
  }

  /// What was is on disk before it changes.
  ExitCode hand_over(PciAddress drive) {
    const hw::DriverState before = hw::driver_state(machine_, drive);
    record_.functions.try_emplace(drive, before);
    const auto done = write_record(machine_, record_).and_then([&] { return change_driver(machine_, drive, wanted_); });
    if (!done) {
      return refuse(ExitCode::environment, done.error().why);
    }
    print(fmt::format("{}: is with {} now, was with {}\n", hw::text(drive), *wanted_.driver, before.driver.value_or("no driver")));
    return ExitCode::clean;
  }

  hw::Machine& machine_;
  hw::DriverState wanted_;
  SetupRecord record_;
  std::vector<PciAddress> free_;
  bool some_already_ = false;
};

/// Which driver serves where nobody has chosen.
std::string driver_for(const hw::Machine& machine) {
  if (hw::iommu_groups(machine) > 0) {
    return "vfio-pci";
  }
  tell("phasebit: warning: there is no IOMMU, so that it is uio_pci_generic: with it a drive reaches all of the machine's memory\n");
  return "uio_pci_generic";
}

}  // namespace

ExitCode bind_drives(hw::Machine& machine, const std::vector<std::string>& devices, const std::string& driver) {
  std::vector<PciAddress> drives;
  if (const ExitCode code = find_named(machine, devices, drives); code != ExitCode::clean) {
    return code;
  }
  if (devices.empty()) {
    drives = find_all(machine);
  }
  if (drives.empty()) {
    return refuse(ExitCode::nothing_ran, "this machine has no NVMe I/O controller on its PCI bus");
  }
  const std::string wanted = driver.empty() ? driver_for(machine) : driver;
  return Handover(machine, {wanted, wanted}).run(drives, !devices.empty());
}

ExitCode unbind_drives(hw::Machine& machine, const std::vector<std::string>& devices) {
  std::vector<PciAddress> drives;
  if (const ExitCode code = find_named(machine, devices, drives); code != ExitCode::clean) {
    return code;
  }
  return Handover(machine, {"nvme", ""}).run(drives, true);
}

}  // namespace phasebit::cli
