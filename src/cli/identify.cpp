#include "src/cli/identify.hpp"

#include "scenarios/engine/scalar.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/drive_flags.hpp"
#include "src/cli/identify_json.hpp"
#include "src/cli/on_drive.hpp"
#include "src/cli/output.hpp"

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

}  // namespace

Ending carry_out(const IdentifyCommand& command) {
  if (!flags_fit({}, command.environment, command.device)) {
    return {ExitCode::usage, 0};
  }
  const char* const drive = command.device.empty() ? "the emulated drive" : "the drive";
  const auto verb = [&](auto& bus, auto& clock, PciAddress address) { return show(identify(bus, clock, address), drive, command.json); };
  return {on_drive(command.device, command.environment, verb, command.drive), 0};
}

}  // namespace phasebit::cli
