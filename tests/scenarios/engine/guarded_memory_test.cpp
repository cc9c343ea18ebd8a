// Memory that passes no malloc: what is taken of it within a guard is caught all the same.
#include "scenarios/engine/guarded_memory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory_resource>
#include <vector>

#include "scenarios/engine/host.hpp"
#include "scenarios/engine/world_stage.hpp"
#include "sim/memory/region.hpp"

namespace phasebit::scenarios {
namespace {

TEST(GuardedMemory, catches_what_grows_in_memory_of_its_own) {
  std::array<std::byte, 1024> bytes;
  std::pmr::monotonic_buffer_resource own(bytes.data(), bytes.size(), std::pmr::null_memory_resource());
  GuardedMemory memory(&own);
  std::pmr::vector<int> numbers(1, &memory);
  const AllocationGuard guard;
  numbers.push_back(1);
  EXPECT_EQ(guard.count(), 1u);
  memory.allow();
  numbers.resize(8);
  EXPECT_EQ(guard.count(), 1u) << "a driver is being made";
  memory.forbid();
  numbers.resize(32);
  EXPECT_EQ(guard.count(), 2u);
}

TEST(GuardedMemory, counts_once_what_comes_from_malloc) {
  GuardedMemory memory(std::pmr::new_delete_resource());
  const AllocationGuard guard;
  const std::pmr::vector<int> numbers(100, &memory);
  EXPECT_EQ(guard.count(), 1u);
}

TEST(GuardedMemory, counts_nothing_where_nothing_is_promised) {
  GuardedMemory memory(std::pmr::new_delete_resource());
  const AllocationGuard guard;
  const AllocationPause pause;
  const std::pmr::vector<int> numbers(100, &memory);
  EXPECT_EQ(guard.count(), 0u);
}

TEST(GuardedMemory, lets_a_host_take_up_drives_and_catches_nothing_of_a_driver_that_keeps_its_promise) {
  sim::Region region = sim::Region::create(64 << 20).value();
  sim::WorldOptions options;
  options.host_memory_bytes = 4 << 20;
  const sim::WorldPointer world = sim::make_world(options, region);
  WorldStage stage(*world);
  Scenario scenario;
  Host host(stage, scenario, 1, std::pmr::new_delete_resource());
  host.attach_all();
  ASSERT_TRUE(host.run_until([&] { return host.is_settled(); }, stage.now() + seconds(10)));
  ASSERT_TRUE(host.seat(0).is_ready());
  world->remove(0);
  world->give_back(0);
  const auto is_back = [&] { return host.seat(0).attachment() == 2 && host.seat(0).is_ready(); };
  ASSERT_TRUE(host.run_until(is_back, stage.now() + seconds(10))) << "found within a poll";
  host.shut_down(driver::Shutdown::orderly);
  EXPECT_TRUE(host.run_until([&] { return host.is_detached(); }, stage.now() + seconds(10)));
  EXPECT_EQ(host.allocations(), 0u);
}

}  // namespace
}  // namespace phasebit::scenarios
