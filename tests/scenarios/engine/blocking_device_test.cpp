#include "scenarios/engine/blocking_device.hpp"

#include <gtest/gtest.h>

#include "scenarios/engine/load.hpp"
#include "scenarios/engine/world_stage.hpp"
#include "sim/memory/region.hpp"

namespace phasebit::scenarios {
namespace {

/// What a write on such a drive may have to land whole.
std::uint32_t atomic_write_bytes(const std::string& rest) {
  const Checked<Scenario> scenario = decode_scenario("name: story\nabout: Something happens.\n" + rest, "s.yaml");
  EXPECT_TRUE(scenario) << to_string(scenario.error().front());
  auto region = sim::Region::create(256 << 20);
  sim::WorldOptions options;
  options.drives = scenario->drives;
  const sim::WorldPointer world = sim::make_world(options, *region);
  WorldStage stage(*world);
  Host host(stage, *scenario, 1, region->resource());
  host.attach_all();
  EXPECT_TRUE(host.run_until([&] { return host.is_settled(); }, Instant{seconds(10).ns}));
  return BlockingDevice(host, host.seat(0), Nsid{1}, 1).atomic_write_bytes();
}

TEST(BlockingDevice, takes_what_lands_whole_from_AWUPF) {
  EXPECT_EQ(atomic_write_bytes(""), 512u);
  EXPECT_EQ(atomic_write_bytes("drive: {atomic_blocks_power_fail: 4}\n"), 2048u);
  EXPECT_EQ(atomic_write_bytes("drive: {atomic_blocks_power_fail: 4, namespaces: [{blocks: 1k, block_bytes: 4k}]}\n"), 16384u);
}

TEST(BlockingDevice, promises_a_block_alone_where_the_driver_cuts_at_boundaries) {
  EXPECT_EQ(atomic_write_bytes("drive: {atomic_blocks_power_fail: 4, optimal_io_boundary_blocks: 64}\n"), 512u);
}

TEST(BlockingDevice, promises_no_more_than_surely_goes_into_one_command) {
  EXPECT_EQ(atomic_write_bytes("drive: {atomic_blocks_power_fail: 64, transfer_exponent_max: 2}\n"), 12288u);
  EXPECT_EQ(atomic_write_bytes("drive: {atomic_blocks_power_fail: 64}\ndriver: {transfer_bytes_max: 8k}\n"), 4096u);
  EXPECT_EQ(atomic_write_bytes("drive: {atomic_blocks_power_fail: 64}\ndriver: {transfer_bytes_max: 4k}\n"), 512u);
}

}  // namespace
}  // namespace phasebit::scenarios
