#include <fmt/format.h>

#include "src/cli/shown.hpp"
#include "src/cli/validate/ask_drive.hpp"
#include "src/cli/validate/checks.hpp"
#include "src/spec/identify_bits.hpp"

namespace phasebit::cli {
namespace {

constexpr std::uint16_t kelvins_of_zero_celsius = 273;

void check_smart(DriveAccess& drive, Validation& validation) {
  const auto smart = log_page<spec::SmartLog>(drive, spec::Lid::smart);
  if (!smart) {
    validation.fail("logs.smart", "Get Log Page: " + outcome_text(smart.error()), "Base 2.0 §5.16.1.3");
    return;
  }
  const std::uint16_t kelvins = smart->temperature_kelvins();
  const bool sane = kelvins > 200 && kelvins < 500 && smart->available_spare <= 100 && smart->available_spare_threshold <= 100;
  validation.judge("logs.smart", sane,
                   fmt::format("{} degrees Celsius, spare {} % (threshold {} %), {} media errors", kelvins - kelvins_of_zero_celsius,
                               smart->available_spare, smart->available_spare_threshold, smart->media_errors.saturated()),
                   "Base 2.0 §5.16.1.3");
  validation.judge("logs.health", smart->critical_warning == 0 && smart->percentage_used < 100,
                   fmt::format("critical warning {:02x}h, {} % of its endurance used", smart->critical_warning, smart->percentage_used),
                   "Base 2.0 §5.16.1.3");
}

void check_errors(DriveAccess& drive, Validation& validation) {
  const auto newest = log_page<spec::ErrorLogEntry>(drive, spec::Lid::error_information);
  validation.judge(
      "logs.errors", newest.has_value(),
      newest ? fmt::format("the newest error is number {}", newest->error_count.get()) : "Get Log Page: " + outcome_text(newest.error()),
      "Base 2.0 §5.16.1.2");
}

void check_firmware(DriveAccess& drive, Validation& validation) {
  const auto slots = log_page<spec::FirmwareSlotLog>(drive, spec::Lid::firmware_slots);
  if (!slots) {
    validation.fail("logs.firmware", "Get Log Page: " + outcome_text(slots.error()), "Base 2.0 §5.16.1.4");
    return;
  }
  const std::uint32_t active = spec::Afi{slots->afi}.get(spec::Afi::active);
  const bool valid = active >= 1 && active <= slots->revision.size();
  const std::string revision = valid ? shown(slots->revision[active - 1]) : "";
  // Another revision than FR's is wrong too (§5.17.2.1), and so common in drives that are not made of flash that it is only shown.
  validation.judge(
      "logs.firmware", valid && !revision.empty(),
      fmt::format("slot {} with \"{}\" is active, and Identify says \"{}\"", active, revision, shown(drive.driver().controller().firmware)),
      "Base 2.0 §5.16.1.4");
}

void check_effects(DriveAccess& drive, std::uint8_t lpa, Validation& validation) {
  if (!spec::Lpa{lpa}.get(spec::Lpa::command_effects)) {
    validation.skip("logs.effects", "the drive has no Commands Supported and Effects (LPA)");
    return;
  }
  const auto effects = log_page<spec::CommandEffectsLog>(drive, spec::Lid::command_effects);
  if (!effects) {
    validation.fail("logs.effects", "Get Log Page: " + outcome_text(effects.error()), "Base 2.0 §5.16.1.6");
    return;
  }
  const auto supports = [](std::uint32_t word) { return spec::CommandEffects{word}.get(spec::CommandEffects::csupp) != 0; };
  std::string missing;
  for (const auto opcode : {spec::AdminOpcode::identify, spec::AdminOpcode::get_log_page, spec::AdminOpcode::abort}) {
    missing += supports(effects->acs[static_cast<std::size_t>(opcode)]) ? "" : fmt::format(" admin {:02x}h", static_cast<unsigned>(opcode));
  }
  for (const auto opcode : {spec::NvmOpcode::flush, spec::NvmOpcode::write, spec::NvmOpcode::read}) {
    missing += supports(effects->iocs[static_cast<std::size_t>(opcode)]) ? "" : fmt::format(" I/O {:02x}h", static_cast<unsigned>(opcode));
  }
  validation.judge("logs.effects", missing.empty(),
                   missing.empty() ? "the mandatory commands stand in it" : "mandatory commands are missing in it:" + missing,
                   "Base 2.0 §5.16.1.6");
}

void check_unknown(DriveAccess& drive, Validation& validation) {
  constexpr spec::Lid reserved{0x6f};
  const auto told = log_page<spec::SmartLog>(drive, reserved);
  const bool refused = !told && told.error() && told.error()->outcome == driver::Outcome::failed &&
                       (spec::is(told.error()->status, spec::CommandStatus::invalid_log_page) ||
                        spec::is(told.error()->status, spec::GenericStatus::invalid_field));
  validation.judge("logs.unknown", refused, "log page 6Fh, which is reserved: " + (told ? std::string("ok") : outcome_text(told.error())),
                   "Base 2.0 §5.16.2");
}

}  // namespace

void check_logs(DriveAccess& drive, Validation& validation) {
  check_smart(drive, validation);
  check_errors(drive, validation);
  check_firmware(drive, validation);
  const auto id = identify<spec::IdentifyController>(drive, {});
  check_effects(drive, id ? id->lpa : std::uint8_t{0}, validation);
  check_unknown(drive, validation);
}

}  // namespace phasebit::cli
