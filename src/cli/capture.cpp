#include "src/cli/capture.hpp"

#include "scenarios/engine/load.hpp"
#include "src/cli/attached.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/drive_flags.hpp"
#include "src/cli/on_drive.hpp"

namespace phasebit::cli {
namespace {

/// Whatever the drive is, a file that cannot be read back is none.
ExitCode print_capture(const CapturedDrive& drive) {
  const std::string text = capture_text(drive);
  if (const auto read_back = scenarios::decode_scenario(text, "the captured drive"); !read_back) {
    complain(read_back.error());
    return cannot("capture", "this drive cannot be written as a scenario");
  }
  print(text);
  return ExitCode::clean;
}

/// An interrupted capture prints nothing: the signal is told, and half a measurement is none.
template <Bus B, Clock C>
ExitCode capture(B& bus, C& clock, PciAddress address) {
  std::optional<CapturedDrive> captured;
  const ExitCode code = with_attached(bus, clock, address, "capture", [&](auto& session, const PciFunction& function) {
    Result<CapturedDrive> drive = read_drive(session, clock, function);
    if (drive) {
      captured = std::move(*drive);
    }
    return drive || scenarios::interrupt_seen() != 0 ? ExitCode::clean
                                                     : cannot("capture", fmt::format("the drive cannot be read ({})", name(drive.error())));
  });
  return code == ExitCode::clean && captured && scenarios::interrupt_seen() == 0 ? print_capture(*captured) : code;
}

}  // namespace

Ending carry_out(const CaptureCommand& command) {
  if (!flags_fit({}, command.environment, command.device)) {
    return {ExitCode::usage, 0};
  }
  const auto verb = [](auto& bus, auto& clock, PciAddress address) { return capture(bus, clock, address); };
  return {on_drive(command.device, command.environment, verb, command.drive), 0};
}

}  // namespace phasebit::cli
