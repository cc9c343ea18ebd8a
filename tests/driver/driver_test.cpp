// A driver's whole life on a model drive.
#include "src/driver/driver.hpp"

#include <gtest/gtest.h>

#include "tests/support/driver_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::ModelDriveOptions;

TEST(Driver, attaches_writes_reads_and_detaches_in_good_order) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  ASSERT_EQ(bench.driver->namespaces().size(), 1u);
  EXPECT_EQ(bench.driver->namespaces()[0].blocks, 1024u);
  const ChannelId channel = bench.open_channel();
  const DmaRegion buffer = bench.drive.allocate_dma(512).value();
  std::memset(buffer.data, 0x5a, 512);
  const Operation write{.tag = 1, .opcode = spec::NvmOpcode::write, .lba = Lba{7}, .blocks = 1, .buffers = {&buffer, 1}};
  ASSERT_EQ(bench.driver->submit(channel, {&write, 1}, bench.now).accepted, 1u);
  ASSERT_TRUE(bench.run_until([&] { return bench.result_of(1).has_value(); }));
  EXPECT_EQ(bench.result_of(1)->outcome, Outcome::ok);
  std::memset(buffer.data, 0, 512);
  const Operation read{.tag = 2, .opcode = spec::NvmOpcode::read, .lba = Lba{7}, .blocks = 1, .buffers = {&buffer, 1}};
  ASSERT_EQ(bench.driver->submit(channel, {&read, 1}, bench.now).accepted, 1u);
  ASSERT_TRUE(bench.run_until([&] { return bench.result_of(2).has_value(); }));
  EXPECT_EQ(bench.result_of(2)->outcome, Outcome::ok);
  EXPECT_EQ(buffer.data[0], std::byte{0x5a});
  EXPECT_EQ(buffer.data[511], std::byte{0x5a});
  bench.driver->shutdown(Shutdown::orderly, bench.now);
  ASSERT_TRUE(bench.run_until_over());
  EXPECT_EQ(bench.driver->state(), State::detached);
  EXPECT_TRUE(bench.drive.queues.submissions.size() == 1 && bench.drive.queues.completions.size() == 1);
  EXPECT_FALSE(bench.drive.command().get(spec::pci::Command::bus_master));
  const auto complaints = bench.drive.all_complaints();
  EXPECT_TRUE(complaints.empty()) << complaints.front();
  bench.drive.free_dma(buffer);
}

}  // namespace
}  // namespace phasebit::driver
