// The content of logical blocks: counted, pooled, written once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

namespace phasebit::sim {

/// Which content a block has: a slot of the pool, or one of the two contents that need none.
enum class BlockRef : std::uint32_t { zeroes = 0, uncorrectable = 1, first_slot = 2 };

/// Slots of one block size. A slot is filled once, by the write that takes it, and freed when nobody holds it any more. Memory is taken in
/// chunks and given back at the end. The blocks of one write are chained, first to last.
class BlockPool {
 public:
  BlockPool(std::uint32_t block_bytes, std::pmr::memory_resource* memory) : block_bytes_(block_bytes), chunks_(memory), slots_(memory) {}
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool();

  /// A slot with this content, held once. `bytes` are those of one block.
  BlockRef take(std::span<const std::byte> bytes);
  void hold(BlockRef ref);
  void drop(BlockRef ref);

  /// What media events carry: the digest, 0 for zeroes, all ones for uncorrectable.
  std::uint64_t digest_of(BlockRef ref) const;
  /// Copies the content out; uncorrectable blocks give zeroes.
  void copy_out(BlockRef ref, std::span<std::byte> to) const;

  /// The next block of the same write; `zeroes` ends the chain.
  BlockRef next(BlockRef ref) const { return slot(ref).next; }
  void chain(BlockRef ref, BlockRef following) { slot(ref).next = following; }

  std::uint32_t block_bytes() const { return block_bytes_; }
  /// Slots in use, for tests of leaks.
  std::uint32_t held() const { return held_; }

 private:
  struct Slot {
    std::uint64_t digest = 0;
    std::uint32_t holders = 0;
    BlockRef next = BlockRef::zeroes;  ///< of the write, or of the free list
  };
  static constexpr std::uint32_t chunk_blocks = 64;

  static bool is_slot(BlockRef ref) { return ref >= BlockRef::first_slot; }
  static std::uint32_t index(BlockRef ref) { return static_cast<std::uint32_t>(ref) - static_cast<std::uint32_t>(BlockRef::first_slot); }
  Slot& slot(BlockRef ref) { return slots_[index(ref)]; }
  const Slot& slot(BlockRef ref) const { return slots_[index(ref)]; }
  std::byte* content(BlockRef ref) const;
  void grow();

  std::uint32_t block_bytes_;
  std::uint32_t held_ = 0;
  BlockRef free_ = BlockRef::zeroes;
  std::pmr::vector<std::byte*> chunks_;
  std::pmr::vector<Slot> slots_;
};

}  // namespace phasebit::sim
