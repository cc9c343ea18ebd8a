#include "sim/faults/fault_place.hpp"

#include <algorithm>
#include <cstring>

#include "src/spec/io_commands.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::sim {
namespace {

/// The blocks that an I/O command names itself (NVM Command Set 1.0 §3.2); none for the others.
std::optional<LbaRange> blocks_of(const spec::Sqe& sqe, bool admin) {
  using spec::NvmOpcode;
  static constexpr std::array with_blocks{NvmOpcode::write,   NvmOpcode::read,         NvmOpcode::write_uncorrectable,
                                          NvmOpcode::compare, NvmOpcode::write_zeroes, NvmOpcode::verify};
  const auto opcode = static_cast<NvmOpcode>(sqe.opcode);
  if (admin || std::find(with_blocks.begin(), with_blocks.end(), opcode) == with_blocks.end()) {
    return std::nullopt;
  }
  const Lba first{sqe.cdw10 | static_cast<std::uint64_t>(sqe.cdw11) << 32};
  return LbaRange{first, first + (sqe.cdw12 & 0xffff)};
}

bool equal_under_mask(const spec::Sqe& sqe, const SqeMatch& match) {
  std::array<std::byte, 64> bytes;
  std::memcpy(bytes.data(), &sqe, bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (((bytes[i] ^ match.value[i]) & match.mask[i]) != std::byte{0}) {
      return false;
    }
  }
  return true;
}

/// Verbs of the controller's state have one moment each; the others have any.
bool fits_moment(Verb verb, ControllerMoment moment) {
  switch (verb) {
    case Verb::ready_late:
      return moment != ControllerMoment::shutting_down;
    case Verb::ready_never:
      return moment == ControllerMoment::enabling;
    case Verb::ready_stuck:
      return moment == ControllerMoment::disabling;
    case Verb::shutdown_late:
    case Verb::shutdown_stuck:
      return moment == ControllerMoment::shutting_down;
    default:
      return true;
  }
}

/// A doorbell's verbs fit doorbells, a torn load fits loads of 64 bits.
bool fits_register(Verb verb, std::uint32_t offset, std::uint32_t bytes) {
  switch (verb) {
    case Verb::lost_doorbell:
    case Verb::late_doorbell:
      return offset >= spec::offset::doorbells;
    case Verb::torn_register_read:
      return bytes == 8;
    default:
      return true;
  }
}

bool is_durable_by_itself(const spec::Sqe& sqe) {
  using spec::BlockCommand;
  return BlockCommand::Cdw12{sqe.cdw12}.get(BlockCommand::Cdw12::fua);
}

/// What goes wrong with data goes wrong with the commands that move it: a strike that could not be felt would be none.
bool fits_command(Verb verb, const spec::Sqe& sqe, bool admin) {
  using spec::NvmOpcode;
  const auto opcode = static_cast<NvmOpcode>(sqe.opcode);
  const bool writes = !admin && opcode == NvmOpcode::write;
  const bool reads = !admin && opcode == NvmOpcode::read;
  switch (verb) {
    case Verb::lose:
    case Verb::tear:
      return writes;
    case Verb::corrupt:
    case Verb::misdirect:
      return reads || writes;
    case Verb::lying_flush:
      return (!admin && opcode == NvmOpcode::flush) || (writes && is_durable_by_itself(sqe));
    default:
      return true;
  }
}

}  // namespace

bool fits(Verb verb, const FaultPlace& place) {
  return (!place.moment || fits_moment(verb, *place.moment)) &&
         (!place.register_offset || fits_register(verb, *place.register_offset, place.register_bytes)) &&
         (place.site != Site::command || fits_command(verb, *place.sqe, place.queue == 0));
}

bool names_command(const Trigger& when, const FaultPlace& place) {
  const bool pushed = place.carried != nullptr && place.carried->pushed;
  if ((when.operation && !(pushed && place.carried->tag == *when.operation)) ||
      (when.attempt && !(pushed && place.carried->attempt == *when.attempt)) || (when.queue && when.queue != place.queue) ||
      (when.admin && (!place.queue || *when.admin != (*place.queue == 0)))) {
    return false;
  }
  if (!when.opcode && !when.nsid && !when.lbas && !when.sqe) {
    return true;
  }
  if (!place.sqe) {
    return false;
  }
  const auto blocks = blocks_of(*place.sqe, place.queue == 0);
  return (!when.opcode || *when.opcode == place.sqe->opcode) && (!when.nsid || when.nsid->value == place.sqe->nsid) &&
         (!when.lbas || (blocks && when.lbas->first <= blocks->last && blocks->first <= when.lbas->last)) &&
         (!when.sqe || equal_under_mask(*place.sqe, *when.sqe));
}

}  // namespace phasebit::sim
