// A queue pair under orders: drain, fall silent, stop, live again.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "tests/support/live_pair.hpp"

namespace phasebit::driver {
namespace {

using testing::LivePair;

using Tags = std::vector<std::uint64_t>;

TEST(QueueOrder, a_stop_harvests_what_was_answered_and_ends_the_rest_once) {
  LivePair t;
  std::vector<Cid> cids;
  for (std::uint64_t tag = 0; tag < 5; ++tag) {
    cids.push_back(t.submit(tag));
  }
  t.device.fetch();
  t.device.fetch();
  t.device.complete(cids[1]);
  t.pair.control().silence();
  t.pair.control().stop(Outcome::reset, false);
  const std::size_t writes = t.backend.writes.size();
  EXPECT_FALSE(t.pair.control().obeyed());
  std::map<std::uint64_t, Outcome> ends;
  for (int i = 0; i < 10; ++i) {
    for (const Completion& completion : t.reap(2)) {
      EXPECT_TRUE(ends.emplace(completion.tag, completion.outcome).second) << "twice: " << completion.tag;
    }
  }
  EXPECT_EQ(ends, (std::map<std::uint64_t, Outcome>{
                      {0, Outcome::reset}, {1, Outcome::ok}, {2, Outcome::reset}, {3, Outcome::reset}, {4, Outcome::reset}}));
  EXPECT_TRUE(t.pair.control().obeyed());
  EXPECT_EQ(t.backend.writes.size(), writes) << "no doorbell after the silence";
  EXPECT_EQ(t.pair.statistics().commands_stopped, 4u);
  EXPECT_EQ(t.events_of(EventKind::command_finished), 5u);
}

TEST(QueueOrder, after_a_reset_both_rings_begin_anew_and_old_answers_are_bogus) {
  LivePair t({3, {3}, 4096, true});
  for (std::uint64_t tag = 0; tag < 4; ++tag) {  // bring both rings off their first slot and phase
    t.answered(tag, {});
  }
  const Cid old = t.submit(7);
  t.pair.control().stop(Outcome::reset, false);
  EXPECT_EQ(t.reap_tags(), Tags{7});
  t.device.reset();
  t.pair.control().go_live();
  EXPECT_EQ(t.reap().size(), 0u) << "the completion memory was cleared";
  const Cid fresh = t.submit(8);
  EXPECT_NE(fresh, old);
  EXPECT_TRUE(t.device.fetch().has_value());
  t.device.complete(old);
  EXPECT_EQ(t.reap().size(), 0u);
  t.device.complete(fresh);
  EXPECT_EQ(t.reap_tags(), Tags{8});
  EXPECT_TRUE(t.doorbells_valid);
}

TEST(QueueOrder, a_draining_queue_acknowledges_but_submits_nothing) {
  LivePair t;
  const Cid cid = t.submit(1);
  t.pair.control().drain();
  EXPECT_EQ(t.pair.push(spec::flush(Nsid{1}), 2).error(), Errc::not_ready);
  EXPECT_TRUE(t.pair.control().obeyed());
  t.device.fetch();
  t.device.complete(cid);
  EXPECT_EQ(t.reap_tags(), Tags{1});
  EXPECT_EQ(t.head_doorbell_writes(), 1u);
}

TEST(QueueOrder, after_a_false_alarm_the_doorbells_held_back_are_rung) {
  LivePair t;
  const Cid cid = t.submit(1);
  ASSERT_TRUE(t.pair.push(spec::flush(Nsid{1}), 2).has_value());
  t.device.fetch();
  t.pair.control().silence();
  t.pair.ring();
  t.device.complete(cid);
  EXPECT_EQ(t.reap_tags(), Tags{1});
  EXPECT_EQ(t.backend.writes.size(), 1u);
  t.pair.control().go_live();
  t.reap();
  EXPECT_EQ(t.tail_doorbell_writes(), 2u);
  EXPECT_EQ(t.head_doorbell_writes(), 1u);
  EXPECT_TRUE(t.doorbells_valid);
}

TEST(QueueOrder, removal_ends_everything_as_gone_for_good) {
  LivePair t;
  t.submit(1);
  t.pair.control().stop(Outcome::gone, true);
  const std::vector<Completion> ends = t.reap();
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].outcome, Outcome::gone);
  EXPECT_EQ(t.pair.push(spec::flush(Nsid{1}), 2).error(), Errc::not_ready);
}

}  // namespace
}  // namespace phasebit::driver
