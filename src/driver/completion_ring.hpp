// A completion ring: the phase tag tells a new entry from an old one, and the head doorbell gives slots back to the controller.
#pragma once

#include <cstdint>
#include <cstring>

#include "src/backend/backend.hpp"
#include "src/base/assert.hpp"
#include "src/base/ring_index.hpp"
#include "src/spec/completion.hpp"

namespace phasebit::driver {

/// Host side of a completion queue (Base 2.0 §3.3.1.2, §3.3.3.2). The host never writes into it while it is live.
template <Backend B>
class CompletionRing {
 public:
  /// `memory` holds `entries` (2 to 65536) entries; `doorbell_offset` is where in the BAR the head is written. Clears the memory.
  CompletionRing(B& backend, const DmaRegion& memory, std::uint32_t entries, std::uint32_t doorbell_offset)
      : backend_(&backend), dwords_(reinterpret_cast<Le32*>(memory.data)), entries_(entries), doorbell_offset_(doorbell_offset) {
    PHASEBIT_ASSERT(entries >= 2 && entries <= 0x1'0000 && memory.bytes >= std::uint64_t{entries} * spec::cqe_bytes);
    rewind();
  }

  std::uint32_t entries() const { return entries_; }
  const PhasedIndex& head() const { return head_; }

  /// Copies the next new entry to `dwords` and moves on; false if there is none. Dword 3 carries the phase tag and is loaded first, with
  /// acquire, because the other dwords are only then sure to be there. Entries whose slots the controller has not got back never fill
  /// the ring: a controller that overruns it is not followed.
  bool take(spec::CqeDwords& dwords) {
    const Le32* entry = dwords_ + std::uint64_t{head_.slot} * spec::cqe_dwords;
    dwords[3] = backend_->load_acquire32(entry[3]);
    if (spec::phase_of(spec::CqeDword3{dwords[3]}) != head_.phase || unrung_ == entries_ - 1) {
      return false;
    }
    dwords[0] = backend_->load32(entry[0]);
    dwords[1] = backend_->load32(entry[1]);
    dwords[2] = backend_->load32(entry[2]);
    head_.advance(entries_);
    ++unrung_;
    return true;
  }

  /// Gives the slots taken since the last call back to the controller; true if there were any and so a doorbell was written.
  bool ring() {
    if (unrung_ == 0) {
      return false;
    }
    unrung_ = 0;
    backend_->write32(doorbell_offset_, head_.slot);
    return true;
  }

  /// Back to how it was made, memory cleared, so that no phase tag of an earlier life looks new; only while the controller does not know
  /// the queue.
  void rewind() {
    std::memset(static_cast<void*>(dwords_), 0, std::size_t{entries_} * spec::cqe_bytes);
    head_ = {};
    unrung_ = 0;
  }

 private:
  B* backend_;
  Le32* dwords_;
  std::uint32_t entries_;
  PhasedIndex head_;
  std::uint32_t unrung_ = 0;  ///< taken but not yet given back: below entries_, so that the head written is never the old one
  std::uint32_t doorbell_offset_;
};

}  // namespace phasebit::driver
