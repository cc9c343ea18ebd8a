#include "src/cli/perf.hpp"

#include <type_traits>

#include "src/backend/dma_arena.hpp"
#include "src/backend/process_link.hpp"
#include "src/cli/attached.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/drive_consent.hpp"
#include "src/cli/drive_flags.hpp"
#include "src/cli/on_drive.hpp"
#include "src/cli/perf_buffers.hpp"
#include "src/cli/usable_namespace.hpp"

namespace phasebit::cli {
namespace {

bool writes(const PerfLoad& load) {
  const bool only_reads = load.pattern == scenarios::Pattern::read || load.pattern == scenarios::Pattern::randread;
  return !only_reads;
}

/// All that is allocated below, and what a page's rounding takes.
std::uint64_t granted_bytes(const PerfLoad& load) {
  return load.iodepth * load.io_bytes + inspection_bytes({}) + 2 * DmaArena::page_bytes;
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
    return cannot("perf", *other);
  }
  const auto usable = first_usable_namespace(session.driver().namespaces());
  if (!usable) {
    return cannot("perf", "the drive has no namespace with blocks and without metadata");
  }
  const driver::Namespace space = *usable;
  const PerfLoad& load = command.load;
  constexpr bool is_granted = HasPrimary<std::remove_reference_t<decltype(session.backend())>>;
  if (load.interrupts && is_granted) {
    return cannot("perf", "--interrupts: they go to the primary process, and a second one polls; leave the flag out");
  }
  if (load.interrupts && session.driver().controller().interrupt_vectors == 0) {
    return cannot("perf", "--interrupts: neither the drive nor the machine has one to spare (MSI-X); leave the flag out");
  }
  if (load.io_bytes % space.block_bytes != 0 || load.io_bytes / space.block_bytes > space.blocks) {
    tell(fmt::format("phasebit: perf: -o {}: write a multiple of the block of {} bytes, up to the namespace's {} blocks\n", load.io_bytes,
                     space.block_bytes, space.blocks));
    return ExitCode::usage;
  }
  driver::ChannelOptions options;
  options.operations_max = load.iodepth;
  if (const Result<void> opened = session.open_channel(options); !opened) {
    return cannot("perf", fmt::format("no queue could be made ({})", name(opened.error())));
  }
  if (const auto forbidden = writes(load) && time == TimeKind::wall ? forbids_writing(session, space, command.consent) : std::nullopt) {
    return cannot("perf", *forbidden);
  }
  PerfBuffers memory(session.backend());
  if (!memory.allocate(load.iodepth, load.io_bytes)) {
    return cannot("perf", fmt::format("there is no memory for {} operations of {} bytes", load.iodepth, load.io_bytes));
  }
  Random content(clock.now().ns);
  for (const DmaRegion& buffer : memory.buffers()) {
    std::ranges::generate(buffer.span(), [&] { return static_cast<std::byte>(content.next()); });
  }
  const ExitCode code = show(Perf(session, clock, load, space, memory.buffers()).run(), time, command.json);
  if (session.is_asked_for()) {
    return scenarios::louder(code, cannot("perf", asked_for));
  }
  return session.is_over() ? scenarios::louder(code, cannot("perf", session.driver().failure_text())) : code;
}

ExitCode perf(const PerfCommand& command) {
  const TimeKind time = command.device.empty() ? TimeKind::virtual_time : TimeKind::wall;
  driver::Options options;
  options.interrupts = command.load.interrupts;
  options.granted_bytes = granted_bytes(command.load);
  return on_drive<DriveUse::queue>(command.device, command.environment, [&](auto& bus, auto& clock, PciAddress address) {
    return with_attached(
        bus, clock, address, "perf", [&](auto& session, const PciFunction&) { return measure(session, clock, command, time); }, options);
  });
}

}  // namespace

Ending carry_out(const PerfCommand& command) {
  if (!flags_fit(command.consent, command.environment, command.device)) {
    return {ExitCode::usage, 0};
  }
  if (!command.device.empty() && writes(command.load) && !command.consent.destructive) {
    tell(fmt::format("phasebit: perf: this load writes; {} is only read without --destructive --serial SERIAL\n", command.device));
    return {ExitCode::usage, 0};
  }
  return {perf(command), 0};
}

}  // namespace phasebit::cli
