#include "tests/sim/controller/drive_bench.hpp"

namespace phasebit::sim {
namespace {

TEST(FirstLight, enables_identifies_makes_queues_writes_and_reads_back) {
  DriveBench bench;
  bench.enable();
  ASSERT_TRUE(bench.csts().get(spec::Csts::rdy));

  const HostPages identify = bench.pages(4096);
  ASSERT_EQ(bench.admin_status(DriveBench::with_data(spec::Identify{spec::Cns::controller}.sqe(), identify)), spec::Status{});
  EXPECT_EQ(std::memcmp(identify.bytes.data() + 4, "PHASEBIT0001        ", 20), 0);

  HostQueue queue = bench.create_queue_pair(1);
  const HostPages out = bench.pages(8192);
  const HostPages in = bench.pages(8192);
  DriveBench::fill(out.bytes, 'w');
  EXPECT_EQ(bench.perform(queue, DriveBench::with_data(spec::write(Nsid{1}, Lba{100}, 16), out)).status(), spec::Status{});
  EXPECT_EQ(bench.perform(queue, DriveBench::with_data(spec::read(Nsid{1}, Lba{100}, 16), in)).status(), spec::Status{});
  EXPECT_TRUE(std::ranges::equal(out.bytes, in.bytes));
  EXPECT_EQ(bench.interrupts.raised.back(), 1);
}

TEST(FirstLight, goes_round_small_rings_many_times) {
  DriveBench bench;
  bench.enable(2, 3);
  HostQueue queue = bench.create_queue_pair(1, 2);
  const HostPages data = bench.pages(512);
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(bench.perform(queue, DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data)).status(), spec::Status{}) << i;
  }
}

}  // namespace
}  // namespace phasebit::sim
