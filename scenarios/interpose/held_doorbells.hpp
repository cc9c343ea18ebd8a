// Doorbells that were rung and have not reached the device yet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/base/time.hpp"

namespace phasebit::scenarios {

struct HeldDoorbell {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 4;
  std::uint64_t value = 0;
  Instant due;
};

/// Each doorbell keeps its own order: what is rung behind one that is held waits with it. Doorbells of other queues go past; any other
/// write pushes them all through before it, as a bus would.
class HeldDoorbells {
 public:
  explicit HeldDoorbells(std::pmr::memory_resource* memory) : held_(memory) { held_.reserve(64); }

  bool empty() const { return held_.empty(); }
  bool holds(std::uint32_t offset) const {
    return std::any_of(held_.begin(), held_.end(), [offset](const HeldDoorbell& doorbell) { return doorbell.offset == offset; });
  }
  void hold(HeldDoorbell doorbell) {
    for (const HeldDoorbell& before : held_) {
      doorbell.due = before.offset == doorbell.offset ? std::max(doorbell.due, before.due) : doorbell.due;
    }
    held_.push_back(doorbell);
  }
  /// The oldest that is due by `now`; with `never` the oldest of all.
  std::optional<HeldDoorbell> take(Instant now) {
    const auto first = std::find_if(held_.begin(), held_.end(), [now](const HeldDoorbell& doorbell) { return doorbell.due <= now; });
    if (first == held_.end()) {
      return std::nullopt;
    }
    const HeldDoorbell doorbell = *first;
    held_.erase(first);
    return doorbell;
  }
  Instant next_due() const {
    Instant due = never;
    for (const HeldDoorbell& doorbell : held_) {
      due = std::min(due, doorbell.due);
    }
    return due;
  }

 private:
  std::pmr::vector<HeldDoorbell> held_;  ///< in the order in which they were rung
};

}  // namespace phasebit::scenarios
