// Faults of register accesses: what the host sees, and what reaches the drive.
#include <gtest/gtest.h>

#include "tests/scenarios/interpose/bench.hpp"

namespace phasebit::scenarios {
namespace {

using sim::Fault;
using sim::Site;
using sim::Verb;

Fault fault(Verb verb, std::uint64_t nth = 1) {
  Fault made;
  made.what = verb;
  made.when.nth = nth;
  return made;
}

Fault at_register(Verb verb, std::uint32_t offset, std::uint64_t nth = 1) {
  Fault made = fault(verb, nth);
  made.when.register_offset = offset;
  return made;
}

Fault lasting(Fault made, Duration lasts) {
  made.lasts = lasts;
  return made;
}

Fault delayed(Fault made, Duration delay) {
  made.delay = delay;
  return made;
}

bool has_lost_write(const Bench& bench, std::uint32_t offset) {
  const auto writes = bench.log.of(EventKind::register_write);
  return std::any_of(writes.begin(), writes.end(), [&](const Event& event) { return event.a == offset && event.c >> 8 == 1; });
}

std::size_t writes_reached(const Bench& bench, std::uint32_t offset) {
  const std::string start = "write32 " + std::to_string(offset) + " ";
  const auto& accesses = bench.drive.accesses;
  return static_cast<std::size_t>(
      std::count_if(accesses.begin(), accesses.end(), [&](const auto& line) { return line.starts_with(start); }));
}

constexpr std::uint32_t io_tail = spec::offset::doorbells + 8;

TEST(InterposedAllOnes, last_for_a_while_in_registers_and_configuration_space) {
  Bench bench({lasting(fault(Verb::all_ones, 2), microseconds(100))});
  EXPECT_EQ(bench.seam.read32(spec::offset::vs), spec::all_ones32);
  EXPECT_EQ(bench.seam.read64(spec::offset::cap), spec::all_ones64);
  EXPECT_EQ(bench.seam.read32(spec::offset::csts), spec::all_ones32);
  EXPECT_EQ(bench.seam.config_read32(0), spec::all_ones32);
  bench.seam.write32(spec::offset::aqa, 0x0f000f);
  bench.seam.config_write16(4, 0);
  EXPECT_EQ(writes_reached(bench, spec::offset::aqa), 0u);
  EXPECT_TRUE(has_lost_write(bench, spec::offset::aqa));
  EXPECT_EQ(bench.drive.command, 6u);
  bench.let_time_pass_until(Instant{1000} + microseconds(101));
  EXPECT_EQ(bench.seam.read32(spec::offset::vs), 0x10400u);
  EXPECT_EQ(bench.seam.config_read32(0), 0x1234'5678u);
  EXPECT_EQ(bench.drive.command, 6u) << "a short absence does not cut the drive off";
  EXPECT_EQ(bench.log.of(EventKind::fault_fired).size(), 1u);
  EXPECT_EQ(bench.log.of(EventKind::fault_lifted).size(), 1u);
}

TEST(InterposedAllOnes, for_ever_keep_the_drive_from_memory_that_the_host_will_take_back) {
  Bench bench({fault(Verb::all_ones, 2)});
  EXPECT_EQ(bench.seam.read32(spec::offset::vs), spec::all_ones32);
  EXPECT_EQ(bench.drive.command, 2u) << "bus mastering is off, the registers still answer";
  bench.let_time_pass_until(Instant{} + seconds(2));
  EXPECT_EQ(bench.seam.read32(spec::offset::vs), spec::all_ones32);
  bench.plan.heal();
  EXPECT_EQ(bench.seam.read32(spec::offset::vs), 0x10400u);
}

TEST(InterposedRemoval, at_the_nth_access_ends_everything_for_good) {
  Bench bench({fault(Verb::surprise_removal, 400)});
  bench.host.bring_up();
  const DmaRegion buffer = bench.host.memory(4096);
  spec::Cqe cqe;
  std::uint32_t answered = 0;
  for (; bench.log.of(EventKind::function_gone).empty() && answered < 100; ++answered) {
    bench.host.submit(bench.host.io, read_block(answered, buffer));
    bench.let_time_pass();
    if (!bench.host.take(bench.host.io, cqe)) {
      break;
    }
    bench.host.ring_head(1, bench.host.io.head.slot);
  }
  ASSERT_EQ(bench.log.of(EventKind::function_gone).size(), 1u);
  EXPECT_GT(answered, 10u);
  bench.host.submit(bench.host.io, read_block(answered, buffer));
  bench.drive.command = 6;  // even if the drive could still reach memory
  bench.let_time_pass();
  EXPECT_FALSE(bench.host.take(bench.host.io, cqe));
  EXPECT_EQ(bench.seam.read32(spec::offset::csts), spec::all_ones32);
  EXPECT_EQ(bench.seam.config_read32(0), spec::all_ones32);
  bench.plan.heal();
  EXPECT_EQ(bench.seam.read32(spec::offset::csts), spec::all_ones32);
}

TEST(InterposedRemoval, counts_registers_and_fresh_entries_together) {
  // CAP 1, AQA 2, ASQ 3, ACQ 4, CC 5, CSTS 0 6, CSTS RDY 7, doorbell 8, dword 3 of the answer 9, dword 0 10.
  Bench bench({fault(Verb::surprise_removal, 10)});
  bench.host.enable();
  bench.host.submit(bench.host.admin, spec::keep_alive());
  bench.let_time_pass();
  const auto* dwords = reinterpret_cast<const Le32*>(bench.host.admin.completion.data);
  bench.seam.load_acquire32(dwords[7]);  // an empty slot is no access
  bench.seam.load_acquire32(dwords[3]);
  EXPECT_TRUE(bench.log.of(EventKind::function_gone).empty());
  bench.seam.load32(dwords[0]);
  EXPECT_EQ(bench.log.of(EventKind::function_gone).size(), 1u);
}

TEST(InterposedRemoval, disables_the_drive_and_takes_its_memory_away) {
  Fault later = fault(Verb::surprise_removal, 0);
  later.when.site = Site::time;
  later.when.not_before = Instant{} + milliseconds(1);
  Bench bench({later});
  bench.host.bring_up();
  EXPECT_LE(bench.seam.next_due(), Instant{} + milliseconds(1));
  bench.let_time_pass_until(Instant{} + milliseconds(1));
  bench.seam.work();
  EXPECT_EQ(bench.drive.command, 2u);
  bench.drive.work();
  EXPECT_FALSE(bench.drive.csts.get(spec::Csts::rdy));
}

TEST(InterposedRemoval, shows_what_had_come_before_and_nothing_that_comes_later) {
  Fault at_command = fault(Verb::surprise_removal, 0);
  at_command.when.site = Site::command;
  at_command.when.queue = 1;
  at_command.when.nth = 3;
  Bench bench({at_command});
  bench.host.bring_up();
  const DmaRegion buffer = bench.host.memory(4096);
  bench.host.submit(bench.host.io, read_block(1, buffer));
  bench.host.submit(bench.host.io, read_block(2, buffer));
  bench.let_time_pass();
  spec::Cqe cqe;
  ASSERT_TRUE(bench.host.take(bench.host.io, cqe));
  bench.host.submit(bench.host.io, read_block(3, buffer));
  EXPECT_EQ(bench.log.of(EventKind::function_gone).size(), 1u);
  EXPECT_FALSE(bench.host.take(bench.host.io, cqe)) << "the second answer lay in memory, unseen";
  const auto* dwords = reinterpret_cast<const Le32*>(bench.host.io.completion.data);
  EXPECT_EQ(bench.seam.load32(dwords[0]), 1u) << "the first one is still there";
}

TEST(InterposedDoorbell, lost_is_made_good_by_the_next_one) {
  Bench bench({at_register(Verb::lost_doorbell, io_tail, 2)});
  bench.host.bring_up();
  const DmaRegion buffer = bench.host.memory(4096);
  bench.host.io_command(read_block(1, buffer));
  bench.host.submit(bench.host.io, read_block(2, buffer));
  bench.let_time_pass();
  EXPECT_EQ(writes_reached(bench, io_tail), 1u);
  EXPECT_TRUE(has_lost_write(bench, io_tail));
  const std::size_t fetched = bench.log.of(EventKind::sqe_fetched).size();
  bench.host.submit(bench.host.io, read_block(3, buffer));
  EXPECT_EQ(bench.log.of(EventKind::sqe_fetched).size(), fetched + 2);
  EXPECT_EQ(bench.host.complete(bench.host.io).dw0, 2u);
  EXPECT_EQ(bench.host.complete(bench.host.io).dw0, 3u);
}

TEST(InterposedDoorbell, late_lands_at_its_time_and_keeps_its_order) {
  Bench bench({delayed(at_register(Verb::late_doorbell, io_tail), milliseconds(2))});
  bench.host.bring_up();
  const DmaRegion buffer = bench.host.memory(4096);
  const Instant rung = bench.clock.time;
  bench.host.submit(bench.host.io, read_block(1, buffer));
  bench.host.submit(bench.host.io, read_block(2, buffer));
  EXPECT_EQ(writes_reached(bench, io_tail), 0u);
  bench.host.submit(bench.host.admin, spec::keep_alive());
  EXPECT_EQ(bench.seam.next_due(), rung + milliseconds(2));
  bench.let_time_pass_until(rung + milliseconds(2));
  bench.seam.work();
  EXPECT_EQ(writes_reached(bench, io_tail), 2u);
  const auto& accesses = bench.drive.accesses;
  EXPECT_EQ(accesses[accesses.size() - 2], "write32 4104 2");
  EXPECT_EQ(accesses.back(), "write32 4096 4") << "what was written behind it";
  EXPECT_EQ(bench.host.complete(bench.host.io).dw0, 1u);
  EXPECT_EQ(bench.host.complete(bench.host.io).dw0, 2u);
  const auto writes = bench.log.of(EventKind::register_write);
  const auto landed = std::find_if(writes.begin(), writes.end(), [](const Event& event) { return event.a == io_tail; });
  EXPECT_EQ(landed->instant(), rung + milliseconds(2));
}

TEST(InterposedDoorbell, late_is_pushed_by_a_load) {
  Bench bench({at_register(Verb::late_doorbell, io_tail)});
  bench.host.bring_up();
  bench.host.submit(bench.host.io, read_block(1, bench.host.memory(4096)));
  EXPECT_EQ(writes_reached(bench, io_tail), 0u);
  bench.host.csts();
  const auto& accesses = bench.drive.accesses;
  EXPECT_EQ(accesses[accesses.size() - 2], "write32 4104 1");
  EXPECT_TRUE(accesses.back().starts_with("read32 28 "));
}

TEST(InterposedDoorbell, late_is_lost_with_a_function_that_goes_meanwhile) {
  Bench bench({at_register(Verb::late_doorbell, io_tail), at_register(Verb::surprise_removal, spec::offset::aqa, 2)});
  bench.host.bring_up();
  bench.host.submit(bench.host.io, read_block(1, bench.host.memory(4096)));
  bench.seam.write32(spec::offset::aqa, 0);
  bench.let_time_pass_until(bench.clock.time + milliseconds(3));
  bench.seam.work();
  EXPECT_EQ(writes_reached(bench, io_tail), 0u);
  EXPECT_TRUE(has_lost_write(bench, io_tail));
}

TEST(InterposedTornRead, is_two_reads_of_half_the_width) {
  Bench bench({at_register(Verb::torn_register_read, spec::offset::cap, 2)});
  bench.drive.accesses.clear();
  EXPECT_EQ(bench.seam.read64(spec::offset::cap), bench.drive.cap.raw);
  EXPECT_EQ(bench.drive.accesses, (std::vector<std::string>{"read32 0 0", "read32 4 0"}));
}

spec::Csts status(Bench& bench) {
  return spec::Csts{bench.seam.read32(spec::offset::csts)};
}

Fault by_time(Verb verb) {
  Fault made;
  made.what = verb;
  made.when.site = Site::time;
  made.when.not_before = Instant{} + milliseconds(1);
  return made;
}

TEST(InterposedFatal, shows_until_the_controller_is_disabled) {
  Bench bench({by_time(Verb::fatal)});
  bench.host.bring_up();
  EXPECT_FALSE(status(bench).get(spec::Csts::cfs));
  bench.let_time_pass_until(Instant{} + milliseconds(1));
  EXPECT_TRUE(status(bench).get(spec::Csts::cfs));
  bench.let_time_pass_until(Instant{} + milliseconds(500));
  EXPECT_TRUE(status(bench).get(spec::Csts::cfs));
  bench.host.disable();
  EXPECT_FALSE(status(bench).get(spec::Csts::cfs));
  bench.host.enable();
  EXPECT_FALSE(status(bench).get(spec::Csts::cfs));
}

TEST(InterposedFatal, ends_with_its_time_or_when_all_is_healed) {
  Bench bench({lasting(by_time(Verb::fatal), milliseconds(3))});
  bench.host.bring_up();
  bench.let_time_pass_until(Instant{} + milliseconds(2));
  EXPECT_TRUE(status(bench).get(spec::Csts::cfs));
  bench.let_time_pass_until(Instant{} + milliseconds(5));
  EXPECT_FALSE(status(bench).get(spec::Csts::cfs));
  Bench healed({by_time(Verb::fatal)});
  healed.host.bring_up();
  healed.let_time_pass_until(Instant{} + milliseconds(2));
  EXPECT_TRUE(status(healed).get(spec::Csts::cfs));
  healed.plan.heal();
  EXPECT_FALSE(status(healed).get(spec::Csts::cfs));
}

TEST(InterposedReady, is_shown_late_or_not_while_it_lasts) {
  Bench late({delayed(fault(Verb::ready_late), milliseconds(4))});
  late.host.enable();
  EXPECT_GE(late.clock.time, Instant{} + milliseconds(4));
  EXPECT_LE(late.clock.time, Instant{} + milliseconds(5));
  Bench never_ready({lasting(fault(Verb::ready_never), milliseconds(9))});
  never_ready.host.enable();
  EXPECT_GE(never_ready.clock.time, Instant{} + milliseconds(9));
}

TEST(InterposedReady, is_shown_stuck_after_disabling) {
  Bench bench({lasting(fault(Verb::ready_stuck), milliseconds(9))});
  bench.host.enable();
  const Instant before = bench.clock.time;
  bench.host.disable();
  EXPECT_GE(bench.clock.time, before + milliseconds(9));
  EXPECT_TRUE(bench.objections().empty());
}

TEST(InterposedShutdown, is_shown_late_or_stuck) {
  for (const Fault& made : {delayed(fault(Verb::shutdown_late), milliseconds(6)), lasting(fault(Verb::shutdown_stuck), milliseconds(6))}) {
    Bench bench({made});
    bench.host.enable();
    bench.host.write_cc(bench.host.configuration().with(spec::Cc::shn, spec::Shn::normal));
    const Instant before = bench.clock.time;
    bench.let_time_pass();
    EXPECT_EQ(status(bench).get(spec::Csts::shst), spec::Shst::occurring);
    bench.let_time_pass_until(before + milliseconds(7));
    EXPECT_EQ(status(bench).get(spec::Csts::shst), spec::Shst::complete);
  }
}

TEST(InterposedFault, keyed_by_a_row_of_the_driver_strikes_when_the_row_is_entered) {
  Fault made = by_time(Verb::surprise_removal);
  made.when.not_before = {};
  made.when.state = sim::StateMatch{0, 5, 1};
  Bench bench({made});
  bench.seam.record(sim::make_event(EventKind::driver_state, 0, 0, 4 | 1 << 16, 0));
  bench.seam.work();
  EXPECT_EQ(bench.plan.fired(0), 0u);
  bench.seam.record(sim::make_event(EventKind::driver_state, 0, 0, 5 | 1 << 16, 0));
  EXPECT_EQ(bench.seam.read32(spec::offset::csts), spec::all_ones32);
  EXPECT_EQ(bench.plan.fired(0), 1u);
}

}  // namespace
}  // namespace phasebit::scenarios
