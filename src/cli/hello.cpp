#include "src/cli/hello.hpp"

#include "src/cli/commands.hpp"
#include "src/cli/drive_flags.hpp"
#include "src/cli/on_drive.hpp"
#include "src/cli/shown.hpp"

namespace phasebit::cli {
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
  if (!flags_fit(command.consent, command.environment, command.device)) {
    return {ExitCode::usage, 0};
  }
  const ExitCode code = on_drive(command.device, command.environment, [&](auto& bus, auto& clock, PciAddress address) {
    const auto consent = command.device.empty() ? std::nullopt : std::optional(command.consent);
    return Hello(bus, clock, HelloTarget{address, consent}).run();
  });
  return {code, 0};
}

}  // namespace phasebit::cli
