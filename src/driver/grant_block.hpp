// Where a grant lies: memory that both processes see, each field with one writer.
#pragma once

#include <atomic>
#include <cstdint>

#include "src/base/time.hpp"
#include "src/driver/grant.hpp"
#include "src/driver/queue_control.hpp"
#include "src/driver/shared_facts.hpp"

namespace phasebit::driver {

/// Made by the primary, and kept while the other process may look at it. Times are of one clock that both processes read.
struct GrantBlock {
  // The primary writes.
  Grant grant{};                            ///< before anybody else knows the block
  std::atomic<std::uint64_t> epoch{0};      ///< of the primary's driver; 0: the grant is no more
  std::atomic<std::uint64_t> heartbeat{0};  ///< ns: when it last had a turn
  SharedFacts facts;

  // Each has its own fields within.
  QueueControl control;  ///< the primary's orders, the other's messages

  // The other process writes.
  std::atomic<std::uint32_t> outstanding{0};  ///< commands out at the device
  std::atomic<bool> is_leaving{false};        ///< nothing is outstanding, nothing will be: the queue may go
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free && std::atomic<ResetReason>::is_always_lock_free);

}  // namespace phasebit::driver
