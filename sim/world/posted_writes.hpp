// Register writes on their way to the device: they land in order, some time after the store.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory_resource>
#include <optional>

#include "sim/stream/digest.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

struct PostedWrite {
  Instant due;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 4;
  std::uint64_t value = 0;
};

/// One per drive. A write that a fault makes late holds up those behind it: posted writes do not pass one another (PCIe Base §2.4).
class PostedWrites {
 public:
  explicit PostedWrites(std::pmr::memory_resource* memory) : writes_(memory) {}

  /// Lands at `write.due`, but not before the write before it.
  void post(PostedWrite write) {
    write.due = writes_.empty() ? write.due : std::max(write.due, writes_.back().due);
    writes_.push_back(write);
  }

  /// The next write that has landed by now.
  std::optional<PostedWrite> take_due(Instant now) { return next_due() <= now ? take_first() : std::nullopt; }
  /// The next one in order, due or not: a load pushes the stores before it.
  std::optional<PostedWrite> take_first() {
    if (writes_.empty()) {
      return std::nullopt;
    }
    const PostedWrite write = writes_.front();
    writes_.pop_front();
    return write;
  }

  bool empty() const { return writes_.empty(); }
  Instant next_due() const { return writes_.empty() ? never : writes_.front().due; }

  void fingerprint(Hasher& hasher) const {
    hasher.add(writes_.size());
    for (const PostedWrite& write : writes_) {
      hasher.add(write.due.ns);
      hasher.add(write.offset);
      hasher.add(write.bytes);
      hasher.add(write.value);
    }
  }

 private:
  std::pmr::deque<PostedWrite> writes_;
};

}  // namespace phasebit::sim
