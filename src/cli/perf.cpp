#include "src/cli/perf.hpp"

#include "src/cli/commands.hpp"
#include "src/cli/drive_consent.hpp"
#include "src/cli/emulated_drive.hpp"
#include "src/cli/environment_arguments.hpp"
#include "src/cli/real_drive.hpp"

namespace phasebit::cli {
namespace {

ExitCode give_up(const std::string& why) {
  tell(fmt::format("phasebit: perf: {}\n", why));
  return ExitCode::environment;
}

bool writes(const PerfLoad& load) {
  const bool only_reads = load.pattern == scenarios::Pattern::read || load.pattern == scenarios::Pattern::randread;
  return !only_reads;
}

ExitCode show(PerfResult result, TimeKind time, bool json) {
  result.time = time;
  print(json ? perf_json(result).dump(2) + "\n" : perf_text(result));
  return result.failed == 0 ? ExitCode::clean : ExitCode::objected;
}

/// On an attached drive.
template <class S, Clock C>
ExitCode measure(S& session, C& clock, const PerfCommand& command, TimeKind time) {
  if (const auto other = is_another(session.driver(), command.consent)) {
    return give_up(*other);
  }
  if (session.driver().namespaces().empty()) {
    return give_up("the drive has no namespace");
  }
  const driver::Namespace space = session.driver().namespaces().front();
  const PerfLoad& load = command.load;
  if (load.io_bytes % space.block_bytes != 0 || load.io_bytes / space.block_bytes > space.blocks) {
    tell(fmt::format("phasebit: perf: -o {}: write a multiple of the block of {} bytes, up to the namespace's {} blocks\n", load.io_bytes,
                     space.block_bytes, space.blocks));
    return ExitCode::usage;
  }
  driver::ChannelOptions options;
  options.operations_max = load.iodepth;
  if (const Result<void> opened = session.open_channel(options); !opened) {
    return give_up(fmt::format("no queue could be made ({})", name(opened.error())));
  }
  if (const auto forbidden = writes(load) && time == TimeKind::wall ? forbids_writing(session, space, command.consent) : std::nullopt) {
    return give_up(*forbidden);
  }
  const Result<DmaRegion> memory = session.backend().allocate_dma(load.iodepth * load.io_bytes);
  if (!memory) {
    return give_up(fmt::format("there is no memory for {} operations of {} bytes", load.iodepth, load.io_bytes));
  }
  Random content(clock.now().ns);
  std::ranges::generate(memory->span(), [&] { return static_cast<std::byte>(content.next()); });
  const ExitCode code = show(Perf(session, clock, load, space, *memory).run(), time, command.json);
  session.backend().free_dma(*memory);
  return code;
}

template <Bus B, Clock C>
ExitCode attach_and_measure(B& bus, C& clock, PciAddress address, const PerfCommand& command, TimeKind time) {
  Session session(bus, clock, address);
  if (!session.find()) {
    return give_up("there is no such NVMe controller");
  }
  if (const auto attached = session.attach(); !attached) {
    return give_up(fmt::format("the drive cannot be attached ({})", name(attached.error().error)));
  }
  const ExitCode code = measure(session, clock, command, time);
  const Result<void> detached = session.detach();
  return detached ? code : scenarios::louder(code, give_up(fmt::format("the drive did not shut down ({})", name(detached.error()))));
}

ExitCode perf_emulated(const PerfCommand& command) {
  Result<EmulatedDrive> drive = EmulatedDrive::create();
  if (!drive) {
    return give_up("there is no memory for an emulated drive");
  }
  WorldClock clock(drive->world());
  return attach_and_measure(drive->world().bus(), clock, drive->address(), command, TimeKind::virtual_time);
}

ExitCode perf_device(const PerfCommand& command) {
  return on_real_drive(command.device, command.environment, [&](auto& bus, auto& clock, PciAddress address) {
    return attach_and_measure(bus, clock, address, command, TimeKind::wall);
  });
}

}  // namespace

Ending carry_out(const PerfCommand& command) {
  if (const auto wrong = wrong_consent(command.consent, command.device)) {
    tell(fmt::format("phasebit: {}\n", *wrong));
    return {ExitCode::usage, 0};
  }
  if (const auto wrong = wrong_environment(command.environment, command.device)) {
    tell(fmt::format("phasebit: {}\n", *wrong));
    return {ExitCode::usage, 0};
  }
  if (!command.device.empty() && writes(command.load) && !command.consent.destructive) {
    tell(fmt::format("phasebit: perf: this load writes; {} is only read without --destructive --serial SERIAL\n", command.device));
    return {ExitCode::usage, 0};
  }
  return {command.device.empty() ? perf_emulated(command) : perf_device(command), 0};
}

}  // namespace phasebit::cli
