// Register writes that were made and have not reached the device yet, because one of them is late.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/base/time.hpp"

namespace phasebit::scenarios {

struct HeldWrite {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 4;
  std::uint64_t value = 0;
  Instant due;
};

/// Posted writes do not pass one another, and a load pushes them all before it (PCI Express Base §2.4): what is written behind a late
/// doorbell waits with it, and both land when the host next reads.
class HeldWrites {
 public:
  explicit HeldWrites(std::pmr::memory_resource* memory) : held_(memory) { held_.reserve(64); }

  bool empty() const { return held_.empty(); }
  void hold(HeldWrite write) {
    write.due = held_.empty() ? write.due : std::max(write.due, held_.back().due);
    held_.push_back(write);
  }
  /// The oldest, if it is due by `now`.
  std::optional<HeldWrite> take(Instant now) {
    if (next_due() > now || held_.empty()) {
      return std::nullopt;
    }
    const HeldWrite write = held_.front();
    held_.erase(held_.begin());
    return write;
  }
  Instant next_due() const { return held_.empty() ? never : held_.front().due; }

 private:
  std::pmr::vector<HeldWrite> held_;
};

}  // namespace phasebit::scenarios
