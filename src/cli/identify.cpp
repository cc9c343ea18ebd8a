#include <cstring>

#include "scenarios/engine/scalar.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/emulated_drive.hpp"
#include "src/cli/hello.hpp"
#include "src/cli/identify_json.hpp"
#include "src/spec/admin_commands.hpp"

namespace phasebit::cli {
namespace {

/// Asks the drive itself, as any host would.
Result<spec::IdentifyController> ask(Session<sim::EmulatedBus, WorldClock>& session) {
  const Result<DmaRegion> memory = session.backend().allocate_dma(spec::identify_bytes);
  if (!memory) {
    return fail(memory.error());
  }
  driver::RawCommand command;
  command.sqe = spec::Identify{}.sqe();
  command.buffers = {&*memory, 1};
  const Result<driver::OperationResult> result = session.admin(command);
  spec::IdentifyController identify;
  std::memcpy(&identify, memory->data, sizeof(identify));
  session.backend().free_dma(*memory);
  if (!result || result->outcome != driver::Outcome::ok) {
    return fail(result ? Errc::device_failed : result.error());
  }
  return identify;
}

Result<spec::IdentifyController> identify_emulated() {
  Result<EmulatedDrive> drive = EmulatedDrive::create();
  if (!drive) {
    return fail(drive.error());
  }
  WorldClock clock(drive->world());
  Session session(drive->world().bus(), clock, drive->address());
  if (!session.find()) {
    return fail(Errc::not_found);
  }
  const auto attached = session.attach();
  return attached ? ask(session) : fail(attached.error().error);
}

void print_table(const scenarios::Json& fields) {
  for (const auto& [name, value] : fields.items()) {
    print(fmt::format("{:<10}: {}\n", name, value.is_string() ? value.get<std::string>() : value.dump()));
  }
}

}  // namespace

Ending carry_out(const IdentifyCommand& command) {
  const Result<spec::IdentifyController> identify = identify_emulated();
  if (!identify) {
    fmt::print(stderr, "phasebit: the emulated drive could not be identified ({})\n", name(identify.error()));
    return {ExitCode::environment, 0};
  }
  const scenarios::Json fields = identify_json(*identify);
  if (command.json) {
    print(fields.dump(2) + "\n");
  } else {
    print_table(fields);
  }
  return {};
}

}  // namespace phasebit::cli
