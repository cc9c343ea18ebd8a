#include "src/cli/identify.hpp"

#include "scenarios/engine/scalar.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/emulated_drive.hpp"
#include "src/cli/environment_arguments.hpp"
#include "src/cli/identify_json.hpp"
#include "src/cli/output.hpp"
#include "src/cli/real_drive.hpp"

namespace phasebit::cli {
namespace {

void print_table(const scenarios::Json& fields) {
  for (const auto& [name, value] : fields.items()) {
    print(fmt::format("{:<10}: {}\n", name, value.is_string() ? value.get<std::string>() : value.dump()));
  }
}

ExitCode show(const Result<spec::IdentifyController>& identify, std::string_view drive, bool json) {
  if (!identify) {
    tell(fmt::format("phasebit: {} could not be identified ({})\n", drive, name(identify.error())));
    return ExitCode::environment;
  }
  const scenarios::Json fields = identify_json(*identify);
  if (json) {
    print(fields.dump(2) + "\n");
  } else {
    print_table(fields);
  }
  return ExitCode::clean;
}

Result<spec::IdentifyController> identify_emulated() {
  Result<EmulatedDrive> drive = EmulatedDrive::create();
  if (!drive) {
    return fail(drive.error());
  }
  WorldClock clock(drive->world());
  return identify(drive->world().bus(), clock, drive->address());
}

ExitCode identify_device(const IdentifyCommand& command) {
  return on_real_drive(command.device, command.environment, [&](auto& bus, auto& clock, PciAddress address) {
    return show(identify(bus, clock, address), "the drive", command.json);
  });
}

}  // namespace

Ending carry_out(const IdentifyCommand& command) {
  if (const auto wrong = wrong_environment(command.environment, command.device)) {
    tell(fmt::format("phasebit: {}\n", *wrong));
    return {ExitCode::usage, 0};
  }
  if (command.device.empty()) {
    return {show(identify_emulated(), "the emulated drive", command.json), 0};
  }
  return {identify_device(command), 0};
}

}  // namespace phasebit::cli
