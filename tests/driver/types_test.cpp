#include "src/driver/types.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

#include "src/driver/any_driver.hpp"
#include "src/driver/options.hpp"

namespace phasebit::driver {
namespace {

TEST(Statistics, every_counter_is_summed) {
  constexpr std::size_t counters = sizeof(Statistics) / sizeof(std::uint64_t);
  std::uint64_t ones[counters];
  for (std::uint64_t& value : ones) {
    value = 1;
  }
  Statistics sum;
  Statistics other;
  std::memcpy(&sum, ones, sizeof sum);
  std::memcpy(&other, ones, sizeof other);
  sum += other;
  std::uint64_t out[counters];
  std::memcpy(out, &sum, sizeof sum);
  for (std::size_t i = 0; i < counters; ++i) {
    EXPECT_EQ(out[i], 2u) << "counter " << i;
  }
}

template <class Enum>
void expect_distinct_names(int count) {
  std::set<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.insert(std::string(name(static_cast<Enum>(i))));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(names.count("unknown"), 0u);
  EXPECT_EQ(name(static_cast<Enum>(count)), "unknown");
}

TEST(Names, every_enumerator_has_its_own) {
  expect_distinct_names<Outcome>(7);
  expect_distinct_names<State>(7);
  expect_distinct_names<DriverEvent::Kind>(12);
}

TEST(OperationResult, is_small_enough_to_come_back_by_value) {
  EXPECT_EQ(sizeof(OperationResult), 16u);
}

}  // namespace
}  // namespace phasebit::driver
