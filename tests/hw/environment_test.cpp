#include "hw/environment.hpp"

#include <gtest/gtest.h>

#include "hw/clock.hpp"

namespace phasebit::hw {
namespace {

TEST(Environment, starts_with_ordinary_memory_anywhere_and_only_once) {
  {
    auto environment = Environment::start(Environment::Memory::ordinary);
    ASSERT_TRUE(environment.has_value()) << environment.error().why;
    EXPECT_EQ(Errc::busy, Environment::start(Environment::Memory::ordinary).error().error);
  }
  EXPECT_EQ(Errc::busy, Environment::start(Environment::Memory::ordinary).error().error);
}

TEST(Clock, never_runs_backwards) {
  Instant before = now();
  for (int i = 0; i < 1000; ++i) {
    Instant after = now();
    ASSERT_LE(before, after);
    before = after;
  }
}

}  // namespace
}  // namespace phasebit::hw
