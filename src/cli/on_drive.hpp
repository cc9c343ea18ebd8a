// A verb on whichever drive it was given.
#pragma once

#include <string>

#include "src/cli/emulated_drive.hpp"
#include "src/cli/real_drive.hpp"

namespace phasebit::cli {

/// Calls `verb(bus, clock, address)`, which gives an exit code, for the real drive at `device`, or if that is empty for an emulated one:
/// the drive of the scenario file `emulated`, or the default one. Whoever does not get that far is told why.
template <DriveUse use = DriveUse::whole, class Verb>
scenarios::ExitCode on_drive(const std::string& device, const hw::EnvironmentOptions& environment, Verb verb,
                             const std::string& emulated = {}) {
  if (!device.empty()) {
    return on_real_drive<use>(device, environment, verb);
  }
  const scenarios::Checked<sim::DriveOptions> options = drive_of(emulated);
  if (!options) {
    complain(options.error());
    return exit_code(options.error());
  }
  Result<EmulatedDrive> drive = EmulatedDrive::create(*options);
  if (!drive) {
    tell("phasebit: there is no memory for an emulated drive\n");
    return scenarios::ExitCode::environment;
  }
  WorldClock clock(drive->world());
  return verb(drive->world().bus(), clock, drive->address());
}

}  // namespace phasebit::cli
