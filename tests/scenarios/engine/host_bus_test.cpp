#include "scenarios/engine/host_bus.hpp"

#include <gtest/gtest.h>

#include "scenarios/engine/world_stage.hpp"

namespace phasebit::scenarios {
namespace {

sim::WorldOptions small_world() {
  sim::WorldOptions options;
  options.host_memory_bytes = 1 << 20;
  return options;
}

struct Bench {
  explicit Bench(std::uint64_t seed) : bus(stage, seed, memory) {}

  /// What a driver takes within a guard.
  std::uint64_t caught() {
    const AllocationGuard guard;
    memory.deallocate(memory.allocate(64), 64);
    return guard.count();
  }

  sim::Region region = sim::Region::create(64 << 20).value();
  sim::WorldPointer world = sim::make_world(small_world(), region);
  WorldStage stage{*world};
  GuardedMemory memory{region.resource()};
  HostBus bus;
};

TEST(HostBus, tells_at_once_in_some_worlds_and_later_in_others_and_always_when_it_said) {
  std::uint32_t at_once = 0;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    Bench bench(seed);
    bench.world->remove(0);
    const Instant due = bench.bus.next_due();
    const bool late = due > bench.world->now();
    at_once += late ? 0 : 1;
    EXPECT_EQ(bench.bus.next_event().has_value(), !late);
    bench.world->run_until(due);
    EXPECT_EQ(bench.bus.next_event().has_value(), late);
    EXPECT_EQ(bench.bus.next_due(), never);
  }
  EXPECT_GT(at_once, 16u);
  EXPECT_LT(at_once, 48u);
}

TEST(HostBus, keeps_the_order_of_events) {
  Bench bench(1);
  bench.world->remove(0);
  bench.world->give_back(0);
  std::vector<BusEvent::Kind> told;
  while (bench.bus.next_due() != never) {
    bench.world->run_until(bench.bus.next_due());
    told.push_back(bench.bus.next_event()->kind);
  }
  EXPECT_EQ(told, (std::vector{BusEvent::Kind::removed, BusEvent::Kind::added}));
}

TEST(HostBus, catches_up_with_all_that_waits) {
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    Bench bench(seed);
    bench.world->remove(0);
    bench.world->give_back(0);
    (void)bench.bus.next_due();
    bench.bus.catch_up();
    EXPECT_TRUE(bench.bus.next_event());
    EXPECT_TRUE(bench.bus.next_event());
    EXPECT_FALSE(bench.bus.next_event());
  }
}

TEST(HostBus, opens_what_is_claimed_behind_the_guard) {
  Bench bench(1);
  const PciAddress address = bench.world->drive(0).address();
  EXPECT_EQ(bench.bus.open(address).error(), Errc::not_ready);
  ASSERT_TRUE(bench.bus.claim(address));
  EXPECT_EQ(bench.bus.open(address).value(), &bench.bus.backend(0));
}

TEST(HostBus, lets_a_driver_that_is_made_allocate_and_no_other) {
  Bench bench(1);
  const PciAddress address = bench.world->drive(0).address();
  ASSERT_TRUE(bench.bus.claim(address));
  EXPECT_EQ(bench.caught(), 1u);
  ASSERT_TRUE(bench.bus.open(address));
  EXPECT_EQ(bench.caught(), 0u);
  (void)bench.bus.next_event();
  EXPECT_EQ(bench.caught(), 1u);
  bench.bus.close(address);
  ASSERT_TRUE(bench.bus.open(address));
  bench.bus.close(address);
  EXPECT_EQ(bench.caught(), 1u);
}

}  // namespace
}  // namespace phasebit::scenarios
