#include "sim/controller/io_commands.hpp"

#include <algorithm>
#include <cstring>

#include "src/spec/dataset_management.hpp"
#include "src/spec/identify_units.hpp"

namespace phasebit::sim {

using spec::BlockCommand;
using spec::CommandStatus;
using spec::GenericStatus;
using spec::make_status;
using spec::MediaStatus;
using spec::NvmOpcode;
using spec::Status;

bool IoCommands::supported(NvmOpcode opcode) const {
  const OptionalCommands& optional = device_.options().commands;
  switch (opcode) {
    case NvmOpcode::flush:
    case NvmOpcode::write:
    case NvmOpcode::read:
      return true;
    case NvmOpcode::compare:
      return optional.compare;
    case NvmOpcode::write_uncorrectable:
      return optional.write_uncorrectable;
    case NvmOpcode::write_zeroes:
      return optional.write_zeroes;
    case NvmOpcode::dataset_management:
      return optional.dataset_management;
    case NvmOpcode::verify:
      return optional.verify;
    default:
      return false;
  }
}

/// Invalid NSIDs and inactive ones are two different errors (Base 2.0 §3.2.1). FFFFFFFFh is no invalid one, only Flush alone can do
/// something with it (Figure 87); where it cannot, VWC says so and which error that is (Figure 275).
Status IoCommands::check_namespace(const Command& command) const {
  const Nsid nsid = spec::nsid_of(command.sqe);
  const bool flush = static_cast<NvmOpcode>(command.sqe.opcode) == NvmOpcode::flush;
  if (nsid == nsid_all && !flush) {
    return make_status(GenericStatus::invalid_field);
  }
  if (nsid == nsid_all && device_.options().volatile_cache && device_.options().flush_all_namespaces) {
    return {};
  }
  if (!device_.namespaces.valid(nsid)) {
    return make_status(GenericStatus::invalid_namespace_or_format);
  }
  return device_.namespaces.active(nsid) == nullptr ? make_status(GenericStatus::invalid_field) : Status{};
}

CommandCheck IoCommands::check(const Command& command) const {
  const auto opcode = static_cast<NvmOpcode>(command.sqe.opcode);
  const bool enabled = device_.registers.cc().get(spec::Cc::css) != spec::Css::admin_only;
  if (!enabled || !supported(opcode)) {
    return {make_status(GenericStatus::invalid_opcode)};
  }
  if (spec::fuse_of(command.sqe) != spec::Fuse::none || spec::psdt_of(command.sqe) != spec::Psdt::prp) {
    return {make_status(GenericStatus::invalid_field)};
  }
  if (const Status status = check_namespace(command); !spec::is_success(status)) {
    return {status};
  }
  if (opcode == NvmOpcode::flush) {
    return {};
  }
  if (opcode == NvmOpcode::dataset_management) {
    return check_dataset_management(command);
  }
  return check_blocks(command, *device_.namespaces.active(spec::nsid_of(command.sqe)));
}

CommandCheck IoCommands::check_blocks(const Command& command, const NamespaceState& where) const {
  const BlockCommand blocks = BlockCommand::from(command.sqe);
  if (blocks.slba.value >= where.blocks || blocks.blocks > where.blocks - blocks.slba.value) {
    return {make_status(GenericStatus::lba_out_of_range)};
  }
  if (blocks.options.prinfo != 0) {  // no namespace is formatted with protection information
    return {make_status(CommandStatus::invalid_protection_information)};
  }
  if (spec::data_direction(blocks.opcode) == spec::DataDirection::none) {
    return {};
  }
  const std::uint64_t bytes = std::uint64_t{blocks.blocks} * where.block_bytes;
  const std::uint64_t bytes_max = spec::bytes_from_page_exponent(device_.options().transfer_exponent_max, device_.registers.cap());
  return bytes > bytes_max ? CommandCheck{make_status(GenericStatus::invalid_field)} : CommandCheck{{}, bytes};
}

CommandCheck IoCommands::check_dataset_management(const Command& command) const {
  const std::uint32_t ranges = spec::DatasetManagement::from(command.sqe).ranges;
  const std::uint32_t ranges_max = device_.options().dataset_ranges_max;
  if (ranges_max != 0 && ranges > ranges_max) {
    return {make_status(CommandStatus::command_size_limit_exceeded)};
  }
  return {{}, std::uint64_t{ranges} * sizeof(spec::DatasetRange)};
}

bool IoCommands::caches() const {
  return device_.options().volatile_cache && (device_.features.current(spec::Fid::volatile_write_cache) & 1) != 0;
}

bool IoCommands::durable(const Command& command) const {
  return !command.faults.lying_flush && (!caches() || BlockCommand::from(command.sqe).options.fua);
}

StagedWrite IoCommands::stage(const Command& command, std::span<const std::byte> data) {
  const BlockCommand blocks = BlockCommand::from(command.sqe);
  return device_.wiring.media.stage(blocks.nsid, blocks.slba, data);
}

CommandOutcome IoCommands::execute(Command& command, std::span<std::byte> data, Instant) {
  if (const CommandCheck again = check(command); !spec::is_success(again.status)) {
    return {again.status};
  }
  const BlockCommand blocks = BlockCommand::from(command.sqe);
  Media& media = device_.wiring.media;
  switch (blocks.opcode) {
    case NvmOpcode::flush:
      return flush(command);
    case NvmOpcode::write:
      return write(command);
    case NvmOpcode::read:
      return read(command, data);
    case NvmOpcode::compare:
      return compare(command, data);
    case NvmOpcode::dataset_management:
      return deallocate(command, data);
    case NvmOpcode::write_zeroes:
      media.write_zeroes(blocks.nsid, blocks.slba, blocks.blocks, durable(command));
      return {};
    case NvmOpcode::write_uncorrectable:
      media.write_uncorrectable(blocks.nsid, blocks.slba, blocks.blocks, durable(command));
      return {};
    default: {  // verify
      const auto failed = media.first_unreadable(blocks.nsid, blocks.slba, blocks.blocks);
      device_.smart.on_verify(failed ? 0 : std::uint64_t{blocks.blocks} * device_.namespaces.active(blocks.nsid)->block_bytes);
      return failed ? CommandOutcome{make_status(MediaStatus::unrecovered_read_error), 0, false, failed->value} : CommandOutcome{};
    }
  }
}

/// A first block such that the whole range lies `by` blocks further on, round the end of the namespace if it has to.
std::uint64_t IoCommands::misdirected(const BlockCommand& blocks, std::uint64_t by) const {
  const std::uint64_t firsts = device_.namespaces.active(blocks.nsid)->blocks - blocks.blocks + 1;
  return (blocks.slba.value % firsts + by % firsts) % firsts;
}

CommandOutcome IoCommands::read(Command& command, std::span<std::byte> data) {
  const BlockCommand blocks = BlockCommand::from(command.sqe);
  Media& media = device_.wiring.media;
  if (blocks.options.fua) {
    media.flush_range(blocks.nsid, blocks.slba, blocks.blocks);
  }
  const Lba from{misdirected(blocks, command.faults.read_misdirected_blocks)};
  if (const auto failed = media.read(blocks.nsid, from, data)) {
    return {make_status(MediaStatus::unrecovered_read_error), 0, false, failed->value};
  }
  data[data.size() / 2] ^= static_cast<std::byte>(command.faults.read_corruption);
  device_.smart.on_read(data.size());
  return {};
}

CommandOutcome IoCommands::write(Command& command) {
  const BlockCommand blocks = BlockCommand::from(command.sqe);
  WriteFault fault = command.faults.write;
  if (fault.kind == WriteFault::Kind::misdirect) {
    const std::uint64_t to = misdirected(blocks, fault.value);
    fault.value = to - blocks.slba.value;  // modulo 2^64: the media adds it again
  }
  const StagedWrite staged = command.staged;
  command.staged = StagedWrite::none;
  device_.wiring.media.land(staged, durable(command), fault);
  device_.smart.on_write(std::uint64_t{blocks.blocks} * device_.namespaces.active(blocks.nsid)->block_bytes);
  return {};
}

CommandOutcome IoCommands::compare(const Command& command, std::span<const std::byte> data) {
  const BlockCommand blocks = BlockCommand::from(command.sqe);
  compared_.resize(std::max(compared_.size(), data.size()));
  const std::span<std::byte> held(compared_.data(), data.size());
  if (const auto failed = device_.wiring.media.read(blocks.nsid, blocks.slba, held)) {
    return {make_status(MediaStatus::unrecovered_read_error), 0, false, failed->value};
  }
  device_.smart.on_compare(held.size());
  return std::ranges::equal(held, data) ? CommandOutcome{}
                                        : CommandOutcome{make_status(MediaStatus::compare_failure), 0, false, blocks.slba.value};
}

CommandOutcome IoCommands::flush(const Command& command) {
  if (command.faults.lying_flush || !device_.options().volatile_cache) {
    return {};
  }
  const Nsid nsid = spec::nsid_of(command.sqe);
  if (nsid == nsid_all) {
    device_.wiring.media.flush_all();
  } else {
    device_.wiring.media.flush(nsid);
  }
  return {};
}

/// Whether they lie in the namespace is for the judges to say too.
void IoCommands::tell_ranges(const Command& command, std::span<const std::byte> data) {
  for (std::size_t i = 0; i < data.size() / sizeof(spec::DatasetRange); ++i) {
    spec::DatasetRange range;
    std::memcpy(&range, data.data() + i * sizeof(range), sizeof(range));
    device_.wiring.record(EventKind::dataset_range, command.sqid.value, command.cid.value | static_cast<std::uint32_t>(i) << 16, range.slba,
                          range.blocks | std::uint64_t{command.sqe.nsid} << 32);
  }
}

CommandOutcome IoCommands::deallocate(const Command& command, std::span<const std::byte> data) {
  const Nsid nsid = spec::nsid_of(command.sqe);
  const std::uint64_t blocks = device_.namespaces.active(nsid)->blocks;
  const std::size_t ranges = data.size() / sizeof(spec::DatasetRange);
  tell_ranges(command, data);
  for (const bool apply : {false, true}) {
    for (std::size_t i = 0; i < ranges; ++i) {
      spec::DatasetRange range;
      std::memcpy(&range, data.data() + i * sizeof(range), sizeof(range));
      if (range.slba > blocks || range.blocks > blocks - range.slba) {
        return {make_status(GenericStatus::lba_out_of_range), 0, false, range.slba};
      }
      if (apply && range.blocks > 0 && spec::DatasetManagement::from(command.sqe).deallocate) {
        device_.wiring.media.write_zeroes(nsid, Lba{range.slba}, range.blocks, !caches());
      }
    }
  }
  return {};
}

}  // namespace phasebit::sim
