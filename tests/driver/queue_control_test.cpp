#include "src/driver/queue_control.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/support/live_pair.hpp"

namespace phasebit::driver {
namespace {

TEST(QueueControl, an_order_survives_being_packed) {
  for (const QueueMode mode : {QueueMode::live, QueueMode::draining, QueueMode::silent, QueueMode::stopped}) {
    for (const Outcome outcome : {Outcome::aborted, Outcome::reset, Outcome::gone}) {
      for (const bool last : {false, true}) {
        const QueueOrder order = QueueOrder::unpack(QueueOrder{mode, outcome, last}.packed() + 7 * QueueOrder::sequence_step);
        EXPECT_EQ(order.mode, mode);
        EXPECT_EQ(order.outcome, outcome);
        EXPECT_EQ(order.last, last);
      }
    }
  }
}

TEST(QueueControl, the_same_order_twice_is_two_orders) {
  QueueControl control;
  control.drain();
  const std::uint32_t first = control.order_number();
  control.obey(first);
  EXPECT_TRUE(control.obeyed());
  control.drain();
  EXPECT_NE(control.order_number(), first);
  EXPECT_FALSE(control.obeyed());
}

TEST(QueueControl, a_wish_is_taken_once) {
  QueueControl control;
  control.wish_reset(ResetReason::deadline);
  EXPECT_EQ(control.take_reset_wish(), ResetReason::deadline);
  EXPECT_EQ(control.take_reset_wish(), ResetReason::none);
}

TEST(QueueControl, messages_cross_threads_in_order_and_whole) {
  constexpr std::uint32_t messages = 100'000;
  QueueControl control;
  std::thread owner([&control] {
    for (std::uint32_t i = 0; i < messages; ++i) {
      const QueueMessage message{QueueMessage::Kind::abort_wanted, Qid{static_cast<std::uint16_t>(i >> 8)},
                                 Cid{static_cast<std::uint16_t>(i)}};
      while (!control.tell(message)) {
        std::this_thread::yield();
      }
    }
  });
  std::uint32_t wrong = 0;
  for (std::uint32_t i = 0; i < messages;) {
    if (const std::optional<QueueMessage> message = control.next_message()) {
      wrong += message->cid.value != (i & 0xffff) || message->qid.value != ((i >> 8) & 0xffff);
      ++i;
    } else {
      std::this_thread::yield();
    }
  }
  owner.join();
  EXPECT_EQ(wrong, 0u);
}

TEST(QueueControl, an_owner_of_another_thread_ends_its_commands_when_it_is_stopped_and_goes_on_when_it_is_live) {
  testing::LivePair t;
  constexpr int resets = 500;
  std::uint64_t pushed = 0;
  std::uint64_t ended = 0;
  std::atomic<bool> done = false;
  std::thread owner([&] {  // nobody answers: only stops end commands
    std::array<Completion, 3> completions;
    while (!done.load(std::memory_order_acquire)) {
      pushed += t.pair.push(spec::flush(Nsid{1}), pushed).has_value();
      ended += t.pair.reap(completions);
    }
    while (t.pair.slots().live_count() > 0) {
      ended += t.pair.reap(completions);
    }
  });
  for (int i = 0; i < resets; ++i) {
    t.pair.control().silence();
    t.pair.control().stop(Outcome::reset, false);
    while (!t.pair.control().obeyed()) {
      std::this_thread::yield();
    }
    t.pair.control().go_live();
  }
  t.pair.control().stop(Outcome::gone, true);
  while (!t.pair.control().obeyed()) {
    std::this_thread::yield();
  }
  done.store(true, std::memory_order_release);
  owner.join();
  EXPECT_EQ(pushed, ended);
}

}  // namespace
}  // namespace phasebit::driver
