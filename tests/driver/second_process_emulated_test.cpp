// Two processes on an emulated drive, which judges every access: each killed in turn while both have commands out.
#include <gtest/gtest.h>

#include "sim/world/world.hpp"
#include "tests/support/two_processes.hpp"

namespace phasebit::driver {
namespace {

using testing::Process;
using testing::TwoProcesses;

struct WorldBench {
  std::function<Instant(Instant)> pass() {
    return [this](Instant wake) {
      world->run_until(std::min(std::max(wake, world->now() + microseconds(1)), world->now() + milliseconds(1)));
      return world->now();
    };
  }
  static Options patient() {
    Options options = TwoProcesses::quick();
    options.command_timeout = seconds(2);
    options.admin_timeout = seconds(2);
    options.ready_timeout_floor = seconds(10);
    options.shutdown_timeout_floor = seconds(10);
    options.primary_timeout = seconds(1);
    return options;
  }
  /// Both ready, each with a channel.
  void begin() {
    processes.start_first(patient());
    ASSERT_TRUE(processes.run_until_ready(*processes.first));
    processes.open(*processes.first);
    begin_second();
  }
  void begin_second() {
    processes.start_second(patient());
    ASSERT_TRUE(processes.run_until_ready(*processes.second));
    processes.open(*processes.second);
  }

  sim::Region region = sim::Region::create(256 << 20).value();
  sim::WorldPointer world = sim::make_world({}, region);
  TwoProcesses processes{opened(), pass()};

 private:
  sim::EmulatedBackend& opened() {
    const PciAddress address = world->drive(0).address();
    EXPECT_TRUE(world->bus().claim(address));
    return **world->bus().open(address);
  }
};

TEST(SecondProcessOnAnEmulatedDrive, shares_it_and_each_reads_what_the_other_wrote) {
  WorldBench bench;
  bench.begin();
  Process& first = *bench.processes.first;
  Process& second = *bench.processes.second;
  second.write(1, 30, bench.processes.now);
  first.write(100, 30, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return first.has_all_back() && second.has_all_back(); }));
  second.read(100, 30, bench.processes.now);
  first.read(1, 30, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return first.has_all_back() && second.has_all_back(); }));
  EXPECT_EQ(first.count(Outcome::ok), 60u);
  EXPECT_EQ(second.count(Outcome::ok), 60u);
  EXPECT_EQ(first.buffer.data[512ul * 30], std::byte{30});
  EXPECT_EQ(second.buffer.data[(110ul % 64) * 512], std::byte{110});
}

TEST(SecondProcessOnAnEmulatedDrive, is_killed_in_the_middle_and_the_next_has_its_queue) {
  WorldBench bench;
  bench.begin();
  Process& first = *bench.processes.first;
  for (int round = 0; round < 5; ++round) {
    bench.processes.second->write(1, 40, bench.processes.now);
    first.write(100, 10, bench.processes.now);
    bench.processes.turn();
    bench.processes.kill_second();
    ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.links.shared.empty() && first.has_all_back(); }, seconds(5)));
    bench.begin_second();
  }
  bench.processes.second->write(1, 40, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.second->has_all_back(); }));
  EXPECT_EQ(bench.processes.second->count(Outcome::ok), 40u);
  EXPECT_EQ(first.count(Outcome::ok), 50u);
  EXPECT_EQ(first.driver->statistics().resets, 0u);
}

TEST(SecondProcessOnAnEmulatedDrive, ends_when_the_primary_is_killed_in_the_middle_and_attaches_anew) {
  WorldBench bench;
  bench.begin();
  for (int round = 0; round < 3; ++round) {
    Process& second = *bench.processes.second;
    second.write(1, 40, bench.processes.now);
    bench.processes.first->write(100, 10, bench.processes.now);
    bench.processes.kill_first();
    const Instant killed = bench.processes.now;
    ASSERT_TRUE(bench.processes.run_until([&] { return second.is_over() && second.has_all_back(); }, seconds(5)));
    EXPECT_LT(bench.processes.now - killed, milliseconds(20));
    EXPECT_EQ(second.count(Outcome::ok) + second.count(Outcome::reset), 40u);
    bench.processes.close_second();
    bench.begin();
  }
  bench.processes.second->write(1, 40, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.second->has_all_back(); }));
  EXPECT_EQ(bench.processes.second->count(Outcome::ok), 40u);
}

}  // namespace
}  // namespace phasebit::driver
