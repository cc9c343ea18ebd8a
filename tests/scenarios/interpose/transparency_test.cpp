#include <gtest/gtest.h>

#include "scenarios/engine/allocation_guard/allocation_guard.hpp"
#include "tests/scenarios/interpose/bench.hpp"

namespace phasebit::scenarios {
namespace {

TEST(Interposed, without_faults_makes_the_same_accesses_in_the_same_order) {
  ScriptedDrive alone;
  tests::PlainHost<ScriptedDrive> direct(alone, [&] { alone.work(); });
  run_clean_host(direct, 20);
  Bench bench;
  run_clean_host(bench.host, 20);
  EXPECT_GT(alone.accesses.size(), 150u);
  EXPECT_EQ(bench.drive.accesses, alone.accesses);
}

TEST(Interposed, after_its_last_fault_was_lifted_passes_registers_on_again) {
  sim::Fault fault;
  fault.what = sim::Verb::all_ones;
  fault.when.register_offset = spec::offset::csts;
  fault.lasts = microseconds(5);
  Bench bench({fault});
  EXPECT_EQ(bench.seam.read32(spec::offset::csts), spec::all_ones32);
  bench.let_time_pass();
  EXPECT_EQ(bench.seam.read32(spec::offset::csts), 0u);
  run_clean_host(bench.host, 3);
  EXPECT_EQ(bench.objections(), std::vector<std::string>{});
}

TEST(Interposed, passes_on_what_the_host_says_of_itself) {
  Bench bench;
  bench.seam.record(sim::make_event(EventKind::command_pushed, 7, 1, 5, 99));
  EXPECT_EQ(bench.drive.accesses.back(), "record 20 0");
  const Event event = bench.log.of(EventKind::command_pushed).at(0);
  EXPECT_EQ(event.drive, 0);
  EXPECT_EQ(event.b, 99u);
  EXPECT_EQ(event.time, 1000u);
}

TEST(Interposed, allocates_nothing_once_it_has_seen_all_there_is) {
  Bench bench;
  bench.stream.remove_reader(bench.monitor);
  bench.stream.remove_reader(bench.log);
  bench.host.bring_up();
  bench.drive.logs = false;
  const DmaRegion buffer = bench.host.memory(4096);
  bench.host.io_command(read_block(0, buffer));
  ASSERT_TRUE(allocation_guard_works());
  std::uint64_t caught = 0;
  for (std::uint32_t i = 1; i < 100; ++i) {
    spec::Sqe sqe = read_block(i, buffer);
    sqe.cid = static_cast<std::uint16_t>(i % 7);
    bench.host.place(bench.host.io, sqe);
    AllocationGuard guard;
    bench.host.ring(bench.host.io);
    {
      AllocationPause pause;
      bench.drive.work();
    }
    spec::Cqe cqe;
    bench.host.take(bench.host.io, cqe);
    bench.host.ring_head(1, bench.host.io.head.slot);
    caught += guard.count();
    EXPECT_EQ(cqe.dw0, i);
  }
  EXPECT_EQ(caught, 0u);
}

TEST(Interposed, follows_no_clock_that_goes_back) {
  Bench bench;
  bench.seam.read32(spec::offset::vs);
  bench.clock.time = Instant{5};
  bench.seam.read32(spec::offset::vs);
  EXPECT_EQ(bench.log.events.back().time, 1000u);
}

}  // namespace
}  // namespace phasebit::scenarios
