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
  std::uint64_t command_units = 0;  ///< the most that one command takes; memory, MDTS and NOIOB may demand less of a transfer
  std::uint32_t boundary_blocks = 0;
  std::uint8_t unit_bytes_log2 = 0;
  bool transfers = false;  ///< data moves between memory and device
  bool has_gaps = false;   ///< its regions do not all join: it has to be cut where they do not
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
Result<OperationPlan> plan_operation(const Operation& operation, const DeviceFacts& facts, const TransferLimits& transfer,
                                     const BufferLimits& buffers);

/// The same for a raw command, whose meaning is the user's business: only its buffers are checked. `too_large` if one command cannot carry
/// it.
Result<OperationPlan> plan_raw(const RawCommand& command, const TransferLimits& transfer, const BufferLimits& buffers);

/// True if the whole range lies in a namespace of `blocks`; no sum is formed that could overflow.
constexpr bool lies_within(Lba lba, std::uint64_t count, std::uint64_t blocks) {
  return count <= blocks && lba.value <= blocks - count;
}

/// Bytes from `position` until the extents stop joining, `bytes_max` at most.
std::uint64_t bytes_to_gap(std::span<const Extent> extents, ExtentPosition position, PageSize page, std::uint64_t bytes_max);

}  // namespace phasebit::driver
