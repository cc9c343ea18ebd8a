// Validate: attach, go through the groups of checks, detach, give the verdict.
#include <array>

#include "src/cli/attached.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/drive_consent.hpp"
#include "src/cli/drive_flags.hpp"
#include "src/cli/on_drive.hpp"
#include "src/cli/shown.hpp"
#include "src/cli/usable_namespace.hpp"
#include "src/cli/validate/checks.hpp"

namespace phasebit::cli {

Validation validate(DriveAccess& drive, const std::optional<std::string>& read_only, const ValidationLimits& limits) {
  Validation validation;
  const std::array<std::function<void()>, 10> groups{{
      [&] { check_identity(drive, validation); },
      [&] { check_limits(drive, validation); },
      [&] { check_data(drive, validation, read_only); },
      [&] { check_logs(drive, validation); },
      [&] { check_latency(drive, validation, limits); },
      [&] { check_queues(drive, validation); },
      [&] { check_abort(drive, validation); },
      [&] { check_power(drive, validation); },
      [&] { check_reset(drive, validation); },
      [&] { check_conduct(drive, validation); },
  }};
  for (const std::function<void()>& group : groups) {
    if (scenarios::interrupt_seen() != 0) {
      validation.skip("validate", "interrupted");
      break;
    }
    if (drive.is_asked_for()) {
      validation.skip("validate", "somebody asks for the drive");
      break;
    }
    group();
  }
  return validation;
}

namespace {

ExitCode show_verdict(const Validation& validation, const std::string& drive, bool json) {
  if (json) {
    print(validation_json(validation, drive).dump(2) + "\n");
  } else {
    print(drive + "\n");
    for (const Check& check : validation.checks()) {
      print(check_text(check));
    }
    print(summary_text(validation));
  }
  return validation.count(Check::Verdict::failed) == 0 ? ExitCode::clean : ExitCode::objected;
}

/// On an attached drive.
template <class S, Clock C>
ExitCode judge(S& session, C& clock, const PciFunction& function, const ValidateCommand& command) {
  if (const auto other = is_another(session.driver(), command.consent)) {
    return cannot("validate", *other);
  }
  if (const Result<void> opened = session.open_channel(); !opened) {
    return cannot("validate", fmt::format("no queue could be made ({})", name(opened.error())));
  }
  DriveAccessOf drive(session, clock, function);
  const auto space = first_usable_namespace(drive.driver().namespaces());
  const auto read_only = command.device.empty() || !space ? std::nullopt : forbids_writing(session, *space, command.consent);
  if (read_only && command.consent.destructive) {
    return cannot("validate", *read_only);
  }
  const std::string who =
      fmt::format("{}, serial {}", shown(session.driver().controller().model), shown(session.driver().controller().serial));
  const ExitCode code = show_verdict(validate(drive, read_only, command.limits), who, command.json);
  return session.is_asked_for() ? scenarios::louder(code, cannot("validate", asked_for)) : code;
}

}  // namespace

Ending carry_out(const ValidateCommand& command) {
  if (!flags_fit(command.consent, command.environment, command.device)) {
    return {ExitCode::usage, 0};
  }
  const ExitCode code = on_drive(command.device, command.environment, [&](auto& bus, auto& clock, PciAddress address) {
    return with_attached(bus, clock, address, "validate",
                         [&](auto& session, const PciFunction& function) { return judge(session, clock, function, command); });
  });
  return {code, scenarios::interrupt_seen()};
}

}  // namespace phasebit::cli
