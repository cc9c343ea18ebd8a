#include "sim/media/block_pool.hpp"

#include <algorithm>

#include "sim/stream/digest.hpp"
#include "src/base/assert.hpp"

namespace phasebit::sim {

BlockPool::~BlockPool() {
  for (std::byte* chunk : chunks_) {
    chunks_.get_allocator().resource()->deallocate(chunk, std::size_t{chunk_blocks} * block_bytes_);
  }
}

void BlockPool::grow() {
  const auto first = static_cast<std::uint32_t>(slots_.size());
  chunks_.push_back(static_cast<std::byte*>(chunks_.get_allocator().resource()->allocate(std::size_t{chunk_blocks} * block_bytes_)));
  slots_.resize(first + chunk_blocks);
  for (std::uint32_t i = chunk_blocks; i > 0; --i) {
    slots_[first + i - 1].next = free_;
    free_ = static_cast<BlockRef>(first + i - 1 + static_cast<std::uint32_t>(BlockRef::first_slot));
  }
}

BlockRef BlockPool::take(std::span<const std::byte> bytes) {
  PHASEBIT_ASSERT(bytes.size() == block_bytes_);
  if (free_ == BlockRef::zeroes) {
    grow();
  }
  const BlockRef ref = free_;
  free_ = slot(ref).next;
  slot(ref) = Slot{block_digest(bytes), 1, BlockRef::zeroes};
  std::copy(bytes.begin(), bytes.end(), content(ref));
  ++held_;
  return ref;
}

void BlockPool::hold(BlockRef ref) {
  if (is_slot(ref)) {
    ++slot(ref).holders;
  }
}

void BlockPool::drop(BlockRef ref) {
  if (is_slot(ref) && --slot(ref).holders == 0) {
    slot(ref).next = free_;
    free_ = ref;
    --held_;
  }
}

std::uint64_t BlockPool::digest_of(BlockRef ref) const {
  return is_slot(ref) ? slot(ref).digest : ref == BlockRef::zeroes ? 0 : ~0ull;
}

void BlockPool::copy_out(BlockRef ref, std::span<std::byte> to) const {
  if (is_slot(ref)) {
    std::copy_n(content(ref), block_bytes_, to.begin());
  } else {
    std::fill_n(to.begin(), block_bytes_, std::byte{0});
  }
}

std::byte* BlockPool::content(BlockRef ref) const {
  return chunks_[index(ref) / chunk_blocks] + std::size_t{index(ref) % chunk_blocks} * block_bytes_;
}

}  // namespace phasebit::sim
