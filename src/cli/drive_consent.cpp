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

}  // namespace phasebit::cli
