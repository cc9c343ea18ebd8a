#include "sim/faults/fault_plan.hpp"

#include <gtest/gtest.h>

#include "tests/sim/faults/fault_bench.hpp"

namespace phasebit::sim {
namespace {

TEST(FaultPlan, strikes_the_operation_and_attempt_that_it_is_keyed_by) {
  Trigger when;
  when.operation = 77;
  when.attempt = 1;
  Bench bench({failing(when)});
  bench.push(1, 5, 77, 2);
  bench.push(1, 6, 78, 1);
  EXPECT_TRUE(bench.execute(1, 5).empty());
  EXPECT_TRUE(bench.execute(1, 6).empty());
  bench.push(1, 5, 77, 1);
  EXPECT_EQ(bench.execute(1, 5).find(Verb::status)->value, 0x0281u);
  EXPECT_EQ(bench.plan.fired(0), 1u);
  EXPECT_EQ(bench.count(EventKind::fault_fired), 1u);
}

TEST(FaultPlan, takes_no_command_for_operation_zero_that_the_host_has_not_named) {
  Trigger when;
  when.operation = 0;
  Bench bench({failing(when)});
  const spec::Sqe sqe;
  bench.plan.on_fetch({0, Qid{1}, Cid{5}, std::as_bytes(std::span<const spec::Sqe, 1>(&sqe, 1))});
  EXPECT_TRUE(bench.execute(1, 5).empty());
  bench.push(1, 5, 0);
  EXPECT_FALSE(bench.execute(1, 5).empty());
}

TEST(FaultPlan, nth_counts_only_places_that_match_all_else) {
  Trigger when;
  when.opcode = 0x02;
  when.nth = 2;
  Bench bench({failing(when)});
  spec::Sqe read;
  read.opcode = 0x02;
  spec::Sqe write;
  write.opcode = 0x01;
  EXPECT_TRUE(bench.execute(1, 1, read).empty());
  EXPECT_TRUE(bench.execute(1, 1, write).empty());
  EXPECT_FALSE(bench.execute(1, 1, read).empty());
  EXPECT_TRUE(bench.execute(1, 1, read).empty());
}

TEST(FaultPlan, matches_a_range_of_blocks_that_shares_its_last_block) {
  Trigger when;
  when.lbas = LbaRange{Lba{107}, Lba{200}};
  Fault fault = failing(when);
  fault.times = 0;
  Bench bench({fault});
  spec::Sqe write;
  write.opcode = 0x01;
  write.cdw10 = 100;
  write.cdw12 = 6;  // zero-based: blocks 100 to 106
  EXPECT_TRUE(bench.execute(1, 1, write).empty());
  write.cdw12 = 7;
  EXPECT_FALSE(bench.execute(1, 1, write).empty());
  EXPECT_TRUE(bench.execute(0, 1, write).empty()) << "an admin command names no blocks";
}

TEST(FaultPlan, what_goes_wrong_with_data_waits_for_a_command_that_moves_it) {
  Fault tear;
  tear.what = Verb::tear;
  Fault lie;
  lie.what = Verb::lying_flush;
  lie.times = 2;
  Bench bench({tear, lie});
  spec::Sqe sqe;
  sqe.opcode = 0x01;
  EXPECT_TRUE(bench.execute(0, 1, sqe).empty()) << "Create I/O Submission Queue";
  sqe.opcode = 0x02;
  EXPECT_TRUE(bench.execute(1, 1, sqe).empty());
  sqe.opcode = 0x01;
  EXPECT_TRUE(bench.execute(1, 1, sqe).has(Verb::tear));
  EXPECT_TRUE(bench.execute(1, 1, sqe).empty());
  sqe.cdw12 = 1u << 30;
  EXPECT_TRUE(bench.execute(1, 1, sqe).has(Verb::lying_flush)) << "FUA";
  sqe.opcode = 0x00;
  EXPECT_TRUE(bench.execute(1, 1, sqe).has(Verb::lying_flush));
}

TEST(FaultPlan, compares_an_entry_under_its_mask) {
  Trigger when;
  when.sqe.emplace();
  when.sqe->value[40] = std::byte{0x01};
  when.sqe->mask[40] = std::byte{0x0f};
  Bench bench({failing(when)});
  spec::Sqe sqe;
  sqe.cdw10 = 0x12;
  EXPECT_TRUE(bench.execute(0, 1, sqe).empty());
  sqe.cdw10 = 0xf1;
  EXPECT_FALSE(bench.execute(0, 1, sqe).empty());
}

TEST(FaultPlan, strikes_in_the_row_and_visit_that_the_driver_is_in) {
  Trigger when;
  when.state = StateMatch{0, 4, 2};
  Bench bench({failing(when)});
  bench.enter(0, 4, 1);
  EXPECT_TRUE(bench.execute(0, 1).empty());
  bench.enter(0, 4, 2);
  EXPECT_FALSE(bench.execute(0, 1).empty());
}

TEST(FaultPlan, an_episode_strikes_from_its_first_match_until_its_end) {
  Fault fault = failing({});
  fault.when.nth = 2;
  fault.times = 0;
  fault.lasts = microseconds(1);
  Bench bench({fault});
  EXPECT_TRUE(bench.execute(1, 1).empty());
  EXPECT_FALSE(bench.execute(1, 1).empty());
  bench.stream.set_now(Instant{999});
  bench.plan.lift_expired();
  EXPECT_FALSE(bench.execute(1, 1).empty());
  EXPECT_EQ(bench.plan.next_due(), Instant{1000});
  bench.stream.set_now(Instant{1000});
  bench.plan.lift_expired();
  EXPECT_TRUE(bench.execute(1, 1).empty());
  EXPECT_EQ(bench.count(EventKind::fault_lifted), 1u);
}

TEST(FaultPlan, a_look_that_is_no_event_counts_for_no_nth) {
  Fault fault;
  fault.what = Verb::torn_register_read;
  fault.when.nth = 2;
  Bench bench({fault});
  EXPECT_TRUE(bench.read(0).empty());
  EXPECT_TRUE(bench.read(0, false).empty());
  EXPECT_FALSE(bench.read(0).empty());
}

TEST(FaultPlan, hands_what_the_world_carries_out_to_the_world) {
  Fault fault;
  fault.what = Verb::surprise_removal;
  fault.when.nth = 3;
  Bench bench({fault});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.plan.next_timed().fault, nullptr);
    EXPECT_TRUE(bench.plan.on_access({0, 0x1c, 4, true}).empty());
  }
  EXPECT_EQ(bench.plan.next_timed().fault->what, Verb::surprise_removal);
  EXPECT_EQ(bench.plan.next_timed().fault, nullptr);
}

TEST(FaultPlan, a_fault_of_time_is_due_at_its_instant_and_once) {
  Fault fault;
  fault.what = Verb::fatal;
  fault.when.drive = 3;
  fault.when.not_before = Instant{500};
  Bench bench({fault});
  EXPECT_EQ(bench.plan.next_due(), Instant{500});
  EXPECT_EQ(bench.plan.next_timed().fault, nullptr);
  bench.stream.set_now(Instant{500});
  EXPECT_EQ(bench.plan.next_timed().drive, 3);
  EXPECT_EQ(bench.plan.next_timed().fault, nullptr);
  EXPECT_EQ(bench.plan.next_due(), never);
}

TEST(FaultPlan, a_fault_of_a_row_is_due_as_soon_as_the_row_is_entered) {
  Fault fault;
  fault.what = Verb::surprise_removal;
  fault.when.site = Site::time;
  fault.when.state = StateMatch{0, 7, std::nullopt};
  Bench bench({fault});
  bench.enter(0, 6, 1);
  EXPECT_EQ(bench.plan.next_timed().fault, nullptr);
  bench.enter(0, 7, 1);
  EXPECT_LE(bench.plan.next_due(), bench.stream.now());
  EXPECT_NE(bench.plan.next_timed().fault, nullptr);
}

TEST(FaultPlan, a_state_is_active_until_it_is_lifted) {
  Fault fault;
  fault.what = Verb::ready_never;
  fault.lasts = nanoseconds(100);
  Bench bench({fault});
  EXPECT_TRUE(bench.plan.on_controller_state(0, ControllerMoment::disabling).empty());
  EXPECT_EQ(bench.plan.active(0, Verb::ready_never), nullptr);
  EXPECT_TRUE(bench.plan.on_controller_state(0, ControllerMoment::enabling).has(Verb::ready_never));
  EXPECT_NE(bench.plan.active(0, Verb::ready_never), nullptr);
  EXPECT_EQ(bench.plan.active(1, Verb::ready_never), nullptr);
  bench.stream.set_now(Instant{100});
  bench.plan.lift_expired();
  EXPECT_EQ(bench.plan.active(0, Verb::ready_never), nullptr);
}

TEST(FaultPlan, heal_lifts_everything_for_ever) {
  Fault stuck;
  stuck.what = Verb::ready_stuck;
  Fault fault = failing({});
  fault.times = 0;
  Bench bench({stuck, fault});
  bench.plan.on_controller_state(0, ControllerMoment::disabling);
  EXPECT_FALSE(bench.execute(1, 1).empty());
  bench.plan.heal();
  EXPECT_EQ(bench.plan.active(0, Verb::ready_stuck), nullptr);
  EXPECT_TRUE(bench.execute(1, 1).empty());
  EXPECT_EQ(bench.plan.next_due(), never);
  EXPECT_EQ(bench.count(EventKind::fault_lifted), 1u);
}

TEST(FaultPlan, dropping_a_fault_leaves_the_others_where_they_were) {
  Trigger first;
  first.nth = 1;
  Trigger third;
  third.nth = 3;
  Bench both({failing(first), failing(third)});
  Bench one({failing(third)});
  for (int i = 1; i <= 4; ++i) {
    const bool struck = both.execute(1, 1).all().size() + (i == 1 ? 0 : 1) > 1;
    EXPECT_EQ(struck, !one.execute(1, 1).empty()) << i;
  }
}

}  // namespace
}  // namespace phasebit::sim
