// Interrupts of a whole driver: how its queues are made, and what a host that sleeps may rely on.
#include <gtest/gtest.h>

#include <array>
#include <memory_resource>

#include "sim/world/world.hpp"
#include "src/driver/probe.hpp"
#include "src/spec/queue_commands.hpp"
#include "tests/support/driver_bench.hpp"
#include "tests/support/probe_diary.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::ModelDriveOptions;
using testing::Script;

constexpr bool on = true;
constexpr bool off = false;

Options with_interrupts(bool wanted) {
  Options options = DriverBench::quick();
  options.interrupts = wanted;
  return options;
}

ModelDriveOptions with_vectors(std::uint32_t vectors) {
  ModelDriveOptions drive;
  drive.interrupt_vectors = vectors;
  return drive;
}

/// The vectors of all completion queues that were asked for, and -1 for each without.
std::vector<int> vectors_asked_for(const DriverBench& bench) {
  std::vector<int> vectors;
  for (const spec::Sqe& sqe : bench.drive.admin_commands) {
    if (static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::create_io_cq) {
      const auto asked = spec::CreateIoCompletionQueue::from(sqe);
      vectors.push_back(asked.interrupts ? asked.vector : -1);
    }
  }
  return vectors;
}

TEST(InterruptsOfADriver, are_spread_over_the_vectors_that_the_admin_queue_leaves) {
  struct Case {
    std::uint32_t vectors;
    bool wanted;
    std::uint32_t told;
    std::vector<int> expected;
  };
  for (const Case& c : {Case{0, on, 0, {-1, -1, -1}}, Case{1, on, 1, {0, 0, 0}}, Case{2, on, 2, {1, 1, 1}}, Case{3, on, 3, {1, 2, 1}},
                        Case{64, on, 5, {1, 2, 3}}, Case{64, off, 0, {-1, -1, -1}}}) {
    DriverBench bench(with_vectors(c.vectors), with_interrupts(c.wanted));
    ASSERT_TRUE(bench.run_until_ready());
    EXPECT_EQ(bench.driver->controller().interrupt_vectors, c.told);
    for (std::size_t i = 0; i < c.expected.size(); ++i) {
      bench.open_channel();
      bench.run_for(milliseconds(5));
    }
    EXPECT_EQ(vectors_asked_for(bench), c.expected) << c.vectors;
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(InterruptsOfADriver, are_all_on_vector_0_where_the_drive_has_fewer_vectors_than_its_table) {
  DriverBench bench(with_vectors(64), with_interrupts(on));
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe& sqe) {
    const bool makes = qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::create_io_cq;
    const bool refuses = makes && spec::CreateIoCompletionQueue::from(sqe).vector != 0;
    return refuses ? Script{.status = spec::make_status(spec::CommandStatus::invalid_interrupt_vector).with(spec::Status::dnr, true)}
                   : Script{};
  };
  ASSERT_TRUE(bench.run_until_ready());
  const ChannelId first = bench.open_channel();
  bench.run_for(milliseconds(5));
  bench.open_channel();
  bench.run_for(milliseconds(5));
  EXPECT_EQ(vectors_asked_for(bench), (std::vector<int>{1, 0, 0}));
  bench.write_blocks(first, 1, 3);
  EXPECT_TRUE(bench.run_until([&] { return bench.count(Outcome::ok) == 3; }, seconds(1)));
}

TEST(InterruptsOfADriver, leave_the_look_at_csts_to_a_longer_interval) {
  for (const bool wanted : {off, on}) {
    DriverBench bench(with_vectors(2), with_interrupts(wanted));
    ASSERT_TRUE(bench.run_until_ready());
    bench.run_for(milliseconds(5));
    const Instant wake = bench.driver->poll(bench.now);
    EXPECT_EQ(wake > bench.now + milliseconds(1), wanted);
    EXPECT_LE(wake, bench.now + milliseconds(100));
  }
}

TEST(InterruptsOfADriver, do_not_let_a_host_sleep_beyond_the_deadline_of_a_command) {
  Options options = with_interrupts(on);
  options.command_timeout = milliseconds(7);
  DriverBench bench(with_vectors(2), options);
  ASSERT_TRUE(bench.run_until_ready());
  const ChannelId channel = bench.open_channel();
  bench.run_for(milliseconds(5));
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0}; };
  bench.write_blocks(channel, 1, 1);
  EXPECT_LE(bench.driver->poll(bench.now), bench.now + milliseconds(7));
  bench.drive.script = {};
}

/// One emulated drive and a host that sleeps: it looks at completions, polls, and waits for an interrupt.
struct Sleeper {
  explicit Sleeper(std::vector<sim::Fault> faults = {}) : world(sim::make_world(world_options(std::move(faults)), region)) {
    probe.probe(world->now());
    EXPECT_TRUE(sleep_until([&] { return driver() != nullptr; }));
    channel = driver()->create_channel({}, world->now()).value();
    EXPECT_TRUE(sleep_until([&] { return driver()->controller().io_queues > 0 && submits_one_read(); }));
    EXPECT_TRUE(sleep_until([&] { return ended == 1; }));
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper() {
    probe.detach_all(world->now());
    EXPECT_TRUE(sleep_until([&] { return probe.is_idle(); }));
  }
  static sim::WorldOptions world_options(std::vector<sim::Fault> faults) {
    sim::WorldOptions options;
    options.faults = std::move(faults);
    options.interleave = false;
    return options;
  }
  static Options driver_options() {
    Options options;
    options.interrupts = true;
    return options;
  }

  AnyDriver* driver() { return probe.driver(world->drive(0).address()); }
  bool submits_one_read() {
    if (buffer.data == nullptr) {
      buffer = probe.backend(world->drive(0).address())->allocate_dma(4096).value();
    }
    const DmaRegion block = buffer.slice(0, 512);
    const Operation read{.opcode = spec::NvmOpcode::read, .lba = Lba{0}, .blocks = 1, .buffers = {&block, 1}};
    return driver()->submit(channel, {&read, 1}, world->now()).accepted == 1;
  }
  void reap() {
    std::array<OperationResult, 4> results;
    if (driver() != nullptr) {
      ended += driver()->reap(channel, world->now(), results);
    }
  }
  /// False if it takes more than ten seconds.
  template <class Done>
  bool sleep_until(Done done) {
    const Instant end = world->now() + seconds(10);
    bool is_done = done();
    while (!is_done && world->now() < end) {
      world->bus().wait(probe.poll(world->now()));
      world->run_until(world->now() + microseconds(1));
      ++turns;
      reap();
      is_done = done();
    }
    return is_done;
  }

  sim::Region region = sim::Region::create(256 << 20).value();
  sim::WorldPointer world;
  testing::ProbeDiary diary;
  Probe<sim::EmulatedBus> probe{world->bus(), driver_options(), {}, diary, std::pmr::new_delete_resource()};
  ChannelId channel;
  DmaRegion buffer;
  std::uint32_t ended = 0;
  std::uint32_t turns = 0;
};

TEST(SleepingHost, is_woken_by_the_completion_and_by_little_else) {
  Sleeper host;
  const Instant begin = host.world->now();
  host.turns = 0;
  ASSERT_TRUE(host.submits_one_read());
  ASSERT_TRUE(host.sleep_until([&] { return host.ended == 2; }));
  EXPECT_LT(host.world->now() - begin, milliseconds(1));
  EXPECT_LE(host.turns, 4u);
}

TEST(SleepingHost, that_is_idle_has_ten_turns_in_a_second) {
  Sleeper host;
  host.turns = 0;
  const Instant end = host.world->now() + seconds(1);
  ASSERT_TRUE(host.sleep_until([&] { return host.world->now() >= end; }));
  EXPECT_LE(host.turns, 12u);
}

TEST(SleepingHost, sees_what_was_completed_before_it_fell_asleep) {
  Sleeper host;
  host.world->bus().wait(host.world->now());  // takes what may have come for the first read
  ASSERT_TRUE(host.submits_one_read());
  host.world->run_until(host.world->now() + milliseconds(10));
  const Instant begin = host.world->now();
  EXPECT_TRUE(host.world->bus().wait(begin + seconds(1))) << "the interrupt came before the wait";
  EXPECT_EQ(host.world->now(), begin);
  host.reap();
  EXPECT_EQ(host.ended, 2u);
}

TEST(SleepingHost, notices_a_completion_whose_interrupt_is_lost_at_the_next_look) {
  sim::Fault fault;
  fault.what = sim::Verb::lost_interrupt;
  fault.when.admin = false;
  fault.when.nth = 2;
  Sleeper host({fault});
  const Instant begin = host.world->now();
  ASSERT_TRUE(host.submits_one_read());
  ASSERT_TRUE(host.sleep_until([&] { return host.ended == 2; }));
  EXPECT_GT(host.world->now() - begin, milliseconds(2));
  EXPECT_LT(host.world->now() - begin, milliseconds(101));
}

TEST(SleepingHost, loses_nothing_but_time_where_no_interrupt_comes) {
  sim::Fault fault;
  fault.what = sim::Verb::lost_interrupt;
  fault.times = 0;
  Sleeper host({fault});
  EXPECT_EQ(host.driver()->statistics().timeouts, 0u);
}

TEST(SleepingHost, hears_at_once_that_a_drive_was_pulled) {
  Sleeper host;
  (void)host.diary.take();
  host.turns = 0;
  host.world->remove(0);
  ASSERT_TRUE(host.sleep_until([&] { return host.probe.is_idle(); }));
  EXPECT_EQ(host.diary.take(), (testing::Lines{"gone 1"}));
  EXPECT_LE(host.turns, 4u);
}

TEST(SleepingHost, gives_back_at_once_what_was_out_when_the_drive_was_pulled) {
  sim::Fault fault;
  fault.what = sim::Verb::drop;
  fault.when.site = sim::Site::completion;
  fault.when.admin = false;
  fault.when.nth = 2;
  Sleeper host({fault});
  AnyDriver* const driver = host.driver();
  ASSERT_TRUE(host.submits_one_read());
  host.world->run_until(host.world->now() + milliseconds(1));
  host.diary.keeps = true;
  host.world->remove(0);
  EXPECT_LE(host.probe.poll(host.world->now()), host.world->now()) << "its channel has an order to obey";
  std::array<OperationResult, 4> results;
  ASSERT_EQ(driver->reap(host.channel, host.world->now(), results), 1u);
  EXPECT_EQ(results[0].outcome, Outcome::gone);
  host.diary.keeps = false;
}

}  // namespace
}  // namespace phasebit::driver
