// A disk in memory with a volatile cache that can lose power at any write or flush.
#pragma once

#include <cstring>
#include <vector>

#include "scenarios/sqlite/block_device.hpp"

namespace phasebit::tests {

/// Writes wait in a cache until a flush (or go straight through with FUA); at operation `cut_at` the power goes and every later call fails.
class CrashingDisk : public scenarios::BlockDevice {
 public:
  CrashingDisk(std::uint32_t block_bytes, std::uint64_t blocks)
      : block_bytes_(block_bytes), durable_(block_bytes * blocks), seen_(durable_) {}

  std::uint64_t cut_at = ~0ull;  ///< counts writes and flushes, from 0
  bool flush_lies = false;       ///< acknowledges a flush and does nothing
  std::uint64_t operations = 0;
  std::uint32_t atomic_blocks = 1;  ///< as the disk says
  std::uint32_t torn_blocks = 0;    ///< a cut tears a write at multiples of so many blocks; 0: of what the disk says

  std::uint32_t block_bytes() const override { return block_bytes_; }
  std::uint64_t block_count() const override { return durable_.size() / block_bytes_; }
  std::uint32_t atomic_write_bytes() const override { return atomic_blocks * block_bytes_; }

  Result<void> read(Lba first, std::span<std::byte> data) override {
    if (gone_) {
      return fail(Errc::device_gone);
    }
    std::memcpy(data.data(), seen_.data() + first.value * block_bytes_, data.size());
    return {};
  }

  Result<void> write(Lba first, std::span<const std::byte> data, bool force_unit_access) override {
    const bool cut = step();
    if (gone_ && !cut) {
      return fail(Errc::device_gone);
    }
    Write write{first.value * block_bytes_, {data.begin(), data.end()}};
    if (!cut) {
      apply(seen_, write);
    }
    if (!cut && force_unit_access) {
      apply(durable_, write);
    } else {
      cache_.push_back(std::move(write));
    }
    return cut ? Result<void>(fail(Errc::device_gone)) : Result<void>{};
  }

  Result<void> flush() override {
    if (step() || gone_) {
      return fail(Errc::device_gone);
    }
    if (!flush_lies) {
      for (const Write& write : cache_) {
        apply(durable_, write);
      }
      cache_.clear();
    }
    return {};
  }

  /// Outcomes of a cut now: 0 nothing of the cache, 1 all of it, then each single write, then all up to a tear at each unit of each write.
  std::size_t outcome_count() const {
    std::size_t count = 2 + cache_.size();
    for (const Write& write : cache_) {
      count += tears(write);
    }
    return count;
  }
  /// The disk as it comes back with power, by one outcome.
  CrashingDisk after_cut(std::size_t outcome) const {
    CrashingDisk disk(block_bytes_, block_count());
    disk.atomic_blocks = atomic_blocks;
    disk.durable_ = durable_;
    std::size_t first_tear = 2 + cache_.size();
    for (std::size_t i = 0; i < cache_.size(); ++i) {
      const bool is_torn = outcome >= first_tear && outcome < first_tear + tears(cache_[i]);
      const bool is_whole = outcome == 1 || outcome == i + 2 || outcome >= first_tear + tears(cache_[i]);
      apply(disk.durable_, cache_[i], is_whole ? cache_[i].data.size() : is_torn ? (outcome - first_tear + 1) * unit_bytes() : 0);
      first_tear += tears(cache_[i]);
    }
    disk.seen_ = disk.durable_;
    return disk;
  }

 private:
  struct Write {
    std::uint64_t offset;
    std::vector<std::byte> data;
  };
  static void apply(std::vector<std::byte>& image, const Write& write) { apply(image, write, write.data.size()); }
  static void apply(std::vector<std::byte>& image, const Write& write, std::size_t bytes) {
    std::memcpy(image.data() + write.offset, write.data.data(), bytes);
  }
  std::size_t unit_bytes() const { return std::size_t{block_bytes_} * (torn_blocks != 0 ? torn_blocks : atomic_blocks); }
  std::size_t tears(const Write& write) const { return (write.data.size() - 1) / unit_bytes(); }
  /// Counts one write or flush; true if the power goes at this very one.
  bool step() {
    const bool cut = operations++ == cut_at;
    gone_ |= cut;
    return cut;
  }

  std::uint32_t block_bytes_;
  std::vector<std::byte> durable_;
  std::vector<std::byte> seen_;
  std::vector<Write> cache_;
  bool gone_ = false;
};

}  // namespace phasebit::tests
