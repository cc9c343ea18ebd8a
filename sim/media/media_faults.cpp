// What goes wrong with the media: faults that lie over it, and power cuts.
#include <algorithm>
#include <array>

#include "sim/media/media.hpp"
#include "src/base/random.hpp"

namespace phasebit::sim {

/// What reads saw before a write, each block held once so that it outlives the write.
std::pmr::vector<BlockRef> Media::hold_before(const Extent& extent) {
  const NamespaceContent& where = content(extent.nsid);
  std::pmr::vector<BlockRef> before(memory_);
  for (std::uint64_t i = 0; i < extent.blocks; ++i) {
    before.push_back(where.seen(extent.first + i));
    where.pool().hold(before.back());
  }
  return before;
}

void Media::overlay_fault(const Extent& extent, const WriteFault& fault, std::span<const BlockRef> before) {
  NamespaceContent& where = content(extent.nsid);
  const std::uint64_t kept = fault.kind == WriteFault::Kind::tear ? fault.value : 0;
  for (std::uint64_t i = kept; i < extent.blocks && fault.kind != WriteFault::Kind::corrupt; ++i) {
    where.overlay(extent.first + i, before[i]);
  }
  for (std::uint64_t i = 0; i < extent.blocks && fault.kind == WriteFault::Kind::misdirect; ++i) {
    where.overlay(extent.first + i + fault.value, where.pristine(extent.first + i));
  }
  if (fault.kind == WriteFault::Kind::corrupt) {
    overlay_corrupt(where, extent.first, static_cast<std::uint8_t>(fault.value));
  }
  for (const BlockRef ref : before) {
    where.pool().drop(ref);
  }
}

void Media::overlay_corrupt(NamespaceContent& where, Lba lba, std::uint8_t mask) {
  std::array<std::byte, 4096> block{};
  const std::span<std::byte> bytes(block.data(), where.pool().block_bytes());
  where.pool().copy_out(where.pristine(lba), bytes);
  bytes[bytes.size() / 2] ^= static_cast<std::byte>(mask);
  const BlockRef ref = where.pool().take(bytes);
  where.overlay(lba, ref);
  where.pool().drop(ref);
}

void Media::make_unreadable(Nsid nsid, Lba first, std::uint64_t blocks) {
  for (std::uint64_t i = 0; i < blocks; ++i) {
    content(nsid).overlay(first + i, BlockRef::uncorrectable);
  }
}

void Media::lift_faults() {
  for (NamespaceContent& one : contents_) {
    one.lift_overlay();
  }
}

std::pmr::vector<VolatileWrite> Media::volatile_writes() const {
  std::pmr::vector<VolatileWrite> writes(cache_.begin(), cache_.end(), memory_);
  for (const Staged& staged : staged_) {
    if (staged.used) {
      writes.push_back(staged.write);
    }
  }
  std::sort(writes.begin() + static_cast<std::ptrdiff_t>(cache_.size()), writes.end(),
            [](const VolatileWrite& a, const VolatileWrite& b) { return a.number < b.number; });
  return writes;
}

std::uint64_t Media::count_outcomes() const {
  return count_cut_outcomes(volatile_writes(), options_.atomic_blocks_power_fail);
}

CutOutcome Media::outcome(std::uint64_t number) const {
  return cut_outcome(number, volatile_writes(), options_.atomic_blocks_power_fail);
}

// Staged writes first land as cached ones do: then the same rule decides about all.
void Media::power_cut(std::uint64_t outcome_number) {
  const auto writes = volatile_writes();
  const std::uint32_t unit_blocks = options_.atomic_blocks_power_fail;
  const CutOutcome chosen = cut_outcome(outcome_number, writes, unit_blocks);
  const std::uint64_t seed = keyed(options_.seed, cuts_++);
  for (std::size_t i = cache_.size(); i < writes.size(); ++i) {
    content(writes[i].extent.nsid).write(writes[i].extent, true, *this);
  }
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const std::uint64_t kept = chosen.blocks_kept(writes[i], i, seed, unit_blocks);
    if (kept > 0) {
      content(writes[i].extent.nsid).make_durable(writes[i].extent.front(kept));
    }
  }
  std::uint64_t lost = 0;
  for (NamespaceContent& one : contents_) {
    lost += one.revert(*this);
  }
  for (const VolatileWrite& write : writes) {
    drop_chain(write.extent);
  }
  cache_.clear();
  staged_.clear();
  staged_count_ = 0;
  stream_.append(make_event(EventKind::power_cut, options_.drive, 0, 0, 0, lost));
}

}  // namespace phasebit::sim
