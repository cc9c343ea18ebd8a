#include "src/driver/operation_plan.hpp"

#include <algorithm>
#include <cstring>

namespace phasebit::driver {
namespace {

constexpr std::uint8_t dataset_range_bytes_log2 = 4;

/// The regions together are exactly `bytes`, dword by dword. True if there are gaps; they then lie at multiples of a unit.
Result<bool> check_buffers(std::span<const DmaRegion> regions, std::uint64_t bytes, std::uint64_t unit_bytes, const BufferLimits& limits) {
  if (regions.size() > limits.regions_max) {
    return fail(Errc::too_large);
  }
  bool has_gaps = false;
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const DmaRegion& region = regions[i];
    if (((region.iova.value | region.bytes) & 3) != 0) {
      return fail(Errc::misaligned);
    }
    if (region.bytes == 0 || region.bytes > bytes - done || region.iova.value + region.bytes < region.iova.value) {
      return fail(Errc::invalid_argument);
    }
    if (i > 0 && !prp_joins({regions[i - 1].iova, regions[i - 1].bytes}, {region.iova, region.bytes}, limits.page)) {
      if (done % unit_bytes != 0) {
        return fail(Errc::misaligned);
      }
      has_gaps = true;
    }
    done += region.bytes;
  }
  return done == bytes ? Result<bool>(has_gaps) : fail(Errc::invalid_argument);
}

/// Adds the operation's memory to a plan whose units are known.
Result<void> add_buffers(OperationPlan& plan, std::span<const DmaRegion> regions, const TransferLimits& transfer,
                         const BufferLimits& limits) {
  plan.transfers = true;
  if (plan.units > spec::unlimited >> plan.unit_bytes_log2) {
    return fail(Errc::invalid_argument);  // no buffer is that large
  }
  const std::uint64_t unit_bytes = 1ull << plan.unit_bytes_log2;
  const Result<bool> has_gaps = check_buffers(regions, plan.units << plan.unit_bytes_log2, unit_bytes, limits);
  if (!has_gaps) {
    return fail(has_gaps.error());
  }
  plan.has_gaps = *has_gaps;
  const bool fits = unit_bytes <= transfer.bytes_max && unit_bytes <= (transfer.pages_max - 1) * transfer.page.bytes;
  return fits ? Result<void>{} : fail(Errc::too_large);
}

/// Flush has no range and no data.
Result<void> plan_flush(const Operation& operation, const DeviceFacts& facts) {
  if (operation.blocks != 0 || !operation.buffers.empty() || operation.fua || operation.limited_retry || operation.deallocate) {
    return fail(Errc::invalid_argument);
  }
  const bool known = operation.nsid == nsid_all ? facts.limits.flushes_all_namespaces : facts.find(operation.nsid) != nullptr;
  return known ? Result<void>{} : fail(Errc::not_found);
}

/// The ranges are read where they lie, at any multiple of four, to keep those beyond the end from being sent.
Result<void> check_ranges(const DmaRegion& buffer, std::uint64_t count, const DeviceLimits& limits, const NamespaceShape& shape,
                          std::uint64_t& end) {
  std::uint64_t blocks = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    spec::DatasetRange range;
    std::memcpy(&range, buffer.data + i * sizeof range, sizeof range);
    blocks += range.blocks;  // at most 256 * 2^32
    if (!lies_within(Lba{range.slba}, range.blocks, shape.blocks)) {
      return fail(Errc::out_of_range);
    }
    end = std::max(end, range.slba + range.blocks);
    if (range.blocks > limits.dataset_range_blocks_max || blocks > limits.dataset_blocks_max) {
      return fail(Errc::too_large);
    }
  }
  return {};
}

Result<void> plan_dataset(const Operation& operation, const DeviceLimits& limits, const NamespaceShape& shape,
                          const TransferLimits& transfer, const BufferLimits& buffers, OperationPlan& plan) {
  if (operation.blocks > spec::dataset_ranges_max || operation.buffers.size() != 1 || operation.fua || operation.limited_retry) {
    return fail(Errc::invalid_argument);
  }
  plan.command_units = std::clamp(limits.dataset_ranges_max, 1u, spec::dataset_ranges_max);
  plan.unit_bytes_log2 = dataset_range_bytes_log2;
  const Result<void> memory = add_buffers(plan, operation.buffers, transfer, buffers);
  return memory ? check_ranges(operation.buffers[0], operation.blocks, limits, shape, plan.ranges_end) : memory;
}

/// Commands that name blocks but move no data.
Result<void> plan_blocks(const Operation& operation, bool is_supported, std::uint64_t bytes_max, const NamespaceShape& shape,
                         OperationPlan& plan) {
  if (!is_supported || !operation.buffers.empty()) {
    return fail(is_supported ? Errc::invalid_argument : Errc::unsupported);
  }
  plan.unit_bytes_log2 = shape.block_bytes_log2;
  plan.command_units = static_cast<std::uint32_t>(std::min<std::uint64_t>(command_blocks_max, bytes_max >> shape.block_bytes_log2));
  return plan.command_units > 0 ? Result<void>{} : fail(Errc::too_large);
}

Result<void> plan_transfer(const Operation& operation, const NamespaceShape& shape, const TransferLimits& transfer,
                           const BufferLimits& buffers, OperationPlan& plan) {
  plan.unit_bytes_log2 = shape.block_bytes_log2;
  plan.command_units = command_blocks_max;
  plan.boundary_blocks = shape.boundary_blocks;
  return add_buffers(plan, operation.buffers, transfer, buffers);
}

/// FUA and LR are reserved in what neither reads nor writes data of its own; DEAC is of Write Zeroes, IDR and IDW of Dataset Management.
bool has_foreign_options(const Operation& operation) {
  using enum spec::NvmOpcode;
  const bool marks = operation.fua || operation.limited_retry;
  const bool deallocates = operation.opcode == write_zeroes || operation.opcode == dataset_management;
  const bool integral = operation.integral_read || operation.integral_write;
  return (marks && operation.opcode == write_uncorrectable) || (operation.deallocate && !deallocates) ||
         (integral && operation.opcode != dataset_management);
}

}  // namespace

Result<void> plan_operation(const Operation& operation, const DeviceFacts& facts, const TransferLimits& transfer,
                            const BufferLimits& buffers, OperationPlan& plan) {
  using enum spec::NvmOpcode;
  const DeviceLimits& limits = facts.limits;
  plan = {};
  if (has_foreign_options(operation)) {
    return fail(Errc::invalid_argument);
  }
  if (operation.opcode == flush) {
    return plan_flush(operation, facts);
  }
  const NamespaceShape* shape = facts.find(operation.nsid);
  if (shape == nullptr) {
    return fail(Errc::not_found);
  }
  if (operation.blocks == 0) {
    return fail(Errc::invalid_argument);
  }
  plan.units = operation.blocks;
  plan.life = shape->life;
  if (operation.opcode == dataset_management) {
    return limits.has_dataset_management ? plan_dataset(operation, limits, *shape, transfer, buffers, plan) : fail(Errc::unsupported);
  }
  if (!lies_within(operation.lba, operation.blocks, shape->blocks)) {
    return fail(Errc::out_of_range);
  }
  switch (operation.opcode) {
    case read:
    case write:
      return plan_transfer(operation, *shape, transfer, buffers, plan);
    case compare:
      return limits.has_compare ? plan_transfer(operation, *shape, transfer, buffers, plan) : fail(Errc::unsupported);
    case write_zeroes:
      return plan_blocks(operation, limits.has_write_zeroes, limits.write_zeroes_bytes_max, *shape, plan);
    case write_uncorrectable:
      return plan_blocks(operation, limits.has_write_uncorrectable, limits.write_uncorrectable_bytes_max, *shape, plan);
    case verify:
      return plan_blocks(operation, limits.has_verify, limits.verify_bytes_max, *shape, plan);
    default:
      return fail(Errc::unsupported);
  }
}

Result<void> plan_raw(const RawCommand& command, const TransferLimits& transfer, const BufferLimits& buffers, OperationPlan& plan) {
  plan = {};
  plan.is_whole = true;
  if (command.buffers.empty()) {
    return {};
  }
  for (const DmaRegion& region : command.buffers) {
    plan.units += region.bytes;
  }
  if (plan.units > std::min<std::uint64_t>(transfer.bytes_max, ~0u)) {
    return fail(Errc::too_large);
  }
  if (const Result<void> memory = add_buffers(plan, command.buffers, transfer, buffers); !memory) {
    return memory;
  }
  if (plan.has_gaps) {
    return fail(Errc::misaligned);
  }
  return transfer.carry(command.buffers[0].iova, plan.units) ? Result<void>{} : fail(Errc::too_large);
}

std::uint64_t bytes_to_gap(std::span<const Extent> extents, ExtentPosition position, PageSize page, std::uint64_t bytes_max) {
  std::uint64_t bytes = extents[position.extent].bytes - position.offset;
  for (std::uint32_t i = position.extent + 1; i < extents.size() && bytes < bytes_max; ++i) {
    if (!prp_joins(extents[i - 1], extents[i], page)) {
      return bytes;
    }
    bytes += extents[i].bytes;
  }
  return std::min(bytes, bytes_max);
}

}  // namespace phasebit::driver
