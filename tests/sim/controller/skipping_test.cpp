// Time that is skipped is as if it had been stepped through, bit for bit; and a world is its seed's.
#include "tests/sim/controller/drive_bench.hpp"
#include "tests/support/counting_resource.hpp"

namespace phasebit::sim {
namespace {

std::vector<Fault> some_faults() {
  std::vector<Fault> faults;
  for (const Verb verb : {Verb::delay, Verb::duplicate, Verb::reorder, Verb::torn_cqe, Verb::early_phase, Verb::stale_phase, Verb::lose}) {
    Fault fault;
    fault.what = verb;
    fault.delay = microseconds(3);
    fault.when.admin = false;
    fault.when.nth = 3 + static_cast<std::uint64_t>(verb) % 11;
    faults.push_back(fault);
  }
  return faults;
}

struct Played {
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t fingerprint = 0;
};

/// A host that does, at drawn instants, what it draws: pushes, reaps, resets.
Played play(std::uint64_t seed, bool skipping) {
  DriveOptions options;
  options.times.enable = options.times.disable = microseconds(30);
  options.volatile_cache = seed % 2 == 0;
  DriveBench bench(options, some_faults(), seed);
  bench.skipping = skipping;
  bench.enable();
  HostQueue queue = bench.create_queue_pair(1, 5);
  const HostPages data = bench.pages(4096);
  for (std::uint64_t i = 0; i < 120; ++i) {
    const std::uint64_t draw = keyed(seed, i);
    const bool room = (queue.tail + 1) % queue.sq_entries != queue.head;
    if (draw % 3 != 0 && room) {
      const Lba lba{(draw >> 8) % 100};
      const auto count = static_cast<std::uint32_t>(1 + (draw >> 16) % 8);
      const spec::Sqe sqe = (draw >> 24) % 4 == 0   ? spec::flush(Nsid{1})
                            : (draw >> 24) % 4 == 1 ? spec::write(Nsid{1}, lba, count)
                                                    : spec::read(Nsid{1}, lba, count);
      bench.push(queue, DriveBench::with_data(sqe, data));
      bench.ring(queue);
    }
    bench.run(nanoseconds((draw >> 32) % 20'000));
    while (bench.reap(queue)) {
    }
  }
  bench.run(milliseconds(1));
  return {bench.stream.hash(), bench.stream.count(), bench.fingerprint()};
}

TEST(Skipping, is_the_same_as_stepping_through_every_cycle) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const Played stepped = play(seed, false);
    const Played skipped = play(seed, true);
    EXPECT_EQ(stepped.events, skipped.events) << seed;
    EXPECT_EQ(stepped.hash, skipped.hash) << seed;
    EXPECT_EQ(stepped.fingerprint, skipped.fingerprint) << seed;
    EXPECT_GT(skipped.events, 300u);
  }
}

TEST(Seed, makes_a_world_and_another_seed_another) {
  EXPECT_EQ(play(3, true).hash, play(3, true).hash);
  EXPECT_NE(play(3, true).hash, play(5, true).hash);
}

TEST(Step, changes_nothing_when_nothing_is_due) {
  DriveBench bench;
  bench.enable();
  HostQueue queue = bench.create_queue_pair(1);
  const HostPages data = bench.pages(512);
  bench.push(queue, DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data));
  bench.ring(queue);
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t events = bench.stream.count();
    const std::uint64_t before = bench.fingerprint();
    const bool due = bench.next_due() <= bench.now() + DriveBench::cycle;
    bench.step_to(bench.now() + DriveBench::cycle);
    if (!due) {
      ASSERT_EQ(bench.stream.count(), events);
      ASSERT_EQ(bench.fingerprint(), before);
    } else {
      ASSERT_NE(bench.fingerprint(), before) << "it said that it was due";
    }
  }
}

TEST(Controller, allocates_nothing_for_commands_once_it_is_warm) {
  phasebit::testing::CountingResource memory;
  DriveBench bench;
  Media media({0, 1, 1}, bench.stream, bench.region.resource());
  bench.controller.emplace(Wiring{0, bench.options, bench.port, bench.plan, bench.stream, media, bench.interrupts, 1, &memory});
  bench.enable();
  HostQueue queue = bench.create_queue_pair(1);
  const HostPages data = bench.pages(8192);
  const auto round = [&] {
    for (int i = 0; i < 300; ++i) {
      const spec::Sqe sqe = i % 2 == 0 ? spec::write(Nsid{1}, Lba{0}, 16) : spec::read(Nsid{1}, Lba{0}, 16);
      ASSERT_EQ(bench.perform(queue, DriveBench::with_data(sqe, data)).status().raw, 0);
    }
  };
  round();
  const std::uint64_t warm = memory.allocations;
  round();
  EXPECT_EQ(memory.allocations, warm);
}

}  // namespace
}  // namespace phasebit::sim
