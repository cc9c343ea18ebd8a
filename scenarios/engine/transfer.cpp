#include "scenarios/engine/transfer.hpp"

#include <algorithm>
#include <cstring>

#include "sim/stream/digest.hpp"
#include "src/base/assert.hpp"
#include "src/base/random.hpp"
#include "src/spec/dataset_management.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::scenarios {
namespace {

using spec::NvmOpcode;

bool carries_data(NvmOpcode opcode) {
  return opcode == NvmOpcode::read || opcode == NvmOpcode::write || opcode == NvmOpcode::compare || opcode == NvmOpcode::dataset_management;
}

Event event_of(EventKind kind, const TransferPlan& plan, std::uint32_t a, std::uint64_t c, std::uint16_t queue = 0) {
  return sim::make_event(kind, 0, queue, a, plan.tag, c);
}

}  // namespace

Result<Transfer> Transfer::begin(Seat& seat, const TransferPlan& plan) {
  Transfer transfer(plan, seat.stage().now());
  if (const Result<void> taken = transfer.take_memory(seat); !taken) {
    transfer.give_memory_back(seat);
    return fail(taken.error());
  }
  transfer.fill();
  transfer.tell_beginning(seat);
  return transfer;
}

driver::Operation Transfer::operation() const {
  driver::Operation operation;
  operation.tag = plan_.tag;
  operation.opcode = plan_.opcode;
  operation.nsid = plan_.nsid;
  operation.lba = plan_.lba;
  operation.blocks = plan_.blocks;
  operation.fua = plan_.fua;
  operation.submission_queue = plan_.submission_queue;
  if (plan_.opcode == NvmOpcode::dataset_management) {
    operation.blocks = 1;
    operation.deallocate = true;
  }
  operation.buffers = regions_;
  return operation;
}

void Transfer::end(Seat& seat, const driver::OperationResult& result) {
  if (plan_.verify && plan_.opcode == NvmOpcode::read && result.outcome == driver::Outcome::ok) {
    tell_digests(seat);
  }
  seat.backend().record(event_of(EventKind::operation_ended, plan_, result.status.raw, 0, static_cast<std::uint16_t>(result.outcome)));
  give_memory_back(seat);
}

std::uint64_t Transfer::buffer_bytes() const {
  if (!carries_data(plan_.opcode)) {
    return 0;
  }
  return plan_.opcode == NvmOpcode::dataset_management ? sizeof(spec::DatasetRange) : plan_.blocks * plan_.block_bytes;
}

/// Pieces are whole blocks, so that the driver can cut the operation between any two of them.
Result<void> Transfer::take_memory(Seat& seat) {
  const std::uint64_t bytes = buffer_bytes();
  const std::uint64_t blocks = bytes == sizeof(spec::DatasetRange) ? 1 : plan_.blocks;
  const std::uint64_t pieces = bytes == 0 ? 0 : std::min<std::uint64_t>(plan_.regions, blocks);
  const DmaRights rights = plan_.opcode == NvmOpcode::read ? DmaRights::device_writes : DmaRights::device_reads;
  for (std::uint64_t piece = 0; piece < pieces; ++piece) {
    const std::uint64_t piece_bytes = (blocks * (piece + 1) / pieces - blocks * piece / pieces) * (bytes / blocks);
    const Result<std::span<std::byte>> memory = seat.stage().allocate_buffer(piece_bytes);
    if (!memory) {
      return fail(memory.error());
    }
    const Result<Iova> iova = seat.backend().map(*memory, rights);
    if (!iova) {
      (void)seat.stage().free_buffer(*memory);
      return fail(iova.error());
    }
    regions_.push_back({memory->data(), piece_bytes, *iova});
  }
  return {};
}

/// Memory that a drive still owns stays taken: the stream says so, and a judge will.
void Transfer::give_memory_back(Seat& seat) {
  for (const DmaRegion& region : regions_) {
    if (seat.backend().unmap(region.span())) {
      (void)seat.stage().free_buffer(region.span());
    }
  }
  regions_.clear();
}

void Transfer::fill() {
  if (plan_.opcode == NvmOpcode::dataset_management) {
    spec::DatasetRange range;
    range.blocks = static_cast<std::uint32_t>(plan_.blocks);
    range.slba = plan_.lba.value;
    std::memcpy(regions_[0].data, &range, sizeof(range));
    return;
  }
  if (plan_.opcode != NvmOpcode::write && plan_.opcode != NvmOpcode::compare) {
    return;
  }
  if (!plan_.content.empty()) {
    std::size_t done = 0;
    for (const DmaRegion& region : regions_) {
      std::memcpy(region.data, plan_.content.data() + done, region.bytes);
      done += region.bytes;
    }
    return;
  }
  Random content(keyed(plan_.content_seed, plan_.content_tag));
  for (const DmaRegion& region : regions_) {
    for (std::uint64_t at = 0; at < region.bytes; at += sizeof(Le64)) {
      const Le64 word(content.next());
      std::memcpy(region.data + at, &word, sizeof(word));
    }
  }
}

void Transfer::tell_beginning(Seat& seat) const {
  const auto opcode = static_cast<std::uint16_t>(static_cast<unsigned>(plan_.opcode) | (plan_.fua ? 1u << 8 : 0u));
  seat.backend().record(event_of(EventKind::operation_begun, plan_, plan_.nsid.value, plan_.lba.value, opcode));
  const bool judged = plan_.verify || plan_.opcode != NvmOpcode::read;
  seat.backend().record(event_of(EventKind::operation_extent, plan_, judged ? static_cast<std::uint32_t>(plan_.blocks) : 0, 0));
  if (plan_.opcode == NvmOpcode::write || (plan_.opcode == NvmOpcode::compare && plan_.verify)) {
    tell_digests(seat);
  }
}

void Transfer::tell_digests(Seat& seat) const {
  std::vector<std::byte> bytes(plan_.block_bytes);
  for (std::uint64_t block = 0; block < plan_.blocks; ++block) {
    copy_block(block, bytes);
    seat.backend().record(event_of(EventKind::block_digest, plan_, static_cast<std::uint32_t>(block), sim::block_digest(bytes)));
  }
}

void Transfer::copy_to(std::span<std::byte> into) const {
  std::size_t done = 0;
  for (const DmaRegion& region : regions_) {
    std::memcpy(into.data() + done, region.data, region.bytes);
    done += region.bytes;
  }
}

void Transfer::copy_block(std::uint64_t block, std::vector<std::byte>& to) const {
  std::uint64_t offset = block * plan_.block_bytes;
  for (const DmaRegion& region : regions_) {
    if (offset < region.bytes) {
      std::memcpy(to.data(), region.data + offset, to.size());
      return;
    }
    offset -= region.bytes;
  }
  PHASEBIT_ASSERT(false && "a block lies in one of the regions");
}

}  // namespace phasebit::scenarios
