// A driver that has a channel, for what happens to it afterwards.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/driver_bench.hpp"

namespace phasebit::testing {

/// A ready driver with a channel.
struct RecoveryBench : DriverBench {
  explicit RecoveryBench(const ModelDriveOptions& drive_options = {}, const driver::Options& options = quick())
      : DriverBench(drive_options, options) {
    EXPECT_TRUE(run_until_ready());
    channel = open_channel();
    run_for(milliseconds(5));
  }
  /// I/O commands are lost until this is undone.
  void lose_io() {
    drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0}; };
  }
  bool run_until_all_back(Duration limit = seconds(120)) {
    return run_until([&] { return results.size() >= submitted; }, limit);
  }
  /// Proves that the controller works again.
  void expect_works() {
    drive.script = nullptr;
    ASSERT_TRUE(run_until_ready());
    const std::size_t ok = count(driver::Outcome::ok);
    write_blocks(channel, 1'000'000 + submitted, 3);
    ASSERT_TRUE(run_until_all_back());
    EXPECT_EQ(count(driver::Outcome::ok), ok + 3);
    EXPECT_TRUE(all_came_back_once());
    EXPECT_EQ(complaint(), "");
  }

  driver::ChannelId channel;
};

}  // namespace phasebit::testing
