#include "src/cli/drive_consent.hpp"

#include "src/cli/shown.hpp"

namespace phasebit::cli {

std::optional<std::string> wrong_consent(const DriveConsent& consent, const std::string& device) {
  if (device.empty()) {
    const bool spoken = consent.destructive || consent.i_know || !consent.serial.empty();
    return spoken ? std::optional<std::string>("--destructive, --serial and --i-know are for a real drive; name it with --device")
                  : std::nullopt;
  }
  if (consent.destructive && consent.serial.empty()) {
    return fmt::format("--destructive overwrites blocks of {}: give its serial number too, with --serial", device);
  }
  return consent.i_know && !consent.destructive ? std::optional<std::string>("--i-know says nothing without --destructive") : std::nullopt;
}

std::optional<std::string> is_another(const driver::AnyDriver& driver, const DriveConsent& consent) {
  const std::string found = shown(driver.controller().serial);
  return consent.serial.empty() || found == consent.serial
             ? std::nullopt
             : std::optional(fmt::format("this drive's serial is \"{}\", not \"{}\"; nothing was written", found, consent.serial));
}

KnownDrive known(const driver::AnyDriver& driver) {
  const auto spaces = driver.namespaces();
  return {shown(driver.controller().serial), shown(driver.controller().model), {spaces.begin(), spaces.end()}};
}

/// A namespace that is missing is not written to either.
std::optional<std::string> is_another(const driver::AnyDriver& driver, const KnownDrive& known) {
  const std::string serial = shown(driver.controller().serial);
  const std::string model = shown(driver.controller().model);
  if (serial != known.serial || model != known.model) {
    return fmt::format("another drive is at this address now: {}, serial \"{}\", where {}, serial \"{}\" was; nothing was written to it",
                       model, serial, known.model, known.serial);
  }
  for (const driver::Namespace& space : driver.namespaces()) {
    const auto before = std::ranges::find(known.namespaces, space.nsid, &driver::Namespace::nsid);
    if (before == known.namespaces.end() || before->blocks != space.blocks || before->block_bytes != space.block_bytes) {
      return fmt::format("namespace {} of serial \"{}\" is not what it was when it was looked at; nothing was written to it",
                         space.nsid.value, serial);
    }
  }
  return std::nullopt;
}

}  // namespace phasebit::cli
