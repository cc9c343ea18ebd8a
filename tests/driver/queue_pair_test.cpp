#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/support/live_pair.hpp"

namespace phasebit::driver {
namespace {

using testing::LivePair;
using testing::MemoryBackend;
using testing::QueueBench;

using Tags = std::vector<std::uint64_t>;

TEST(QueuePair, nothing_goes_out_before_the_queue_is_live) {
  QueueBench bench;
  QueuePair<MemoryBackend> pair(bench.backend, bench.setup, std::pmr::get_default_resource());
  EXPECT_EQ(pair.push(spec::flush(Nsid{1}), 1).error(), Errc::not_ready);
  pair.ring();
  EXPECT_TRUE(bench.backend.writes.empty());
  pair.control().go_live();
  EXPECT_TRUE(pair.push(spec::flush(Nsid{1}), 1).has_value());
}

TEST(QueuePair, a_command_reaches_the_device_as_it_was_written_and_its_answer_comes_back) {
  LivePair t;
  spec::Sqe sqe = spec::write(Nsid{7}, Lba{0x1'2345'6789}, 3);
  sqe.prp1 = 0xabc000;
  const Cid cid = *t.pair.push(sqe, 99, 2);
  t.pair.ring();
  const spec::Sqe seen = *t.device.fetch();
  sqe.cid = cid.value;
  EXPECT_EQ(std::memcmp(&seen, &sqe, sizeof sqe), 0);
  const spec::Status status = spec::make_status(spec::MediaStatus::write_fault);
  t.device.complete(cid, status, 0xdead);
  const std::vector<Completion> completions = t.reap();
  ASSERT_EQ(completions.size(), 1u);
  EXPECT_EQ(completions[0].tag, 99u);
  EXPECT_EQ(completions[0].cid, cid);
  EXPECT_EQ(completions[0].outcome, Outcome::failed);
  EXPECT_EQ(completions[0].status, status);
  EXPECT_EQ(completions[0].dword0, 0xdeadu);
  EXPECT_EQ(completions[0].attempts, 2);
}

TEST(QueuePair, success_is_success_in_both_phases_and_an_error_of_any_type_is_none) {
  LivePair t({3, {8}, 4096, true});
  for (std::uint64_t lap = 0; lap < 9; ++lap) {
    EXPECT_EQ(t.answered(lap, {}).outcome, Outcome::ok) << lap;
    EXPECT_EQ(t.answered(lap, spec::make_status(spec::PathStatus::internal_path_error)).outcome, Outcome::failed) << "SC 0, SCT 3";
    EXPECT_EQ(t.answered(lap, spec::make_status(spec::GenericStatus::invalid_opcode)).outcome, Outcome::failed) << "SC 1, SCT 0";
  }
}

TEST(QueuePair, a_batch_takes_one_doorbell_and_an_idle_ring_none) {
  LivePair t;
  for (std::uint64_t tag = 0; tag < 5; ++tag) {
    ASSERT_TRUE(t.pair.push(spec::flush(Nsid{1}), tag).has_value());
  }
  EXPECT_EQ(t.tail_doorbell_writes(), 0u);
  t.pair.ring();
  t.pair.ring();
  EXPECT_EQ(t.tail_doorbell_writes(), 1u);
  EXPECT_EQ(t.reap().size(), 0u);
  EXPECT_EQ(t.head_doorbell_writes(), 0u) << "nothing was consumed";
  while (const auto sqe = t.device.fetch()) {
    t.device.complete(spec::cid_of(*sqe));
  }
  EXPECT_EQ(t.reap().size(), 5u);
  EXPECT_EQ(t.head_doorbell_writes(), 1u);
  EXPECT_EQ(t.pair.statistics().doorbells, 2u);
  EXPECT_TRUE(t.doorbells_valid);
  EXPECT_EQ(t.backend.reads, 0u) << "the data plane reads no register";
}

TEST(QueuePair, each_push_is_recorded_before_the_doorbell) {
  LivePair t;
  const Cid cid = t.submit(0x55);
  ASSERT_EQ(t.backend.events.size(), 1u);
  const Event& event = t.backend.events[0];
  EXPECT_EQ(event.kind, EventKind::command_pushed);
  EXPECT_EQ(event.queue, 1u);
  EXPECT_EQ(event.a, cid.value | 1u << 16);
  EXPECT_EQ(event.b, 0x55u);
  EXPECT_EQ(event.c, 1ull << 32) << "opcode 0 (Flush), NSID 1";
}

TEST(QueuePair, the_ring_is_never_filled_to_the_brim) {
  LivePair t({64, {4}, 4096, true});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(t.pair.push(spec::flush(Nsid{1}), 0).has_value());
  }
  EXPECT_EQ(t.pair.push(spec::flush(Nsid{1}), 0).error(), Errc::queue_full);
  t.pair.ring();
  EXPECT_TRUE(t.doorbells_valid);
}

TEST(QueuePair, an_entry_is_free_only_when_sqhd_says_so) {
  LivePair t({64, {4}, 4096, true});
  std::vector<Cid> cids;
  for (std::uint64_t tag = 0; tag < 3; ++tag) {
    cids.push_back(t.submit(tag));
  }
  t.device.fetch();
  t.device.complete(cids[0]);
  EXPECT_EQ(t.reap().size(), 1u);
  EXPECT_EQ(t.pair.free_entries(0), 1u) << "one was fetched; two slots of the ring are still to be read";
  t.device.fetch();
  t.device.fetch();
  t.device.complete(cids[2]);
  EXPECT_EQ(t.reap().size(), 1u);
  EXPECT_EQ(t.pair.free_entries(0), 3u) << "fetched is free, though the second command is still outstanding";
  for (std::uint64_t tag = 3; tag < 6; ++tag) {
    t.submit(tag);
  }
  EXPECT_TRUE(t.doorbells_valid);
}

TEST(QueuePair, a_slow_command_keeps_its_cid_while_quick_ones_lap_it) {
  LivePair t({8, {4}, 4096, true});
  const Cid slow = t.submit(1000);
  t.device.fetch();
  for (std::uint64_t tag = 0; tag < 200; ++tag) {
    const Cid cid = t.submit(tag);
    ASSERT_NE(cid, slow);
    t.device.fetch();
    t.device.complete(cid);
    ASSERT_EQ(t.reap_tags(), Tags{tag});
  }
  t.device.complete(slow);
  EXPECT_EQ(t.reap_tags(), Tags{1000});
}

TEST(QueuePair, each_entry_of_a_batch_is_judged_by_itself_and_in_any_order) {
  LivePair t;
  std::vector<Cid> cids;
  for (std::uint64_t tag = 0; tag < 4; ++tag) {
    cids.push_back(t.submit(tag));
  }
  while (t.device.fetch()) {
  }
  t.device.complete(cids[2], spec::make_status(spec::GenericStatus::internal_error));
  t.device.complete(cids[0]);
  t.device.complete(cids[3], spec::make_status(spec::GenericStatus::invalid_field));
  t.device.complete(cids[1]);
  const std::vector<Completion> ends = t.reap();
  ASSERT_EQ(ends.size(), 4u);
  EXPECT_EQ(ends[0].tag, 2u);
  EXPECT_EQ(ends[0].outcome, Outcome::failed);
  EXPECT_EQ(ends[1].tag, 0u);
  EXPECT_EQ(ends[1].outcome, Outcome::ok);
  EXPECT_EQ(ends[2].tag, 3u);
  EXPECT_EQ(ends[2].outcome, Outcome::failed);
  EXPECT_EQ(ends[3].tag, 1u);
  EXPECT_EQ(ends[3].outcome, Outcome::ok);
}

TEST(QueuePair, outstanding_commands_never_exceed_what_the_completion_ring_holds) {
  LivePair t({4, {64}, 4096, true});
  for (std::uint64_t tag = 0; tag < 3; ++tag) {
    t.submit(tag);
  }
  EXPECT_EQ(t.pair.push(spec::flush(Nsid{1}), 9).error(), Errc::queue_full);
}

TEST(QueuePair, bogus_completions_are_counted_and_reported_and_harm_nothing) {
  LivePair t;
  const Cid cid = t.submit(1);
  t.device.fetch();
  spec::Cqe foreign_queue = t.device.entry(cid);
  foreign_queue.sqid = 9;
  spec::Cqe wild_queue = t.device.entry(cid);
  wild_queue.sqid = 0xffff;
  for (const Cid wrong : {Cid{0xffff}, Cid{0x0fff}, Cid{static_cast<std::uint16_t>(cid.value ^ 0x1000)}}) {
    t.device.post(t.device.entry(wrong));
    EXPECT_EQ(t.reap().size(), 0u);
    const auto message = t.pair.control().next_message();
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->kind, QueueMessage::Kind::bogus_completion);
    EXPECT_EQ(message->cid, wrong);
    EXPECT_EQ(message->qid, Qid{1});
  }
  t.device.post(foreign_queue);
  t.device.post(wild_queue);
  EXPECT_EQ(t.reap().size(), 0u);
  t.device.complete(cid);
  t.device.complete(cid);  // twice
  EXPECT_EQ(t.reap_tags(), Tags{1});
  EXPECT_EQ(t.reap().size(), 0u);
  EXPECT_EQ(t.pair.statistics().completions_bogus, 6u);
  EXPECT_EQ(t.pair.slots().available(), t.pair.slots().size());
  EXPECT_TRUE(t.doorbells_valid) << "bogus entries are consumed like any other";
}

TEST(QueuePair, every_cid_and_sqid_that_a_device_can_make_up_is_survived) {
  LivePair t({65, {65}, 4096, true});
  std::set<std::uint16_t> live;
  for (std::uint64_t tag = 0; tag < 3; ++tag) {
    live.insert(t.submit(tag).value);
  }
  for (std::uint32_t word = 0; word <= 0xffff; ++word) {
    spec::Cqe entry = t.device.entry(Cid{static_cast<std::uint16_t>(word)});
    if (live.count(static_cast<std::uint16_t>(word)) != 0) {
      entry.sqid = 2;
    }
    t.device.post(entry);
    ASSERT_EQ(t.reap().size(), 0u);
  }
  EXPECT_EQ(t.pair.statistics().completions_bogus, 0x10000u);
  EXPECT_EQ(t.pair.slots().live_count(), 3u);
}

TEST(QueuePair, a_queue_head_out_of_range_frees_nothing_but_the_command_still_ends) {
  LivePair t;
  std::vector<Cid> cids;
  for (std::uint64_t tag = 0; tag < 3; ++tag) {
    cids.push_back(t.submit(tag));
  }
  ASSERT_TRUE(t.pair.push(spec::flush(Nsid{1}), 9).has_value());  // not published: the device cannot have fetched it
  const std::uint16_t wrong_heads[] = {4, 8, 0xffff};
  for (std::uint64_t tag = 0; tag < 3; ++tag) {
    spec::Cqe entry = t.device.entry(cids[tag]);
    entry.sqhd = wrong_heads[tag];
    t.device.post(entry);
    EXPECT_EQ(t.reap_tags(), Tags{tag});
    EXPECT_EQ(t.pair.free_entries(0), 3u);
  }
  EXPECT_EQ(t.pair.statistics().queue_heads_bogus, 3u);
}

TEST(QueuePair, the_queue_head_of_a_bogus_completion_is_not_believed) {
  LivePair t;
  const Cid cid = t.submit(1);
  t.device.fetch();
  spec::Cqe entry = t.device.entry(Cid{static_cast<std::uint16_t>(cid.value ^ 0x1000)});
  t.device.post(entry);  // its SQHD is 1: a possible value
  EXPECT_EQ(t.reap().size(), 0u);
  EXPECT_EQ(t.pair.free_entries(0), 6u);
}

TEST(QueuePair, a_flood_of_nonsense_gets_one_ring_of_attention_a_call) {
  LivePair t;
  t.backend.before_load = [&](const Le32*, bool acquire) {
    if (acquire) {
      t.device.post(t.device.entry(Cid{0xffff}));
    }
  };
  EXPECT_EQ(t.reap().size(), 0u);
  EXPECT_LE(t.backend.acquire_loads, 8u);
}

TEST(QueuePair, a_reap_never_takes_more_than_it_can_give_back) {
  LivePair t;
  for (std::uint64_t tag = 0; tag < 5; ++tag) {
    t.submit(tag);
  }
  while (const auto sqe = t.device.fetch()) {
    t.device.complete(spec::cid_of(*sqe));
  }
  EXPECT_EQ(t.reap_tags(2), (Tags{0, 1}));
  EXPECT_EQ(t.reap_tags(0), Tags{});
  EXPECT_EQ(t.reap_tags(2), (Tags{2, 3}));
  EXPECT_EQ(t.reap_tags(2), Tags{4});
  EXPECT_TRUE(t.doorbells_valid);
}

TEST(QueuePair, several_submission_queues_answer_to_one_completion_queue) {
  LivePair t({16, {4, 8, 2}, 4096, true});
  const Cid a = t.submit(10, 0);
  const Cid b = t.submit(20, 1);
  const Cid c = t.submit(30, 2);
  EXPECT_EQ(std::set<std::uint16_t>({a.value, b.value, c.value}).size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(t.device.fetch(i).has_value());
  }
  t.device.complete(c, {}, 0, 2);
  t.device.complete(a, {}, 0, 0);
  t.device.complete(b, {}, 0, 1);
  EXPECT_EQ(t.reap_tags(), (Tags{30, 10, 20}));
  EXPECT_EQ(t.pair.free_entries(0), 3u);
  EXPECT_EQ(t.pair.free_entries(1), 7u);
  EXPECT_EQ(t.pair.free_entries(2), 1u);
  // A CID that lives on one queue, answered in the name of another.
  const Cid d = t.submit(40, 0);
  t.device.complete(d, {}, 0, 1);
  EXPECT_EQ(t.reap_tags(), Tags{});
  EXPECT_EQ(t.pair.statistics().completions_bogus, 1u);
  t.device.fetch(0);
  t.device.complete(d, {}, 0, 0);
  EXPECT_EQ(t.reap_tags(), Tags{40});
}

TEST(QueuePair, more_messages_than_fit_are_counted_and_lost) {
  LivePair t({256, {8}, 4096, true});
  for (int i = 0; i < 100; ++i) {
    t.device.post(t.device.entry(Cid{0xffff}));
  }
  t.reap();
  EXPECT_EQ(t.pair.statistics().completions_bogus, 100u);
  std::uint32_t told = 0;
  while (t.pair.control().next_message()) {
    ++told;
  }
  EXPECT_EQ(told, QueueControl::messages_max);
}

}  // namespace
}  // namespace phasebit::driver
