// Faults of completions: the host sees another ring than the drive wrote.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/scenarios/interpose/reading_host.hpp"

namespace phasebit::scenarios {
namespace {

using sim::Fault;
using sim::Site;
using sim::Verb;
using Host = ReadingHost;
using Blocks = ReadingHost::Blocks;

TEST(InterposedCompletion, dropped_is_never_shown_and_the_others_move_up) {
  for (const Site site : {Site::completion, Site::command}) {
    Host host({of_io(Verb::drop, 2, site)});
    host.submit(4);
    EXPECT_EQ(host.reap(), (Blocks{0, 2, 3}));
    EXPECT_TRUE(host.objections().empty());
    EXPECT_EQ(host.plan.fired(0), 1u);
  }
}

TEST(InterposedCompletion, dropped_ones_leave_both_rings_going_round) {
  Fault every_third = of_io(Verb::drop, 0);
  every_third.times = 0;
  every_third.when.sqe = sim::SqeMatch{};
  every_third.when.sqe->value[40] = std::byte{2};
  every_third.when.sqe->mask[40] = std::byte{3};  // blocks 2, 6, 10, ...
  Host host({every_third}, 5);
  Blocks seen;
  for (std::uint32_t block = 0; block < 100; ++block) {
    host.submit(1);
    const Blocks now = host.reap();
    seen.insert(seen.end(), now.begin(), now.end());
  }
  Blocks expected;
  for (std::uint32_t block = 0; block < 100; ++block) {
    if (block % 4 != 2) {
      expected.push_back(block);
    }
  }
  EXPECT_EQ(seen, expected);
  EXPECT_TRUE(host.objections().empty());
  EXPECT_EQ(host.drive.commands_done, 105u) << "the drive never ran out of room";
}

TEST(InterposedCompletion, dropped_one_after_another_do_not_fill_the_drives_ring) {
  Fault all = of_io(Verb::drop, 0);
  all.times = 20;
  Host host({all}, 3);
  Blocks seen;
  for (std::uint32_t block = 0; block < 30; ++block) {
    host.host.io.tail = block % 3;  // this host takes no heed of heads that it is not told
    host.submit(1);
    const Blocks now = host.reap();
    seen.insert(seen.end(), now.begin(), now.end());
  }
  EXPECT_EQ(seen.size(), 10u);
  EXPECT_EQ(seen.front(), 20u);
  EXPECT_EQ(seen.back(), 29u);
}

TEST(InterposedCompletion, delayed_is_shown_later_with_the_newest_head) {
  for (const Site site : {Site::completion, Site::command}) {
    Host host({delayed(of_io(Verb::delay, 1, site), milliseconds(1))});
    host.submit(3);
    EXPECT_EQ(host.reap(), (Blocks{1, 2}));
    const Instant due = host.seam.next_due();
    EXPECT_LT(due, never);
    host.clock.time = due + Duration{0};
    EXPECT_EQ(host.reap(), (Blocks{0}));
    EXPECT_EQ(host.last.sqhd, 3u);
    EXPECT_TRUE(host.objections().empty());
    EXPECT_EQ(host.seam.next_due(), never);
    host.submit(2);
    EXPECT_EQ(host.reap(), (Blocks{3, 4}));
  }
}

TEST(InterposedCompletion, a_head_that_the_drive_knows_already_is_not_rung_at_it_again) {
  Host host({delayed(of_io(Verb::delay, 1), milliseconds(1))});
  host.submit(2);
  host.reap();
  host.clock.time = host.clock.time + milliseconds(1);
  host.reap();
  host.submit(1);
  host.reap();
  EXPECT_EQ(host.drive.heads_rung(1), (std::vector<std::uint32_t>{2, 3}));
}

TEST(InterposedCompletion, reordered_comes_after_so_many_others) {
  Fault made = of_io(Verb::reorder, 1);
  made.value = 2;
  Host host({made});
  host.submit(4);
  EXPECT_EQ(host.reap(), (Blocks{1, 2, 0, 3}));
}

TEST(InterposedCompletion, reordered_with_nothing_behind_it_comes_after_a_while) {
  Host host({of_io(Verb::reorder, 1)});
  host.submit(1);
  EXPECT_EQ(host.reap(), Blocks{});
  host.clock.time = host.clock.time + milliseconds(1);
  EXPECT_EQ(host.reap(), (Blocks{0}));
}

TEST(InterposedCompletion, duplicated_is_shown_twice) {
  Host host({delayed(of_io(Verb::duplicate, 2), microseconds(50))});
  host.submit(3);
  EXPECT_EQ(host.reap(), (Blocks{0, 1, 2}));
  host.clock.time = host.clock.time + microseconds(50);
  EXPECT_EQ(host.reap(), (Blocks{1}));
  host.submit(5);
  EXPECT_EQ(host.reap(), (Blocks{3, 4, 5, 6, 7}));
}

TEST(InterposedCompletion, duplicates_wait_for_room_in_the_hosts_ring) {
  Host host({of_io(Verb::duplicate, 1)}, 4);
  host.submit(3);
  EXPECT_EQ(host.reap(false), (Blocks{0, 1, 2}));
  host.clock.time = host.clock.time + milliseconds(5);
  EXPECT_EQ(host.reap(false), Blocks{});
  host.host.ring_head(1, host.host.io.head.slot);
  EXPECT_EQ(host.reap(), (Blocks{0}));
  EXPECT_TRUE(host.objections().empty());
}

TEST(InterposedCompletion, says_a_wrong_cid_queue_or_head) {
  Host cid({of_io(Verb::wrong_cid, 1)});
  cid.submit(2);
  cid.reap(false);
  const auto posted = cid.log.of(EventKind::cqe_posted);
  EXPECT_EQ((posted[posted.size() - 2].c >> 32) & 0xffff, 0xfffeu);
  EXPECT_EQ((posted[posted.size() - 1].c >> 32) & 0xffff, 2u);
  Fault queue = of_io(Verb::wrong_sqid, 1);
  queue.value = 6;
  Host sqid({queue});
  sqid.submit(1);
  EXPECT_EQ(sqid.reap(), (Blocks{0}));
  EXPECT_EQ(sqid.last.sqid, 7u);
  EXPECT_EQ(sqid.last.sqhd, 1u);
  Host sqhd({of_io(Verb::wrong_sqhd, 1)});
  sqhd.submit(1);
  sqhd.reap();
  EXPECT_EQ(sqhd.last.sqhd, 0u);
}

TEST(InterposedCompletion, shows_another_status_than_the_drives) {
  Fault made = of_io(Verb::status, 2, Site::command);
  made.value = 0x281;
  Host host({made});
  host.submit(2);
  host.reap();
  EXPECT_EQ(host.last.status().raw, 0x281u);
  EXPECT_EQ(host.last.dw0, 1u);
  host.submit(1);
  host.reap();
  EXPECT_EQ(host.last.status().raw, 0u);
}

TEST(InterposedCompletion, with_a_stale_phase_is_not_new_until_it_is_put_right) {
  Host host({delayed(of_io(Verb::stale_phase, 2), microseconds(500))});
  host.submit(3);
  EXPECT_EQ(host.reap(), (Blocks{0}));
  const auto* dwords = reinterpret_cast<const Le32*>(host.host.io.completion.data);
  EXPECT_EQ(host.seam.load32(dwords[4]), 1u) << "only the phase is wrong";
  host.clock.time = host.clock.time + microseconds(500);
  EXPECT_EQ(host.reap(), (Blocks{1, 2}));
  Host for_ever({of_io(Verb::stale_phase, 1)});
  for_ever.submit(3);
  for_ever.clock.time = for_ever.clock.time + seconds(100);
  EXPECT_EQ(for_ever.reap(), Blocks{});
}

TEST(InterposedCompletion, with_an_early_phase_shows_old_dwords_for_a_moment) {
  Host host({delayed(of_io(Verb::early_phase, 2), microseconds(3))});
  host.submit(2);
  EXPECT_EQ(host.reap(), (Blocks{0, 0})) << "the slot's old dword 0 was zero";
  Host patient({delayed(of_io(Verb::early_phase, 2), microseconds(3))});
  patient.submit(2);
  patient.host.io.head.advance(8);
  const auto* dwords = reinterpret_cast<const Le32*>(patient.host.io.completion.data);
  patient.seam.load_acquire32(dwords[3]);
  EXPECT_EQ(patient.seam.load_acquire32(dwords[7]) >> 16, 1u);
  EXPECT_EQ(patient.seam.load32(dwords[4]), 0u);
  patient.clock.time = patient.clock.time + microseconds(3);
  EXPECT_EQ(patient.seam.load32(dwords[4]), 1u);
}

TEST(InterposedCompletion, torn_lands_dword_by_dword_and_the_phase_last) {
  Host host({delayed(of_io(Verb::torn_cqe, 1), microseconds(10))});
  host.submit(1);
  host.next_block = 0xb10c;
  const auto* dwords = reinterpret_cast<const Le32*>(host.host.io.completion.data);
  const Instant begun = host.clock.time;
  const auto phase_at = [&](std::uint64_t us) {
    host.clock.time = begun + microseconds(us);
    return host.seam.load_acquire32(dwords[3]) >> 16 & 1;
  };
  EXPECT_EQ(phase_at(0), 0u);
  EXPECT_EQ(phase_at(19), 0u);
  EXPECT_EQ(host.seam.load32(dwords[2]), 0u);
  EXPECT_EQ(phase_at(29), 0u);
  EXPECT_EQ(host.seam.load32(dwords[2]), 1u << 16 | 1u);
  EXPECT_EQ(phase_at(30), 1u);
}

TEST(InterposedCompletion, what_a_withheld_admin_answer_made_is_there_all_the_same) {
  Fault made;
  made.what = Verb::drop;
  made.when.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::create_io_cq);
  made.when.admin = true;
  Bench bench({made});
  bench.host.enable();
  tests::PlainQueue queue = bench.host.new_queue(1, 8);
  bench.host.submit(bench.host.admin, bench.host.create_completion(queue).sqe());
  bench.let_time_pass();
  spec::Cqe cqe;
  EXPECT_FALSE(bench.host.take(bench.host.admin, cqe));
  EXPECT_EQ(bench.log.of(EventKind::queue_made).back().queue, 1u);
}

TEST(InterposedCompletion, an_answer_to_nothing_is_shown_as_it_is) {
  Host host({of_io(Verb::drop, 1)});
  host.submit(1);
  spec::Cqe nonsense;
  nonsense.cid = 0x4444;
  nonsense.sqid = 0x5555;
  nonsense.dw0 = 0x6666;
  host.drive.post(1, nonsense);
  EXPECT_EQ(host.reap(), (Blocks{0x6666}));
  EXPECT_EQ(host.last.cid, 0x4444u);
  EXPECT_EQ(host.plan.fired(0), 1u);
}

}  // namespace
}  // namespace phasebit::scenarios
