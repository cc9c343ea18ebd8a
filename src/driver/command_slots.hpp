// Which commands are outstanding: slots, and the command identifiers that name them.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "src/base/assert.hpp"
#include "src/base/strong.hpp"

namespace phasebit::driver {

/// A pool of command slots. A CID is the slot in bits 11:0 and a generation in bits 15:12, so that a completion that comes late or twice
/// names a command that is no more. FFFFh is never given out (Base 2.0 §3.3.3.1). A slot is free, live (its CID is out at the device) or
/// held (taken, but no CID is out).
class CommandSlots {
 public:
  static constexpr std::uint32_t slots_max = 4096;
  static constexpr std::uint32_t none = ~0u;

  /// What is known of a slot. `tag`, `submission` and `attempts` are the owner's to set.
  struct Slot {
    std::uint64_t tag = 0;
    std::uint32_t live_cid = none;  ///< the CID that is out; none if none is
    std::uint8_t generation = 0;
    std::uint8_t submission = 0;  ///< index of the submission ring that carried it
    std::uint8_t attempts = 0;
    bool taken = false;
  };

  /// Without generations a CID is the slot, and a slot released as doubtful is not used again before lift_quarantine().
  CommandSlots(std::uint32_t slots, bool generations, std::pmr::memory_resource* memory)
      : slots_(slots, memory), free_(slots, memory), free_count_(slots), generations_(generations) {
    PHASEBIT_ASSERT(slots >= 1 && slots <= slots_max);
    for (std::uint32_t i = 0; i < slots; ++i) {
      free_[i] = static_cast<std::uint16_t>(slots - 1 - i);
    }
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(slots_.size()); }
  std::uint32_t available() const { return free_count_; }
  std::uint32_t quarantined() const { return quarantined_; }
  bool has_generations() const { return generations_; }
  Slot& operator[](std::uint32_t slot) { return slots_[slot]; }
  const Slot& operator[](std::uint32_t slot) const { return slots_[slot]; }

  /// A free slot, now held. There has to be one.
  std::uint32_t take() {
    PHASEBIT_ASSERT(free_count_ > 0);
    const std::uint32_t slot = free_[--free_count_];
    slots_[slot].taken = true;
    slots_[slot].attempts = 0;
    return slot;
  }

  /// Makes a held slot live under a CID that it had not the last time.
  Cid enliven(std::uint32_t slot) {
    Slot& s = slots_[slot];
    PHASEBIT_ASSERT(s.taken && s.live_cid == none);
    s.live_cid = slot;
    if (generations_) {
      s.generation = (s.generation + 1) & 0xf;
      s.live_cid |= std::uint32_t{s.generation} << 12;
      if (s.live_cid == 0xffff) {
        s.generation = 0;
        s.live_cid = slot;
      }
    }
    ++live_count_;
    return Cid{static_cast<std::uint16_t>(s.live_cid)};
  }

  /// The slot that is live under `cid`, or none. Any 16 bits may be asked for.
  std::uint32_t find(Cid cid) const {
    const std::uint32_t slot = cid.value & 0xfffu;
    return slot < slots_.size() && slots_[slot].live_cid == cid.value ? slot : none;
  }

  /// A live slot becomes held: its CID was answered.
  void hold(std::uint32_t slot) {
    PHASEBIT_ASSERT(slots_[slot].live_cid != none);
    slots_[slot].live_cid = none;
    --live_count_;
  }

  /// A held slot becomes free. `doubtful`: the device might still answer what it carried, e.g. because it was aborted.
  void release(std::uint32_t slot, bool doubtful) {
    PHASEBIT_ASSERT(slots_[slot].taken && slots_[slot].live_cid == none);
    slots_[slot].taken = false;
    if (doubtful && !generations_) {
      ++quarantined_;
      return;
    }
    free_[free_count_++] = static_cast<std::uint16_t>(slot);
  }

  /// CIDs that are out at the device.
  std::uint32_t live_count() const { return live_count_; }

  /// The controller was reset: doubtful slots are as good as any. O(slots).
  void lift_quarantine() {
    if (quarantined_ == 0) {
      return;
    }
    quarantined_ = 0;
    free_count_ = 0;
    for (std::uint32_t i = size(); i-- > 0;) {
      if (!slots_[i].taken) {
        free_[free_count_++] = static_cast<std::uint16_t>(i);
      }
    }
  }

 private:
  std::pmr::vector<Slot> slots_;
  std::pmr::vector<std::uint16_t> free_;  ///< a stack: the slot used last is the warmest
  std::uint32_t free_count_;
  std::uint32_t live_count_ = 0;
  std::uint32_t quarantined_ = 0;
  bool generations_;
};

}  // namespace phasebit::driver
