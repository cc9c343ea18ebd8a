// Which commands are to be aborted, and how many Abort commands are out: never more than ACL + 1 (Base 2.0 §5.1).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "src/base/assert.hpp"
#include "src/base/strong.hpp"

namespace phasebit::driver {

/// A command that is to be aborted.
struct AbortTarget {
  Qid sqid{};
  Cid cid{};
  friend constexpr bool operator==(AbortTarget, AbortTarget) = default;
};

class AbortList {
 public:
  static constexpr std::uint32_t waiting_max = 64;
  static constexpr std::uint32_t outstanding_max = 16;

  /// The controller's limit, ACL + 1.
  void set_limit(std::uint32_t aborts) { limit_ = std::clamp(aborts, 1u, outstanding_max); }

  /// False if no more can be remembered; whoever asked will ask for a reset in time.
  bool want(AbortTarget target) {
    if (std::find(waiting_.begin(), waiting_.begin() + waiting_count_, target) != waiting_.begin() + waiting_count_) {
      return true;
    }
    if (waiting_count_ == waiting_max) {
      return false;
    }
    waiting_[waiting_count_++] = target;
    return true;
  }

  /// It came back by itself: its CID may soon be another's.
  void forget(AbortTarget target) {
    const auto end = waiting_.begin() + waiting_count_;
    waiting_count_ = static_cast<std::uint32_t>(std::remove(waiting_.begin(), end, target) - waiting_.begin());
  }

  /// The next target whose Abort may be sent now.
  std::optional<AbortTarget> next() const {
    return waiting_count_ > 0 && outstanding_ < limit_ ? std::optional(waiting_[0]) : std::nullopt;
  }
  void sent() {
    PHASEBIT_ASSERT(waiting_count_ > 0 && outstanding_ < limit_);
    std::copy(waiting_.begin() + 1, waiting_.begin() + waiting_count_, waiting_.begin());
    --waiting_count_;
    ++outstanding_;
  }
  /// An Abort was answered, however.
  void answered() {
    PHASEBIT_ASSERT(outstanding_ > 0);
    --outstanding_;
  }
  /// The controller was reset: its Aborts are no more, and what they were for has ended.
  void clear() { waiting_count_ = outstanding_ = 0; }

  std::uint32_t outstanding() const { return outstanding_; }
  std::uint32_t waiting() const { return waiting_count_; }
  bool is_empty() const { return outstanding_ == 0 && waiting_count_ == 0; }

 private:
  std::array<AbortTarget, waiting_max> waiting_{};
  std::uint32_t waiting_count_ = 0;
  std::uint32_t outstanding_ = 0;
  std::uint32_t limit_ = 1;
};

}  // namespace phasebit::driver
