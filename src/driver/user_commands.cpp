#include "src/driver/user_commands.hpp"

#include <algorithm>
#include <bit>

#include "src/base/assert.hpp"

namespace phasebit::driver {
namespace {

/// The memory as the device sees it. Neighbours that PRPs cannot join are refused: an admin command is never split.
struct Extents {
  std::array<Extent, UserCommands::regions_max> list{};
  std::uint32_t count = 0;
  std::uint64_t bytes = 0;

  std::span<const Extent> all() const { return {list.data(), count}; }
};

Result<Extents> extents_of(std::span<const DmaRegion> buffers, PageSize page) {
  Extents extents;
  if (buffers.size() > extents.list.size()) {
    return fail(Errc::too_large);
  }
  for (const DmaRegion& buffer : buffers) {
    const Extent extent{buffer.iova, buffer.bytes};
    const bool joins = extents.count == 0 || prp_joins(extents.list[extents.count - 1], extent, page);
    if (extent.iova.value % 4 != 0 || extent.bytes == 0 || extent.bytes % 4 != 0 || !joins) {
      return fail(Errc::misaligned);
    }
    extents.list[extents.count++] = extent;
    extents.bytes += extent.bytes;
  }
  return extents;
}

}  // namespace

Result<spec::Sqe> UserCommands::prepare(const RawCommand& command, std::uint64_t bytes_max) const {
  if (!is_for_users(command.sqe.opcode)) {
    return fail(Errc::invalid_argument);
  }
  if (!has_room()) {
    return fail(Errc::queue_full);
  }
  spec::Sqe sqe = command.sqe;
  if (command.buffers.empty()) {
    return sqe;
  }
  const auto extents = extents_of(command.buffers, page_);
  if (!extents) {
    return fail(extents.error());
  }
  const DmaRegion memory = lists_.slice(std::uint64_t{free_slot()} * list_bytes, list_bytes);
  const PrpListMemory list{reinterpret_cast<Le64*>(memory.data), memory.iova, memory.bytes};
  const std::uint64_t pages = page_.count(page_.offset_of(extents->list[0].iova), extents->bytes);
  if (extents->bytes > bytes_max || pages > PrpListMemory::pages_max(list_bytes, page_)) {
    return fail(Errc::too_large);
  }
  const DataPointer pointer = describe(extents->all(), {}, extents->bytes, page_, list);
  sqe.prp1 = pointer.prp1;
  sqe.prp2 = pointer.prp2;
  return sqe;
}

std::uint8_t UserCommands::free_slot() const {
  return static_cast<std::uint8_t>(std::countr_one(used_));
}

std::uint8_t UserCommands::take() {
  PHASEBIT_ASSERT(has_room());
  const std::uint8_t slot = free_slot();
  used_ |= 1u << slot;
  return slot;
}

void UserCommands::finish(std::uint8_t slot, const OperationResult& result) {
  PHASEBIT_ASSERT(finished_count_ < commands_max);
  finished_[finished_count_++] = {result, slot};
}

std::uint32_t UserCommands::reap(std::span<OperationResult> results) {
  const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(results.size(), finished_count_));
  for (std::uint32_t i = 0; i < count; ++i) {
    results[i] = finished_[i].result;
    release(finished_[i].slot);
  }
  std::copy(finished_.begin() + count, finished_.begin() + finished_count_, finished_.begin());
  finished_count_ -= count;
  return count;
}

}  // namespace phasebit::driver
