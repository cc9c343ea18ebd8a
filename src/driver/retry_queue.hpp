// Slots whose commands failed and will be sent again, each at its time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "src/base/time.hpp"
#include "src/driver/parents.hpp"

namespace phasebit::driver {

/// A list in order of failure. It holds slots, so it never needs more room than there are slots.
class RetryQueue {
 public:
  RetryQueue(std::uint32_t slots, std::pmr::memory_resource* memory) : entries_(slots, memory) {}

  bool is_empty() const { return first_ == no_index; }
  std::uint32_t first() const { return first_; }
  /// When the next slot is due that was not due at the last visit(); never if there is none.
  Instant next_due() const { return next_due_; }

  void add(std::uint32_t slot, Instant due) {
    entries_[slot] = {due, no_index};
    *link_to(no_index) = slot;
    next_due_ = std::min(next_due_, due);
  }
  /// Takes out a slot that is in the queue.
  void remove(std::uint32_t slot) { *link_to(slot) = entries_[slot].next; }

  /// Offers each slot that is due to `send(slot)`, oldest first; what it returns true for leaves the queue.
  template <class Send>
  void visit(Instant now, Send&& send) {
    next_due_ = never;
    for (std::uint32_t* link = &first_; *link != no_index;) {
      const std::uint32_t slot = *link;
      const bool due = entries_[slot].due <= now;
      if (due && send(slot)) {
        *link = entries_[slot].next;
        continue;
      }
      next_due_ = due ? next_due_ : std::min(next_due_, entries_[slot].due);
      link = &entries_[slot].next;
    }
  }

 private:
  struct Entry {
    Instant due{};
    std::uint32_t next = no_index;
  };
  /// The link that holds `slot`.
  std::uint32_t* link_to(std::uint32_t slot) {
    std::uint32_t* link = &first_;
    while (*link != slot) {
      link = &entries_[*link].next;
    }
    return link;
  }

  std::pmr::vector<Entry> entries_;  ///< by slot
  std::uint32_t first_ = no_index;
  Instant next_due_ = never;
};

}  // namespace phasebit::driver
