// Orders that cross from one process to another, and what the queue there says back.
#include "src/driver/order_relay.hpp"

#include <gtest/gtest.h>

#include "tests/support/live_pair.hpp"

namespace phasebit::driver {
namespace {

using testing::LivePair;

/// The primary's end of a queue in another process. The pair's own control went live when it was made.
struct RelayBench {
  LivePair pair;
  QueueControl primary;
  OrderRelay relay{primary, pair.pair.control()};

  bool has_order() const { return relay.has_order(primary.take_order_number()); }
  bool carry_order() { return relay.carry_order(primary.take_order_number()); }
  void carry() {
    EXPECT_TRUE(carry_order());
    pair.reap();
    relay.carry_back();
  }
};

TEST(OrderRelay, carries_each_order_and_tells_when_it_is_obeyed) {
  RelayBench bench;
  bench.primary.go_live();
  EXPECT_TRUE(bench.has_order());
  EXPECT_FALSE(bench.primary.obeyed());
  bench.carry();
  EXPECT_TRUE(bench.primary.obeyed());
  EXPECT_FALSE(bench.has_order());
  bench.primary.drain();
  bench.carry();
  EXPECT_EQ(bench.pair.pair.order().mode, QueueMode::draining);
  bench.primary.silence();
  bench.carry();
  EXPECT_EQ(bench.pair.pair.order().mode, QueueMode::silent);
  EXPECT_TRUE(bench.primary.obeyed());
}

TEST(OrderRelay, says_that_a_stop_is_obeyed_only_when_every_command_was_given_back) {
  RelayBench bench;
  bench.primary.go_live();
  bench.carry();
  bench.pair.submit(1);
  bench.pair.submit(2);
  bench.primary.stop(Outcome::reset, false);
  ASSERT_TRUE(bench.carry_order());
  EXPECT_EQ(bench.pair.reap_tags(1).size(), 1u);
  bench.relay.carry_back();
  EXPECT_FALSE(bench.primary.obeyed());
  EXPECT_EQ(bench.pair.reap_tags().size(), 1u);
  bench.relay.carry_back();
  EXPECT_TRUE(bench.primary.obeyed());
  bench.primary.go_live();
  bench.carry();
  EXPECT_TRUE(bench.pair.pair.is_live());
}

TEST(OrderRelay, passes_nothing_on_that_no_primary_orders) {
  RelayBench bench;
  bench.primary.stop(Outcome::reset, false);
  ASSERT_TRUE(bench.carry_order());
  bench.primary.drain();  // takes a stop back that was not obeyed
  EXPECT_FALSE(bench.carry_order());
  EXPECT_EQ(bench.relay.order().mode, QueueMode::stopped);

  RelayBench other;
  other.primary.stop(Outcome::aborted, true);
  other.carry();
  EXPECT_TRUE(other.primary.obeyed());
  other.primary.go_live();  // what was stopped for good
  EXPECT_FALSE(other.carry_order());
}

TEST(OrderRelay, loses_no_message_that_finds_no_room) {
  RelayBench bench;
  QueueControl& queue = bench.pair.pair.control();
  const auto message = [](std::uint16_t i) { return QueueMessage{QueueMessage::Kind::abort_wanted, Qid{1}, Cid{i}}; };
  std::uint16_t told = 0;
  for (; told < QueueControl::messages_max; ++told) {
    ASSERT_TRUE(queue.tell(message(told)));
  }
  bench.relay.carry_back();
  for (; told < 2 * QueueControl::messages_max; ++told) {
    ASSERT_TRUE(queue.tell(message(told)));
  }
  bench.relay.carry_back();
  std::uint16_t heard = 0;
  for (int round = 0; round < 3; ++round) {
    while (const auto next = bench.primary.next_message()) {
      EXPECT_EQ(next->cid.value, heard++);
    }
    bench.relay.carry_back();
  }
  EXPECT_EQ(heard, told);
}

TEST(OrderRelay, passes_on_a_wish_for_a_reset_once) {
  RelayBench bench;
  bench.pair.pair.control().wish_reset(ResetReason::stalled);
  bench.relay.carry_back();
  EXPECT_EQ(bench.primary.take_reset_wish(), ResetReason::stalled);
  bench.relay.carry_back();
  EXPECT_EQ(bench.primary.take_reset_wish(), ResetReason::none);
}

}  // namespace
}  // namespace phasebit::driver
