#include "src/cli/hello.hpp"

#include "src/cli/commands.hpp"
#include "src/cli/emulated_drive.hpp"
#include "src/cli/environment_arguments.hpp"
#include "src/cli/real_drive.hpp"
#include "src/cli/shown.hpp"

namespace phasebit::cli {
namespace {

Ending hello_emulated() {
  Result<EmulatedDrive> drive = EmulatedDrive::create();
  if (!drive) {
    tell("phasebit: there is no memory for an emulated drive\n");
    return {ExitCode::environment, 0};
  }
  WorldClock clock(drive->world());
  return {Hello(drive->world().bus(), clock, HelloTarget{drive->address(), std::nullopt}).run(), 0};
}

ExitCode hello_device(const HelloCommand& command) {
  return on_real_drive(command.device, command.environment, [&](auto& bus, auto& clock, PciAddress address) {
    return Hello(bus, clock, HelloTarget{address, command.consent}).run();
  });
}

}  // namespace

std::string address_text(PciAddress address) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", address.domain, address.bus, address.device, address.function);
}

void print_step(std::string_view step, std::string_view what) {
  print(fmt::format("{:<8} {}\n", step, what));
}

std::string controller_text(const driver::AnyDriver& driver) {
  const driver::ControllerInfo& info = driver.controller();
  std::string text = fmt::format("{}, serial {}, firmware {}, NVMe {}.{}", shown(info.model), shown(info.serial), shown(info.firmware),
                                 info.version.get(spec::Vs::mjr), info.version.get(spec::Vs::mnr));
  for (const driver::Namespace& space : driver.namespaces()) {
    text += fmt::format("; namespace {} of {} blocks of {} bytes", space.nsid.value, space.blocks, space.block_bytes);
  }
  return text;
}

Ending carry_out(const HelloCommand& command) {
  if (const auto wrong = wrong_consent(command.consent, command.device)) {
    tell(fmt::format("phasebit: {}\n", *wrong));
    return {ExitCode::usage, 0};
  }
  if (const auto wrong = wrong_environment(command.environment, command.device)) {
    tell(fmt::format("phasebit: {}\n", *wrong));
    return {ExitCode::usage, 0};
  }
  return command.device.empty() ? hello_emulated() : Ending{hello_device(command), 0};
}

}  // namespace phasebit::cli
