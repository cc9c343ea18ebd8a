// The media of one drive: sparse blocks by namespace, a volatile write cache over them, and what a power cut leaves of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "sim/media/block_pool.hpp"
#include "sim/media/extent.hpp"
#include "sim/media/namespace_content.hpp"
#include "sim/media/power_cut.hpp"
#include "sim/stream/digest.hpp"
#include "sim/stream/stream.hpp"
#include "src/base/strong.hpp"

namespace phasebit::sim {

struct MediaOptions {
  std::uint8_t drive = 0;                      ///< index of the drive, for events
  std::uint64_t seed = 0;                      ///< of the random subsets that survive a power cut
  std::uint32_t atomic_blocks_power_fail = 1;  ///< AWUPF as a count: a write tears only at multiples of it
  std::uint32_t cached_writes_max = 256;       ///< beyond it the oldest write becomes durable by itself
};

/// How a write goes wrong; the media itself gets what was written, the fault lies over it until it is lifted or the block written again.
struct WriteFault {
  enum class Kind : std::uint8_t { none, lose, tear, misdirect, corrupt };
  Kind kind = Kind::none;
  std::uint64_t value = 0;  ///< tear: blocks that land; misdirect: blocks further on; corrupt: what a byte is XORed with
};

/// A write that has its data and has not landed.
enum class StagedWrite : std::uint32_t { none = ~0u };

/// Outlives resets and power cuts of the controller. Emits media_changed, media_read, cache_flushed and power_cut events. Ranges are
/// checked by the caller: they lie inside the namespace.
class Media final : private BlockObserver {
 public:
  Media(const MediaOptions& options, Stream& stream, std::pmr::memory_resource* memory);
  ~Media() override = default;

  /// A new namespace, all zeroes. `block_bytes` is 512 or 4096.
  void add_namespace(Nsid nsid, std::uint32_t block_bytes);
  /// The namespace has become smaller.
  void truncate(Nsid nsid, Lba end);

  /// Reads whole blocks and says so in events. Gives the first block that cannot be read, if any: what is before it has been read.
  std::optional<Lba> read(Nsid nsid, Lba first, std::span<std::byte> to);
  /// The first unreadable block of a range, without reading.
  std::optional<Lba> first_unreadable(Nsid nsid, Lba first, std::uint64_t blocks) const;

  /// A write whose data is in the drive: from here on a power cut may let it land. Exactly one of `land` and `discard` ends it.
  StagedWrite stage(Nsid nsid, Lba first, std::span<const std::byte> data);
  void land(StagedWrite write, bool durable, const WriteFault& fault = {});
  void discard(StagedWrite write);

  /// Zeroes (deallocates) a range, or marks it uncorrectable.
  void write_zeroes(Nsid nsid, Lba first, std::uint64_t blocks, bool durable);
  void write_uncorrectable(Nsid nsid, Lba first, std::uint64_t blocks, bool durable);

  /// Makes everything of one namespace, or of all, durable.
  void flush(Nsid nsid);
  void flush_all();
  /// Makes durable whatever the cache holds of a range (FUA on a read).
  void flush_range(Nsid nsid, Lba first, std::uint64_t blocks);

  /// What a cut at this moment could leave: outcomes 0 to count - 1.
  std::uint64_t count_outcomes() const;
  CutOutcome outcome(std::uint64_t number) const;
  /// Power is lost. Staged writes are gone with it.
  void power_cut(std::uint64_t outcome_number);

  /// A fault: these blocks give Unrecovered Read Error until they are written again or faults are lifted.
  void make_unreadable(Nsid nsid, Lba first, std::uint64_t blocks);
  void lift_faults();

  /// What a read would give, for judges that sit inside the drive: digest as in events.
  std::uint64_t digest_of(Nsid nsid, Lba lba) const;
  std::uint64_t cached_writes() const { return cache_.size(); }
  std::uint64_t staged_writes() const { return staged_count_; }
  std::uint64_t held_blocks() const { return small_.held() + large_.held(); }

  void fingerprint(Hasher& hasher) const;

 private:
  struct Staged {
    VolatileWrite write;
    bool used = false;
  };

  void on_block(Nsid nsid, Lba lba, std::uint64_t block_digest) override;
  NamespaceContent& content(Nsid nsid);
  const NamespaceContent& content(Nsid nsid) const;
  BlockPool& pool_for(std::uint32_t block_bytes) { return block_bytes == 512 ? small_ : large_; }

  Extent make_data_extent(Nsid nsid, Lba first, std::span<const std::byte> data);
  void drop_chain(const Extent& extent);
  void apply(const VolatileWrite& write, bool durable);
  void make_durable_up_to(const Extent& extent);
  void make_oldest_durable(std::size_t count);
  void forget_cached(Nsid nsid);
  void overlay_fault(const Extent& extent, const WriteFault& fault, std::span<const BlockRef> before);
  void overlay_corrupt(NamespaceContent& where, Lba lba, std::uint8_t mask);
  std::pmr::vector<BlockRef> hold_before(const Extent& extent);
  std::pmr::vector<VolatileWrite> volatile_writes() const;

  MediaOptions options_;
  Stream& stream_;
  std::pmr::memory_resource* memory_;
  BlockPool small_;
  BlockPool large_;
  std::pmr::list<NamespaceContent> contents_;  ///< ascending by NSID
  std::pmr::vector<VolatileWrite> cache_;      ///< in the order of landing; holds the chains
  std::pmr::vector<Staged> staged_;
  std::uint64_t staged_count_ = 0;
  std::uint64_t next_write_number_ = 0;
  std::uint64_t cuts_ = 0;
};

}  // namespace phasebit::sim
