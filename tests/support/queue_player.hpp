// The device's end of one queue pair, played by a test: it fetches what the doorbell published and posts what the test says.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "src/backend/dma.hpp"
#include "src/spec/command.hpp"
#include "src/spec/completion.hpp"

namespace phasebit::testing {

/// Ring arithmetic of its own, by counting entries ever: slot = count % size, phase = lap parity.
class QueuePlayer {
 public:
  struct Submission {
    Qid qid{};
    DmaRegion memory{};
    std::uint32_t entries = 0;
    std::uint64_t published = 0;  ///< entries ever rung
    std::uint64_t fetched = 0;
  };

  QueuePlayer(DmaRegion completion_memory, std::uint32_t completion_entries)
      : completion_memory_(completion_memory), completion_entries_(completion_entries) {}

  void add_submission(Qid qid, DmaRegion memory, std::uint32_t entries) { submissions_.push_back({qid, memory, entries, 0, 0}); }
  Submission& submission(std::size_t index = 0) { return submissions_[index]; }

  /// The tail doorbell of a submission queue; false if the value is out of range or has not changed.
  bool tail_doorbell(std::size_t index, std::uint64_t value) {
    Submission& s = submissions_[index];
    const std::uint64_t before = s.published % s.entries;
    if (value >= s.entries || value == before) {
      return false;
    }
    s.published += (value + s.entries - before) % s.entries;
    return s.published - s.fetched < s.entries;
  }
  /// The head doorbell; false if the value is out of range, has not changed, or acknowledges what was never posted.
  bool head_doorbell(std::uint64_t value) {
    const std::uint64_t before = acknowledged_ % completion_entries_;
    if (value >= completion_entries_ || value == before) {
      return false;
    }
    acknowledged_ += (value + completion_entries_ - before) % completion_entries_;
    return acknowledged_ <= posted_;
  }

  std::optional<spec::Sqe> fetch(std::size_t index = 0) {
    Submission& s = submissions_[index];
    if (s.fetched == s.published) {
      return std::nullopt;
    }
    spec::Sqe sqe;
    std::memcpy(&sqe, s.memory.data + s.fetched % s.entries * spec::sqe_bytes, sizeof sqe);
    ++s.fetched;
    return sqe;
  }

  bool has_room() const { return posted_ - acknowledged_ < completion_entries_ - 1; }

  /// What a completion says unless the test wants a lie.
  spec::Cqe entry(Cid cid, spec::Status status = {}, std::uint32_t dword0 = 0, std::size_t index = 0) const {
    const Submission& s = submissions_[index];
    spec::Cqe cqe;
    cqe.dw0 = dword0;
    cqe.sqhd = static_cast<std::uint16_t>(s.fetched % s.entries);
    cqe.sqid = s.qid.value;
    cqe.cid = cid.value;
    cqe.set_status(status, phase());
    return cqe;
  }
  bool phase() const { return posted_ / completion_entries_ % 2 == 0; }

  /// Puts an entry into the next slot, with its phase set right.
  void post(spec::Cqe cqe) {
    cqe.set_status(cqe.status(), phase());
    std::memcpy(slot(posted_), &cqe, sizeof cqe);
    ++posted_;
  }
  void complete(Cid cid, spec::Status status = {}, std::uint32_t dword0 = 0, std::size_t index = 0) {
    post(entry(cid, status, dword0, index));
  }

  std::byte* slot(std::uint64_t count) { return completion_memory_.data + count % completion_entries_ * spec::cqe_bytes; }
  std::uint64_t posted() const { return posted_; }
  std::uint64_t acknowledged() const { return acknowledged_; }

  /// The controller was reset: all counts begin again.
  void reset() {
    posted_ = acknowledged_ = 0;
    for (Submission& s : submissions_) {
      s.published = s.fetched = 0;
    }
  }

 private:
  DmaRegion completion_memory_;
  std::uint32_t completion_entries_;
  std::vector<Submission> submissions_;
  std::uint64_t posted_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace phasebit::testing
