#include <gtest/gtest.h>

#include "bench/cycles.hpp"
#include "bench/driver_rig.hpp"
#include "bench/pair_rig.hpp"
#include "scenarios/engine/allocation_guard/allocation_guard.hpp"

namespace phasebit::bench {
namespace {

template <class Rig>
class Rigs : public testing::Test {};
using BothRigs = testing::Types<PairRig, DriverRig>;
TYPED_TEST_SUITE(Rigs, BothRigs);

TYPED_TEST(Rigs, brings_every_read_back_over_many_wraps_of_both_rings) {
  for (const std::uint32_t transfer_bytes : {512u, 4096u, 131072u}) {
    TypeParam rig(transfer_bytes, 7);
    for (int round = 0; round < 1000; ++round) {
      rig.submit();
      EXPECT_EQ(rig.reap(), 0u);
      rig.device();
      ASSERT_EQ(rig.reap(), 7u);
      ASSERT_EQ(rig.reap(), 0u);
    }
  }
}

TYPED_TEST(Rigs, allocates_nothing_between_submit_and_reap) {
  ASSERT_TRUE(scenarios::allocation_guard_works());
  TypeParam rig(131072, 32);
  const scenarios::AllocationGuard guard;
  for (int round = 0; round < 100; ++round) {
    rig.submit();
    rig.device();
    rig.reap();
  }
  EXPECT_EQ(guard.count(), 0u);
}

TEST(Cycles, go_on) {
  const std::uint64_t before = cycles();
  EXPECT_GT(ns_per_cycle(), 0.0);
  EXPECT_GT(cycles(), before);
}

}  // namespace
}  // namespace phasebit::bench
