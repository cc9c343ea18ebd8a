// Parents: the operations that a channel has accepted, the pool that they come from, and lists of them.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "src/base/assert.hpp"
#include "src/driver/operation_plan.hpp"
#include "src/driver/types.hpp"
#include "src/spec/io_commands.hpp"

namespace phasebit::driver {

/// Stands for "no parent" and "no slot".
inline constexpr std::uint32_t no_index = ~0u;

/// What one command carries of an operation: enough to write its entry, for the first time or again.
struct Portion {
  Lba lba{};
  ExtentPosition position{};
  std::uint32_t units = 0;
};

/// An operation from its acceptance until its result is returned.
struct Parent {
  std::uint64_t tag = 0;
  Lba lba{};                  ///< of the first block not yet sent
  ExtentPosition position{};  ///< of the first byte not yet sent
  OperationPlan plan{};       ///< `units` counts what is not yet sent
  Duration timeout{};
  Nsid nsid{};
  std::uint32_t children = 0;  ///< outstanding, or waiting for another attempt; as wide as units can be split
  std::uint32_t dword0 = 0;
  std::uint32_t memory_losses = no_index;  ///< of the controller's memory when this was accepted; no_index if its data is the host's
  std::uint32_t next = no_index;           ///< in whichever list the parent is in: free, waiting or finished
  spec::Status status{};
  spec::NvmOpcode opcode{};
  std::uint8_t submission = 0;
  spec::BlockOptions options{};
  std::uint8_t region_count = 0;
  std::uint8_t attempts = 0;
  Outcome outcome = Outcome::ok;
  bool is_raw = false;
  bool is_waiting = false;  ///< in a waiting list: not all of it has been sent
  bool is_aborting = false;
  bool integral_read = false;
  bool integral_write = false;
};

/// Parents with what is too large or too seldom used to lie in them.
class ParentPool {
 public:
  ParentPool(std::uint32_t parents, std::uint32_t regions_max, std::pmr::memory_resource* memory)
      : parents_(parents, memory), extents_(std::size_t{parents} * regions_max, memory), raw_(parents, memory), regions_max_(regions_max) {
    PHASEBIT_ASSERT(parents > 0 && parents < no_index && regions_max > 0 && regions_max < 256);
    for (std::uint32_t i = parents; i-- > 0;) {
      release(i);
    }
    taken_ = 0;
  }

  Parent& operator[](std::uint32_t index) { return parents_[index]; }
  const Parent& operator[](std::uint32_t index) const { return parents_[index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(parents_.size()); }
  std::uint32_t taken() const { return taken_; }
  bool is_empty() const { return free_ == no_index; }

  /// A parent, all of which is the caller's to set. There has to be one.
  std::uint32_t take() {
    PHASEBIT_ASSERT(free_ != no_index);
    const std::uint32_t index = free_;
    free_ = parents_[index].next;
    ++taken_;
    return index;
  }
  void release(std::uint32_t index) {
    parents_[index].next = free_;
    free_ = index;
    --taken_;
  }

  /// Copies the regions to where extents() finds them.
  void keep_regions(std::uint32_t index, std::span<const DmaRegion> regions) {
    Extent* extent = extents_.data() + std::size_t{index} * regions_max_;
    for (const DmaRegion& region : regions) {
      *extent++ = {region.iova, region.bytes};
    }
  }
  std::span<const Extent> extents(std::uint32_t index) const {
    return {extents_.data() + std::size_t{index} * regions_max_, parents_[index].region_count};
  }
  spec::Sqe& raw(std::uint32_t index) { return raw_[index]; }
  const spec::Sqe& raw(std::uint32_t index) const { return raw_[index]; }

 private:
  std::pmr::vector<Parent> parents_;
  std::pmr::vector<Extent> extents_;  ///< regions_max_ for each parent
  std::pmr::vector<spec::Sqe> raw_;   ///< the command of a raw parent
  std::uint32_t regions_max_;
  std::uint32_t free_ = no_index;
  std::uint32_t taken_ = 0;
};

/// A queue of parents, linked through Parent::next.
class ParentList {
 public:
  bool is_empty() const { return first_ == no_index; }
  std::uint32_t first() const { return first_; }

  void push_back(ParentPool& pool, std::uint32_t index) {
    pool[index].next = no_index;
    (first_ == no_index ? first_ : pool[last_].next) = index;
    last_ = index;
  }
  void pop_front(ParentPool& pool) { first_ = pool[first_].next; }

  /// Takes out a parent that is in the list. O(length).
  void remove(ParentPool& pool, std::uint32_t index) {
    std::uint32_t before = no_index;
    for (std::uint32_t at = first_; at != index; at = pool[at].next) {
      before = at;
    }
    (before == no_index ? first_ : pool[before].next) = pool[index].next;
    last_ = last_ == index ? before : last_;
  }

 private:
  std::uint32_t first_ = no_index;
  std::uint32_t last_ = no_index;
};

}  // namespace phasebit::driver
