// Whether an operation can be carried out at all, and what it comes to. All that can be refused is refused here, before anything is sent.
#pragma once

#include <cstdint>
#include <span>

#include "src/base/error.hpp"
#include "src/driver/device_view.hpp"
#include "src/driver/limits.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

/// What there is to be sent of an accepted operation.
struct OperationPlan {
  std::uint64_t units = 0;          ///< blocks, dataset ranges, or bytes of a raw command
  std::uint32_t command_units = 0;  ///< the most that one command takes; memory, MDTS and NOIOB may demand less of a transfer
  std::uint32_t boundary_blocks = 0;
  std::uint32_t life = 0;  ///< of the namespace that it was made for
  std::uint8_t unit_bytes_log2 = 0;
  bool transfers = false;        ///< data moves between memory and device
  bool has_gaps = false;         ///< its regions do not all join: it has to be cut where they do not
  bool is_whole = false;         ///< one command carries it all
  std::uint64_t ranges_end = 0;  ///< of Dataset Management: where the farthest of its ranges ends, in blocks
};

/// Which regions an operation may have.
struct BufferLimits {
  PageSize page{};
  std::uint32_t regions_max = 1;
};

/// Checks what does not depend on how much is outstanding. Errors:
/// `invalid_argument` no blocks, buffers that are not exactly the transfer, an option that the opcode does not have;
/// `misaligned`       a region not of whole dwords, or a gap between regions in the middle of a block;
/// `out_of_range`     beyond the end of the namespace; `not_found` no such namespace; `unsupported` the controller lacks the command;
/// `too_large`        more regions than the channel keeps, or one unit is more than a command can carry.
///
/// `plan` has a meaning only if nothing is wrong.
Result<void> plan_operation(const Operation& operation, const DeviceFacts& facts, const TransferLimits& transfer,
                            const BufferLimits& buffers, OperationPlan& plan);

/// The same for a raw command, whose meaning is the user's business: only its buffers are checked. `too_large` if one command cannot carry
/// it.
Result<void> plan_raw(const RawCommand& command, const TransferLimits& transfer, const BufferLimits& buffers, OperationPlan& plan);

/// True if the whole range lies in a namespace of `blocks`; no sum is formed that could overflow.
constexpr bool lies_within(Lba lba, std::uint64_t count, std::uint64_t blocks) {
  return count <= blocks && lba.value <= blocks - count;
}

/// The commonest operation: a read or write of one region that one command carries. True if it is one and nothing is wrong with it; else
/// plan_operation tells.
inline bool plan_simple(const Operation& operation, const DeviceFacts& facts, const TransferLimits& transfer, OperationPlan& plan) {
  const bool is_plain = operation.opcode == spec::NvmOpcode::read || operation.opcode == spec::NvmOpcode::write;
  if (!is_plain || operation.buffers.size() != 1 || operation.deallocate || operation.integral_read || operation.integral_write) {
    return false;
  }
  const NamespaceShape* shape = facts.find(operation.nsid);
  if (shape == nullptr || shape->boundary_blocks != 0) {
    return false;
  }
  const DmaRegion& region = operation.buffers[0];
  const bool is_exact =
      region.bytes >> shape->block_bytes_log2 == operation.blocks && operation.blocks << shape->block_bytes_log2 == region.bytes;
  const bool fits = operation.blocks - 1 < command_blocks_max && transfer.carry(region.iova, region.bytes);
  plan = {operation.blocks, command_blocks_max, 0, shape->life, shape->block_bytes_log2, true, false, true, 0};
  return is_exact && fits && (region.iova.value & 3) == 0 && region.iova.value + region.bytes >= region.iova.value &&
         lies_within(operation.lba, operation.blocks, shape->blocks);
}

/// Bytes from `position` until the extents stop joining, `bytes_max` at most.
std::uint64_t bytes_to_gap(std::span<const Extent> extents, ExtentPosition position, PageSize page, std::uint64_t bytes_max);

}  // namespace phasebit::driver
