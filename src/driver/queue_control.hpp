// Where the control plane and the owner of a queue meet. They may be two threads: each field has one writer, and nobody waits.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "src/base/assert.hpp"
#include "src/base/strong.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

/// What a queue may do.
enum class QueueMode : std::uint8_t {
  live,      ///< everything
  draining,  ///< no submission; completions are taken and acknowledged
  silent,    ///< completions are taken, no register is written: the controller is fatal, suspected gone, or being reset
  stopped,   ///< the controller can no longer reach memory: what is outstanding ends without an answer
};

/// An order of the control plane. `outcome` and `last` count for `stopped` only, `far_rings` for `live`.
struct QueueOrder {
  QueueMode mode = QueueMode::silent;
  Outcome outcome = Outcome::reset;
  bool last = false;           ///< the queue will never be live again
  std::uint8_t far_rings = 0;  ///< bit by submission queue: it lies in the controller's memory

  static constexpr std::uint32_t sequence_step = 1u << 16;

  constexpr std::uint32_t packed() const {
    return static_cast<std::uint32_t>(mode) | static_cast<std::uint32_t>(outcome) << 4 | static_cast<std::uint32_t>(last) << 8 |
           static_cast<std::uint32_t>(far_rings & 0xf) << 9;
  }
  static constexpr QueueOrder unpack(std::uint32_t word) {
    return {static_cast<QueueMode>(word & 0xf), static_cast<Outcome>((word >> 4) & 0xf), ((word >> 8) & 1) != 0,
            static_cast<std::uint8_t>((word >> 9) & 0xf)};
  }
};

/// Why an owner wants the controller to be reset; the number stands in DriverEvent::dword0.
enum class ResetReason : std::uint8_t { none = 0, deadline = 1, fatal = 2, stalled = 3 };

/// What an owner tells the control plane.
struct QueueMessage {
  enum class Kind : std::uint8_t {
    abort_wanted,
    abort_over,  ///< the command has come back
    bogus_completion
  };
  Kind kind = Kind::abort_wanted;
  Qid qid{};  ///< submission queue; of a bogus completion as the device named it
  Cid cid{};
};

/// Orders go down, messages and wishes come up.
class QueueControl {
 public:
  // The control plane's side.

  /// The queue exists at the controller, with these submission rings in the controller's memory. A stop has to have been obeyed before, and
  /// where a ring lies changes only after one.
  void go_live(std::uint8_t far_rings = 0) {
    PHASEBIT_ASSERT(QueueOrder::unpack(order_number()).mode != QueueMode::stopped || obeyed());
    publish({QueueMode::live, Outcome::reset, false, far_rings});
  }
  void drain() { publish({QueueMode::draining, Outcome::reset, false}); }
  void silence() { publish({QueueMode::silent, Outcome::reset, false}); }
  /// Only when the controller can no longer reach memory: CSTS.RDY was seen 0, the removal is confirmed, bus mastering is off and was read
  /// back, or both queues were deleted.
  void stop(Outcome outcome, bool last) { publish({QueueMode::stopped, outcome, last}); }

  /// True once the owner has done all that the newest order asks for; after a stop: every outstanding command was given back and the rings
  /// are as new.
  bool obeyed() const { return obeyed_.load(std::memory_order_acquire) == order_.load(std::memory_order_relaxed); }

  /// The oldest message not yet fetched.
  std::optional<QueueMessage> next_message() {
    const std::uint32_t first = messages_read_.load(std::memory_order_relaxed);
    if (first == messages_written_.load(std::memory_order_acquire)) {
      return std::nullopt;
    }
    const QueueMessage message = messages_[first % messages_max];
    messages_read_.store(first + 1, std::memory_order_release);
    return message;
  }

  /// Why the owner wants a reset; asking clears the wish.
  ResetReason take_reset_wish() { return reset_wish_.exchange(ResetReason::none, std::memory_order_relaxed); }

  // The owner's side.

  /// The newest order's number: one relaxed load, in every reap.
  std::uint32_t order_number() const { return order_.load(std::memory_order_relaxed); }
  /// The same, and all that the control plane did before it gave the order is visible afterwards.
  std::uint32_t take_order_number() const { return order_.load(std::memory_order_acquire); }
  void obey(std::uint32_t number) { obeyed_.store(number, std::memory_order_release); }

  /// False if the control plane has not yet fetched enough; say it again later.
  bool tell(const QueueMessage& message) {
    const std::uint32_t end = messages_written_.load(std::memory_order_relaxed);
    if (end - messages_read_.load(std::memory_order_acquire) == messages_max) {
      return false;
    }
    messages_[end % messages_max] = message;
    messages_written_.store(end + 1, std::memory_order_release);
    return true;
  }

  void wish_reset(ResetReason reason) { reset_wish_.store(reason, std::memory_order_relaxed); }

  static constexpr std::uint32_t messages_max = 64;

 private:
  void publish(QueueOrder order) {
    sequence_ += QueueOrder::sequence_step;
    order_.store(sequence_ | order.packed(), std::memory_order_release);
  }

  std::atomic<std::uint32_t> order_{QueueOrder{}.packed()};   ///< written by the control plane
  std::atomic<std::uint32_t> obeyed_{QueueOrder{}.packed()};  ///< written by the owner
  std::uint32_t sequence_ = 0;                                ///< of the control plane: makes each order's number new
  std::atomic<ResetReason> reset_wish_{ResetReason::none};
  std::atomic<std::uint32_t> messages_written_{0};
  std::atomic<std::uint32_t> messages_read_{0};
  std::array<QueueMessage, messages_max> messages_{};
};

}  // namespace phasebit::driver
