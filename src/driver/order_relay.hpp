// Carries the primary's orders to a queue of another process, and what the queue has to say back.
#pragma once

#include <cstdint>
#include <optional>

#include "src/driver/queue_control.hpp"

namespace phasebit::driver {

/// Between the control that lies in shared memory and the queue's own. So the queue pair is the same in every process, and the process can
/// end its commands by itself when the primary is no more: it then cuts the relay and gives the last order.
class OrderRelay {
 public:
  OrderRelay(QueueControl& from, QueueControl& to) : from_(from), to_(to) {}

  /// Whether the order of this number, the newest that the primary was heard to give, was not yet carried.
  bool has_order(std::uint32_t number) const { return number != seen_; }

  /// Passes that order on. False for one that can be no primary's: it is not passed on.
  bool carry_order(std::uint32_t number) {
    if (number == seen_) {
      return true;
    }
    const QueueOrder order = QueueOrder::unpack(number);
    if (!give(order)) {
      return false;
    }
    seen_ = number;
    order_ = order;
    return true;
  }

  /// Tells the primary what its order has come to, and what the queue wants.
  void carry_back() {
    if (to_.obeyed() && from_.order_number() == seen_ && !from_.obeyed()) {
      from_.obey(seen_);
    }
    while (has_room_for_next()) {
      next_ = to_.next_message();
      if (!next_) {
        break;
      }
    }
    if (const ResetReason reason = to_.take_reset_wish(); reason != ResetReason::none) {
      from_.wish_reset(reason);
    }
  }

  /// What was carried last.
  const QueueOrder& order() const { return order_; }

 private:
  /// What was stopped for good stays so, and a stop is obeyed before anything else.
  bool may_follow(const QueueOrder& order) const {
    const bool is_stopped = QueueOrder::unpack(to_.order_number()).mode == QueueMode::stopped;
    return order.mode == QueueMode::stopped || !is_stopped || (to_.obeyed() && !order_.last);
  }

  bool give(const QueueOrder& order) {
    if (!may_follow(order)) {
      return false;
    }
    switch (order.mode) {
      case QueueMode::live:
        to_.go_live();
        return true;
      case QueueMode::draining:
        to_.drain();
        return true;
      case QueueMode::silent:
        to_.silence();
        return true;
      case QueueMode::stopped:
        to_.stop(order.outcome, order.last);
        return true;
    }
    return false;
  }

  /// A message that found no room waits here.
  bool has_room_for_next() {
    if (next_ && from_.tell(*next_)) {
      next_.reset();
    }
    return !next_;
  }

  QueueControl& from_;
  QueueControl& to_;
  QueueOrder order_{};
  std::uint32_t seen_ = QueueOrder{}.packed();
  std::optional<QueueMessage> next_;
};

}  // namespace phasebit::driver
