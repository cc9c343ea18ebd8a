// How a driver lets go of a controller.
#include <gtest/gtest.h>

#include "tests/support/driver_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::ModelDriveOptions;
using testing::Script;

struct ShutdownBench : DriverBench {
  explicit ShutdownBench(const ModelDriveOptions& drive_options = {}, const driver::Options& options = quick())
      : DriverBench(drive_options, options) {
    EXPECT_TRUE(run_until_ready());
    channel = open_channel();
    run_for(milliseconds(5));
    drive.admin_commands.clear();
  }
  std::vector<spec::AdminOpcode> opcodes() const {
    std::vector<spec::AdminOpcode> all;
    for (const spec::Sqe& sqe : drive.admin_commands) {
      all.push_back(static_cast<spec::AdminOpcode>(sqe.opcode));
    }
    return all;
  }
  ChannelId channel;
};

TEST(ShutdownOfADriver, deletes_submission_then_completion_queues_then_tells_the_controller) {
  ShutdownBench bench;
  bench.open_channel();
  bench.run_for(milliseconds(5));
  bench.drive.admin_commands.clear();
  bench.driver->shutdown(Shutdown::orderly, bench.now);
  ASSERT_TRUE(bench.run_until_over());
  using enum spec::AdminOpcode;
  EXPECT_EQ(bench.opcodes(), (std::vector{delete_io_sq, delete_io_sq, delete_io_cq, delete_io_cq}));
  EXPECT_EQ(bench.drive.registers().cc().get(spec::Cc::shn), spec::Shn::normal);
  EXPECT_TRUE(bench.drive.registers().cc().get(spec::Cc::en)) << "clearing EN is no shutdown";
  EXPECT_EQ(bench.drive.registers().csts(bench.now).get(spec::Csts::shst), spec::Shst::complete);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(ShutdownOfADriver, deletes_a_queue_whose_creation_was_under_way) {
  using enum spec::AdminOpcode;
  for (const spec::AdminOpcode interrupted : {create_io_cq, create_io_sq}) {
    ShutdownBench bench;
    std::optional<spec::Sqe> held;
    bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
      if (qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == interrupted && !held) {
        bench.driver->shutdown(Shutdown::orderly, bench.now);  // it is carried out, but nobody waits for the answer any more
        held = sqe;
      }
      return Script{};
    };
    bench.open_channel();
    ASSERT_TRUE(bench.run_until_over());
    ASSERT_TRUE(held);
    EXPECT_EQ(bench.drive.queues.submissions.size(), 1u) << "a submission queue is left";
    EXPECT_EQ(bench.drive.queues.completions.size(), 1u) << "a completion queue is left";
    EXPECT_EQ(bench.complaint(), "");
  }
}

// The drain is over, for the answer did not come; then it does, and there is nothing left to delete.
TEST(ShutdownOfADriver, goes_on_when_its_queues_go_by_a_command_of_before_it) {
  using enum spec::AdminOpcode;
  for (const spec::AdminOpcode late : {delete_io_sq, create_io_sq}) {
    driver::Options options = DriverBench::quick();
    options.admin_timeout = seconds(10);
    ShutdownBench bench({}, options);
    if (late == create_io_sq) {
      ASSERT_TRUE(bench.driver->destroy_channel(bench.channel, bench.now));
      bench.run_for(milliseconds(5));
    }
    bench.drive.hold = [&](const spec::Sqe& sqe) { return static_cast<spec::AdminOpcode>(sqe.opcode) == late; };
    late == create_io_sq ? (void)bench.open_channel() : (void)bench.driver->destroy_channel(bench.channel, bench.now);
    bench.run_for(milliseconds(5));
    bench.driver->shutdown(Shutdown::orderly, bench.now);
    bench.run_for(options.command_timeout + milliseconds(5));
    ASSERT_FALSE(bench.is_over());
    bench.drive.hold = nullptr;
    ASSERT_TRUE(bench.run_until_over());
    EXPECT_EQ(bench.driver->state(), State::detached);
    EXPECT_EQ(bench.drive.registers().cc().get(spec::Cc::shn), spec::Shn::normal);
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(ShutdownOfADriver, lets_outstanding_commands_finish_first) {
  ShutdownBench bench;
  std::uint32_t held = 3;
  bench.write_blocks(bench.channel, 1, 3);
  bench.driver->shutdown(Shutdown::orderly, bench.now);
  EXPECT_EQ(bench.driver->submit(bench.channel, {}, bench.now).refusal, Errc::not_ready);
  bench.drive.script = [&](std::uint16_t qid, const spec::Sqe&) {
    held -= qid != 0;
    return Script{};
  };
  ASSERT_TRUE(bench.run_until_over());
  EXPECT_EQ(held, 0u);
  EXPECT_EQ(bench.count(Outcome::ok), 3u);
}

TEST(ShutdownOfADriver, ends_what_is_never_answered_and_gives_it_back_only_then) {
  ShutdownBench bench;
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0}; };
  bench.write_blocks(bench.channel, 1, 3);
  bench.run_for(milliseconds(1));
  bench.driver->shutdown(Shutdown::orderly, bench.now);
  ASSERT_TRUE(bench.run_until_over());
  ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == 3; }));
  EXPECT_EQ(bench.count(Outcome::timed_out) + bench.count(Outcome::aborted), 3u);
  EXPECT_FALSE(bench.drive.command().get(spec::pci::Command::bus_master));
}

TEST(ShutdownOfADriver, waits_as_long_as_rtd3e_says_and_never_less_than_the_floor) {
  struct Case {
    std::uint32_t rtd3e_us;
    std::uint64_t takes_ms;
    bool completes;
  };
  for (const Case& c : {Case{0, 150, true}, Case{10, 150, true}, Case{10'000'000, 9'500, true}, Case{1'000'000, 5'000, false}}) {
    ModelDriveOptions drive;
    drive.rtd3e = c.rtd3e_us;
    drive.registers.shutdown_takes = milliseconds(c.takes_ms);
    ShutdownBench bench(drive);
    bench.driver->shutdown(Shutdown::orderly, bench.now);
    ASSERT_TRUE(bench.run_until_over());
    EXPECT_EQ(bench.drive.registers().csts(bench.now).get(spec::Csts::shst) == spec::Shst::complete, c.completes) << c.rtd3e_us;
    EXPECT_EQ(bench.driver->state(), State::detached);
  }
}

TEST(ShutdownOfADriver, is_abrupt_when_asked_to_be) {
  ShutdownBench bench;
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0}; };
  bench.write_blocks(bench.channel, 1, 3);
  bench.run_for(milliseconds(1));
  bench.driver->shutdown(Shutdown::abrupt, bench.now);
  ASSERT_TRUE(bench.run_until_over());
  EXPECT_EQ(bench.drive.registers().cc().get(spec::Cc::shn), spec::Shn::abrupt);
  EXPECT_TRUE(bench.opcodes().empty());
  ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == 3; }));
  EXPECT_EQ(bench.count(Outcome::aborted), 3u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(ShutdownOfADriver, tells_nothing_to_a_controller_that_was_reset_behind_its_back) {
  struct Case {
    Shutdown how;
    bool before;  ///< it was reset before the shutdown begins, else while that waits for what is out
  };
  for (const Case& c : {Case{Shutdown::orderly, true}, Case{Shutdown::orderly, false}, Case{Shutdown::abrupt, true}}) {
    ShutdownBench bench;
    bench.drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0}; };
    bench.write_blocks(bench.channel, 1, 3);
    bench.run_for(milliseconds(1));
    const auto reset = [&] {
      bench.drive.registers().forget_everything();
      bench.drive.queues.clear();
    };
    if (c.before) {
      reset();
    }
    bench.driver->shutdown(c.how, bench.now);
    bench.driver->poll(bench.now);
    if (!c.before) {
      reset();
    }
    const std::uint64_t writes = bench.drive.writes;
    ASSERT_TRUE(bench.run_until_over());
    EXPECT_EQ(bench.drive.writes, writes);
    EXPECT_FALSE(bench.drive.registers().cc().get(spec::Cc::en));
    EXPECT_FALSE(bench.drive.command().get(spec::pci::Command::bus_master));
    ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == 3; }));
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(ShutdownOfADriver, gives_the_users_admin_commands_back) {
  ShutdownBench bench;
  bench.drive.script = [](std::uint16_t, const spec::Sqe& sqe) {
    return Script{.drop = sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::get_features)};
  };
  ASSERT_TRUE(bench.driver->submit_admin({.tag = 3, .sqe = spec::GetFeatures{.fid = spec::Fid::arbitration}.sqe()}, bench.now));
  bench.driver->shutdown(Shutdown::orderly, bench.now);
  ASSERT_TRUE(bench.run_until_over());
  std::array<OperationResult, 4> results;
  ASSERT_EQ(bench.driver->reap_admin(results), 1u);
  EXPECT_EQ(results[0].tag, 3u);
}

TEST(ShutdownOfADriver, is_waited_out_when_it_is_found_in_progress_at_attach) {
  ModelDriveOptions drive;
  drive.registers = {
      .found_enabled = true, .found_ready = true, .found_shutdown = spec::Shst::occurring, .shutdown_takes = milliseconds(150)};
  DriverBench bench(drive);
  ASSERT_TRUE(bench.run_until_ready());
  EXPECT_EQ(bench.transitions(BringUpRow::await_shutdown, WaitResult::passed), 1u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(ShutdownOfADriver, gives_back_every_byte) {
  auto bench = std::make_unique<ShutdownBench>();
  bench->driver->shutdown(Shutdown::orderly, bench->now);
  ASSERT_TRUE(bench->run_until_over());
  destroy_any_driver(std::exchange(bench->driver, nullptr));
  EXPECT_EQ(bench->drive.allocation_count(), 0u);
}

}  // namespace
}  // namespace phasebit::driver
