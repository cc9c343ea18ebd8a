// How a command's data moves between the host and the drive.
#include <algorithm>

#include "sim/controller/controller_memory_use.hpp"
#include "sim/controller/executor.hpp"

namespace phasebit::sim {

spec::Status Executor::map_data(Command& command, std::uint64_t bytes) {
  if (bytes == 0) {
    return {};
  }
  const PrpPointer pointer{command.sqid, command.cid, command.sqe.prp1, command.sqe.prp2, bytes, device_.page_bytes()};
  spec::Status status = walk_prp(pointer, wiring_, command.pieces);
  if (spec::is_success(status)) {
    status = check_data_place(wiring_, command.pieces, spec::data_direction(command.sqe.opcode));
  }
  if (spec::is_success(status)) {
    for (const DmaPiece& piece : command.pieces) {
      wiring_.dma.own({DmaOwnerKind::command, command.sqid, command.cid}, piece.iova, piece.bytes);
    }
  }
  return status;
}

std::span<std::byte> Executor::scratch(const Command& command) {
  std::uint64_t bytes = 0;
  for (const DmaPiece& piece : command.pieces) {
    bytes += piece.bytes;
  }
  scratch_.resize(std::max<std::size_t>(scratch_.size(), bytes));
  return {scratch_.data(), bytes};
}

bool Executor::take_data(const Command& command, std::span<std::byte> data) {
  std::size_t done = 0;
  for (const DmaPiece& piece : command.pieces) {
    if (!wiring_.dma.read(piece.iova, data.subspan(done, piece.bytes), {command.sqid, command.cid, DmaPurpose::data})) {
      return false;
    }
    done += piece.bytes;
  }
  return true;
}

bool Executor::give_data(const Command& command, std::span<const std::byte> data) {
  std::size_t done = 0;
  for (const DmaPiece& piece : command.pieces) {
    if (!wiring_.dma.write(piece.iova, data.subspan(done, piece.bytes), {command.sqid, command.cid, DmaPurpose::data})) {
      return false;
    }
    done += piece.bytes;
  }
  return true;
}

}  // namespace phasebit::sim
