// Queues, aborts and resets, each while reads are out.
#include <fmt/format.h>

#include <vector>

#include "src/cli/usable_namespace.hpp"
#include "src/cli/validate/checks.hpp"
#include "src/cli/validate/read_load.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::cli {
namespace {

constexpr std::uint64_t reads_out = 64;
constexpr Duration patience = seconds(120);  ///< with a channel that has nothing of ours

/// The namespace and memory for `reads` reads; says so if there is none.
struct LoadMemory {
  LoadMemory(DriveAccess& drive, std::string_view check, std::uint64_t reads, Validation& validation)
      : space(first_usable_namespace(drive.driver().namespaces())), memory(drive, space ? reads * ReadLoad::io_bytes(*space) : 1) {
    if (!space || !memory.is_there()) {
      validation.skip(check, space ? "there is no memory for the reads" : "there is no namespace without metadata");
    }
  }
  bool is_there() const { return space && memory.is_there(); }

  std::optional<driver::Namespace> space;
  DriveMemory memory;
};

/// Makes channels until the drive or the driver's options allow no more; ends them again.
void check_granted_queues(DriveAccess& drive, const driver::Namespace& space, const DmaRegion& block, Validation& validation) {
  const std::uint32_t granted = drive.driver().controller().io_queues;
  std::vector<driver::ChannelId> made;
  Errc refusal = Errc::no_space;
  driver::ChannelOptions small;
  small.operations_max = 1;
  small.commands_max = 1;
  for (std::uint32_t i = 1; i < granted; ++i) {  // one is in use by the checks
    const Result<driver::ChannelId> channel = drive.driver().create_channel(small, drive.now());
    if (!channel) {
      refusal = channel.error();
      break;
    }
    made.push_back(*channel);
  }
  // The device has made a queue when its channel takes an operation.
  std::uint32_t working = 1;
  for (const driver::ChannelId channel : made) {
    const driver::Operation read = block_operation(spec::NvmOpcode::read, space, 0, block);
    driver::OperationResult result;
    bool sent = false;
    (void)drive.turn_until(
        [&] {
          sent = drive.driver().submit(channel, {&read, 1}, drive.now()).accepted == 1;
          return sent || drive.driver().state() != driver::State::ready;
        },
        patience);
    drive.turn_until([&] { return !sent || drive.driver().reap(channel, drive.now(), {&result, 1}) == 1; });
    working += sent && result.outcome == driver::Outcome::ok ? 1 : 0;
  }
  for (const driver::ChannelId channel : made) {
    (void)drive.driver().destroy_channel(channel, drive.now());
    driver::OperationResult result;
    (void)drive.turn_until(
        [&] {
          (void)drive.driver().reap(channel, drive.now(), {&result, 1});
          return !drive.driver().has_channel(channel);
        },
        patience);
  }
  const bool all = made.size() + 1 == granted;
  validation.judge("queues.granted", granted >= 1 && all && working == granted,
                   fmt::format("{} pairs of queues in use, {} of them made, {} of them work{}", granted, made.size() + 1, working,
                               all ? "" : fmt::format(" ({})", name(refusal))),
                   "Base 2.0 §5.27.1.5");
}

void check_full_queue(DriveAccess& drive, Validation& validation) {
  const std::uint64_t reads = std::min<std::uint64_t>(256, drive.driver().controller().queue_entries_max - 1);
  const LoadMemory memory(drive, "queues.full", reads, validation);
  if (!memory.is_there()) {
    return;
  }
  ReadLoad load(drive, *memory.space, memory.memory.region());
  load.submit();
  load.finish();
  validation.judge("queues.full", !load.has_stranger() && load.ended_as(driver::Outcome::ok) == reads, load.text());
}

/// Reads that are out as the drive is told to abort every other of them.
void abort_half(DriveAccess& drive, ReadLoad& load) {
  load.submit();
  for (std::uint64_t tag = 0; tag < load.submitted(); tag += 2) {
    (void)drive.driver().abort(drive.channel(), tag, drive.now());  // one that has just come back is not found
  }
  load.finish();
}

}  // namespace

void check_queues(DriveAccess& drive, Validation& validation) {
  const LoadMemory memory(drive, "queues.granted", 1, validation);
  if (!memory.is_there()) {
    return;
  }
  const DmaRegion block = memory.memory.region().slice(0, memory.space->block_bytes);
  check_granted_queues(drive, *memory.space, block, validation);
  check_full_queue(drive, validation);
}

void check_abort(DriveAccess& drive, Validation& validation) {
  const LoadMemory memory(drive, "abort.under_load", reads_out, validation);
  if (!memory.is_there()) {
    return;
  }
  const std::uint64_t resets = drive.driver().statistics().resets;
  ReadLoad load(drive, *memory.space, memory.memory.region());
  abort_half(drive, load);
  const std::uint64_t more_resets = drive.driver().statistics().resets - resets;
  const bool honest = load.ended_as(driver::Outcome::ok) + load.ended_as(driver::Outcome::aborted) == load.submitted();
  validation.judge(
      "abort.under_load", honest && !load.has_stranger() && more_resets == 0,
      load.text() + (more_resets == 0 ? "" : fmt::format("; the drive did not end what it should abort: {} resets", more_resets)),
      "Base 2.0 §5.1");
}

void check_reset(DriveAccess& drive, Validation& validation) {
  const LoadMemory memory(drive, "reset.under_load", reads_out, validation);
  if (!memory.is_there()) {
    return;
  }
  ReadLoad load(drive, *memory.space, memory.memory.region());
  load.submit();
  const std::uint64_t resets = drive.driver().statistics().resets;
  const Instant begun = drive.now();
  drive.driver().reset(begun);
  drive.turn_until([&] {
    load.reap();
    const driver::State state = drive.driver().state();
    const bool has_begun = drive.driver().statistics().resets > resets || state != driver::State::ready;
    return has_begun && state != driver::State::recovering && load.has_ended();
  });
  const Duration took = drive.now() - begun;
  const bool ready = drive.driver().state() == driver::State::ready;
  validation.judge("reset.under_load", ready && !load.has_stranger(),
                   fmt::format("{}; the drive is {} after {} ms", load.text(), name(drive.driver().state()), took.ns / 1'000'000),
                   "Base 2.0 §3.7.2");
  if (!ready) {
    return;
  }
  ReadLoad after(drive, *memory.space, memory.memory.region());
  after.submit();
  after.finish();
  validation.judge("reset.works_again", after.ended_as(driver::Outcome::ok) == reads_out, after.text());
}

}  // namespace phasebit::cli
