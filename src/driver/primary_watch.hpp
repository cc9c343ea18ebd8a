// Whether the primary that has granted a queue still lives.
#pragma once

#include <algorithm>

#include "src/driver/grant_block.hpp"

namespace phasebit::driver {

class PrimaryWatch {
 public:
  PrimaryWatch(const GrantBlock& block, std::uint64_t epoch, Duration timeout) : block_(&block), epoch_(epoch), timeout_(timeout) {}

  /// The grant is no more, or the primary has given no sign of life for too long: it is stopped, or stuck. That it has ended is heard of
  /// sooner by the link.
  bool is_lost(Instant now) const {
    return block_->epoch.load(std::memory_order_acquire) != epoch_ ||
           now - Instant{block_->heartbeat.load(std::memory_order_relaxed)} >= timeout_;
  }

 private:
  const GrantBlock* block_;
  std::uint64_t epoch_;
  Duration timeout_;
};

}  // namespace phasebit::driver
