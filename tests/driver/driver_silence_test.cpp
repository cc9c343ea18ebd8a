// What a driver does while the registers of its controller read as all ones and all else works.
#include <gtest/gtest.h>

#include "tests/support/recovery_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::RecoveryBench;

TEST(DriverInSilence, writes_nothing_while_registers_are_silent_and_goes_on_afterwards) {
  RecoveryBench bench;
  bench.write_blocks(bench.channel, 1, 4);
  bench.drive.silent = true;
  bench.run_for(milliseconds(2));
  bench.drive.forbid_writes = true;
  bench.write_blocks(bench.channel, 5, 4);
  bench.run_for(milliseconds(20));
  EXPECT_EQ(bench.complaint(), "");
  bench.drive.silent = bench.drive.forbid_writes = false;
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.count(Outcome::ok), 8u);
  EXPECT_EQ(bench.drive.resets, 0u);
  bench.expect_works();
}

// One queue is made again, another is being made, when registers are silent for a moment.
TEST(DriverInSilence, forgets_no_queue_that_was_made_before_a_moment_of_silence) {
  for (const bool last : {false, true}) {  // or while the last command of all is out
    RecoveryBench bench;
    const ChannelId second = bench.open_channel();
    bench.run_for(milliseconds(5));
    int made = 0;
    bench.driver->reset(bench.now);
    bench.drive.hold = [&](const spec::Sqe& sqe) {
      return static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::create_io_sq && ++made == 2;
    };
    ASSERT_TRUE(bench.run_until([&] { return made == 2; }));
    bench.drive.silent = true;
    ASSERT_TRUE(bench.run_until([&] { return bench.transitions(RecoveryRow::suspect, WaitResult::entered) == 1; }));
    if (last) {
      bench.drive.hold = nullptr;
      bench.drive.step();
    }
    bench.drive.silent = false;
    ASSERT_TRUE(bench.run_until([&] { return bench.transitions(RecoveryRow::suspect, WaitResult::passed) == 1; }));
    bench.drive.hold = nullptr;
    bench.expect_works();
    bench.write_blocks(second, 500, 3);
    EXPECT_TRUE(bench.run_until_all_back(seconds(1)));
    EXPECT_EQ(bench.count(Outcome::ok), 6u);
    EXPECT_TRUE(bench.driver->submit_admin({.sqe = spec::Identify{.cns = spec::Cns::active_namespaces}.sqe()}, bench.now)) << "silent";
    EXPECT_EQ(bench.drive.resets, 1u);
  }
}

TEST(DriverInSilence, rings_nothing_for_a_channel_that_goes_while_registers_are_silent) {
  RecoveryBench bench;
  bench.write_blocks(bench.channel, 1, 4);
  bench.drive.step();  // answered, and not yet reaped
  bench.drive.silent = true;
  ASSERT_TRUE(bench.run_until([&] {
    bench.driver->poll(bench.now);
    bench.now = bench.now + microseconds(100);
    bench.drive.now = bench.now;
    return bench.transitions(RecoveryRow::suspect, WaitResult::entered) == 1;
  }));
  bench.drive.forbid_writes = true;
  ASSERT_TRUE(bench.driver->destroy_channel(bench.channel, bench.now));
  bench.run_for(milliseconds(5));
  EXPECT_EQ(bench.complaint(), "");
  bench.drive.silent = bench.drive.forbid_writes = false;
  ASSERT_TRUE(bench.run_until_all_back(seconds(1)));
  EXPECT_EQ(bench.count(Outcome::ok), 4u);
  EXPECT_TRUE(bench.run_until([&] { return !bench.driver->has_channel(bench.channel); }, seconds(1)));
}

TEST(DriverInSilence, cuts_off_a_function_whose_registers_stay_silent) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 4);
  bench.run_for(milliseconds(2));
  bench.drive.silent = true;
  bench.drive.forbid_writes = false;
  ASSERT_TRUE(bench.run_until_over());
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.driver->state(), State::gone);
  EXPECT_FALSE(bench.drive.command().get(spec::pci::Command::bus_master));
  EXPECT_EQ(bench.count(Outcome::gone), 4u);
  EXPECT_EQ(bench.transitions(RecoveryRow::suspect, WaitResult::timed_out), 1u);
  EXPECT_EQ(bench.transitions(RecoveryRow::stop_dma, WaitResult::passed), 1u);
}

// Configuration space answers, the registers do not, and the function cannot be kept from memory: nothing more may be written to it.
TEST(DriverInSilence, shuts_nothing_down_that_does_not_answer) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 4);
  bench.run_for(milliseconds(2));
  bench.driver->shutdown(Shutdown::orderly, bench.now);
  bench.run_for(milliseconds(2));
  bench.drive.silent = bench.drive.bus_master_stuck = true;
  ASSERT_TRUE(bench.run_until([&] { return bench.transitions(RecoveryRow::suspect, WaitResult::entered) == 1; }));
  bench.drive.forbid_writes = true;
  bench.run_for(seconds(20));
  EXPECT_EQ(bench.complaint(), "");
  EXPECT_GE(bench.transitions(RecoveryRow::stop_dma, WaitResult::timed_out), 1u);
  EXPECT_TRUE(bench.results.empty()) << "the drive may still write";
  bench.drive.bus_master_stuck = false;
  ASSERT_TRUE(bench.run_until_over());
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.count(Outcome::gone), 4u);
}

TEST(DriverInSilence, between_ready_and_the_end_of_a_reset_leaves_no_queue_silent) {
  Options options = DriverBench::quick();
  options.poll_interval = Duration{};  // so that it looks in every turn
  RecoveryBench bench({}, options);
  bench.driver->reset(bench.now);
  bool is_first = true;
  bench.drive.on_event = [&](const Event& event) {  // the last row of bring-up has passed
    const bool leaves_last = event.kind == EventKind::driver_state && event.queue == static_cast<std::uint16_t>(Machine::bring_up) &&
                             (event.a & 0xffff) == static_cast<std::uint64_t>(BringUpRow::create_submission_queues) &&
                             event.b == static_cast<std::uint64_t>(WaitResult::passed);
    if (leaves_last && is_first) {
      is_first = false;
      bench.drive.silent = true;
    }
  };
  ASSERT_TRUE(bench.run_until([&] { return bench.transitions(RecoveryRow::suspect, WaitResult::entered) == 1; }));
  bench.drive.silent = false;
  ASSERT_TRUE(bench.run_until([&] { return bench.transitions(RecoveryRow::suspect, WaitResult::passed) == 1; }));
  bench.expect_works();
}

}  // namespace
}  // namespace phasebit::driver
