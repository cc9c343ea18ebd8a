// What the blocks of one namespace hold: what reads see, what a power cut would leave, and the faults that lie over both.
#pragma once

#include <cstdint>
#include <map>
#include <memory_resource>

#include "sim/media/block_pool.hpp"
#include "sim/media/extent.hpp"
#include "sim/stream/digest.hpp"
#include "src/base/strong.hpp"

namespace phasebit::sim {

/// Somebody who is told of each block that changes.
struct BlockObserver {
  virtual ~BlockObserver() = default;
  virtual void on_block(Nsid nsid, Lba lba, std::uint64_t digest) = 0;
};

/// Sparse: a block that was never written, or is deallocated, takes no memory and reads as zeroes. A block is held by each table it is in.
class NamespaceContent {
 public:
  NamespaceContent(Nsid nsid, BlockPool& pool, std::pmr::memory_resource* memory)
      : nsid_(nsid), pool_(&pool), visible_(memory), durable_(memory), overlay_(memory) {}
  NamespaceContent(const NamespaceContent&) = delete;
  NamespaceContent& operator=(const NamespaceContent&) = delete;

  /// The content without faults.
  BlockRef pristine(Lba lba) const { return find(visible_, lba); }
  /// The content as a read sees it.
  BlockRef seen(Lba lba) const;

  /// Lands the extent. `cached`: it is not durable yet, and what was before is remembered.
  void write(const Extent& extent, bool cached, BlockObserver& observer);
  /// An extent that was landed as cached is durable from now on.
  void make_durable(const Extent& extent);
  /// Everything is durable. Gives the number of blocks that became so.
  std::uint64_t make_all_durable();

  /// Goes back to what is durable. Gives the number of blocks that changed.
  std::uint64_t revert(BlockObserver& observer);

  /// A fault: reads of this block see `ref` until it is written again or faults are lifted.
  void overlay(Lba lba, BlockRef ref);
  void lift_overlay();

  /// Forgets all blocks from `end` on: the namespace became smaller.
  void truncate(Lba end);

  Nsid nsid() const { return nsid_; }
  BlockPool& pool() const { return *pool_; }
  void fingerprint(Hasher& hasher) const;

 private:
  using Blocks = std::pmr::map<std::uint64_t, BlockRef>;

  static BlockRef find(const Blocks& blocks, Lba lba);
  void set(Blocks& blocks, Lba lba, BlockRef ref);
  void erase_range(Blocks& blocks, std::uint64_t first, std::uint64_t end);
  void write_block(Lba lba, BlockRef ref, bool cached, BlockObserver& observer);
  void write_zeroes(const Extent& extent, bool cached, BlockObserver& observer);
  void remember_durable(Lba lba);
  void clear(Blocks& blocks) { erase_range(blocks, 0, ~0ull); }
  void fingerprint(Hasher& hasher, const Blocks& blocks) const;

  Nsid nsid_;
  BlockPool* pool_;
  Blocks visible_;  ///< absent: zeroes
  Blocks durable_;  ///< of the blocks that the cache has changed since; absent: as visible
  Blocks overlay_;
};

}  // namespace phasebit::sim
