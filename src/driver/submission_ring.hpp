// A submission ring: entries are written in place, published by one doorbell, and free again once SQHD has moved past them. One that lies
// in the controller's memory is only ever written to: an entry is made beside it and copied over whole.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "src/backend/backend.hpp"
#include "src/base/assert.hpp"
#include "src/base/ring_index.hpp"
#include "src/spec/command.hpp"

namespace phasebit::driver {

/// Host side of a submission queue (Base 2.0 §3.3.1.2). A ring of n entries never holds more than n - 1, or full would look like empty.
template <Backend B>
class SubmissionRing {
 public:
  /// `memory` holds `entries` (2 to 65536) entries; `doorbell_offset` is where in the BAR the tail is written. `controller_memory` holds as
  /// many, or nothing.
  SubmissionRing(B& backend, const DmaRegion& memory, std::uint32_t entries, std::uint32_t doorbell_offset,
                 const DmaRegion& controller_memory = {})
      : backend_(&backend),
        entry_(reinterpret_cast<spec::Sqe*>(memory.data)),
        far_(controller_memory.data),
        entries_(entries),
        free_(entries - 1),
        doorbell_offset_(doorbell_offset) {
    const std::uint64_t bytes = std::uint64_t{entries} * spec::sqe_bytes;
    PHASEBIT_ASSERT(entries >= 2 && entries <= 0x1'0000 && memory.bytes >= bytes && (far_ == nullptr || controller_memory.bytes >= bytes));
  }

  /// Which of its two memories holds the ring from now on; only while it is empty, and at first it is the host's.
  void use_controller_memory(bool used) { is_far_ = used && far_ != nullptr; }

  /// How many entries can be written now.
  std::uint32_t free() const { return free_; }
  std::uint32_t entries() const { return entries_; }
  std::uint32_t head() const { return head_; }
  std::uint32_t tail() const { return tail_; }

  /// The entry that comes next; the controller does not look at it before ring(). There has to be a free one.
  spec::Sqe& next() {
    PHASEBIT_ASSERT(free_ > 0);
    return is_far_ ? made_ : entry_[tail_];
  }

  /// The entry returned by next() is complete.
  void advance() {
    if (is_far_) {
      copy_over();
    }
    tail_ = next_slot(tail_, entries_);
    --free_;
  }

  /// Publishes what was written since the last call; true if that took a doorbell. A value is never written twice (Base 2.0 Figure 144).
  bool ring() {
    if (tail_ == rung_) {
      return false;
    }
    rung_ = tail_;
    backend_->write32(doorbell_offset_, tail_);
    return true;
  }

  /// Takes the head that a completion reports. False, and nothing changes, if it lies outside what was published.
  bool take_head(std::uint32_t head) {
    const std::uint32_t fetched = slot_distance(head_, head, entries_);
    if (head >= entries_ || fetched > slot_distance(head_, rung_, entries_)) {
      return false;
    }
    head_ = head;
    free_ += fetched;
    return true;
  }

  /// Back to how it was made; only while the controller does not know the queue.
  void rewind() {
    head_ = tail_ = rung_ = 0;
    free_ = entries_ - 1;
  }

 private:
  /// Eight bytes at a time: memory that a hypervisor emulates may take no wider store.
  void copy_over() {
    std::array<std::uint64_t, spec::sqe_bytes / sizeof(std::uint64_t)> words;
    static_assert(sizeof words == sizeof(spec::Sqe));
    std::memcpy(words.data(), &made_, sizeof words);
    auto* slot = reinterpret_cast<volatile std::uint64_t*>(far_ + std::uint64_t{tail_} * spec::sqe_bytes);
    for (std::size_t i = 0; i < words.size(); ++i) {
      slot[i] = words[i];
    }
  }

  B* backend_;
  spec::Sqe* entry_;
  std::byte* far_;  ///< the other memory, of the controller; nullptr if there is none
  std::uint32_t entries_;
  std::uint32_t free_;      ///< entries_ - 1 - distance from head_ to tail_
  std::uint32_t head_ = 0;  ///< where the controller fetches next, as far as it has said
  std::uint32_t tail_ = 0;
  std::uint32_t rung_ = 0;  ///< what the doorbell register holds
  std::uint32_t doorbell_offset_;
  bool is_far_ = false;
  spec::Sqe made_{};  ///< the next entry of a ring that lies far off
};

}  // namespace phasebit::driver
