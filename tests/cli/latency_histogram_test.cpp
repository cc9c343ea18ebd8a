#include "src/cli/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "src/base/random.hpp"

namespace phasebit::cli {
namespace {

TEST(LatencyHistogram, of_nothing_is_zero) {
  const LatencyHistogram none;
  EXPECT_EQ(none.count(), 0u);
  EXPECT_EQ(none.min(), nanoseconds(0));
  EXPECT_EQ(none.mean(), nanoseconds(0));
  EXPECT_EQ(none.percentile(99, 100), nanoseconds(0));
}

TEST(LatencyHistogram, is_exact_for_what_it_does_not_round) {
  LatencyHistogram histogram;
  for (std::uint64_t ns = 1; ns <= 100; ++ns) {
    histogram.add(nanoseconds(ns));
  }
  EXPECT_EQ(histogram.min(), nanoseconds(1));
  EXPECT_EQ(histogram.max(), nanoseconds(100));
  EXPECT_EQ(histogram.mean(), nanoseconds(50));
  EXPECT_EQ(histogram.percentile(50, 100), nanoseconds(50));
  EXPECT_EQ(histogram.percentile(99, 100), nanoseconds(99));
  EXPECT_EQ(histogram.percentile(1, 1), nanoseconds(100));
}

TEST(LatencyHistogram, is_within_a_sixty_fourth_of_the_sorted_values) {
  Random random(7);
  std::vector<std::uint64_t> values;
  LatencyHistogram histogram;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(random.next() >> random.below(64));
    histogram.add(nanoseconds(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (const std::uint64_t parts : {1u, 10u, 250u, 500u, 900u, 990u, 999u, 1000u}) {
    const std::uint64_t exact = values[(values.size() * parts + 999) / 1000 - 1];
    const std::uint64_t told = histogram.percentile(parts, 1000).ns;
    EXPECT_GE(told, exact) << parts;
    EXPECT_LE(told - exact, exact / 64 + 1) << parts;
  }
}

TEST(LatencyHistogram, takes_the_longest_and_the_shortest_time_there_is) {
  LatencyHistogram histogram;
  histogram.add(Duration{0});
  histogram.add(Duration{~0ull});
  EXPECT_EQ(histogram.percentile(1, 2), Duration{0});
  EXPECT_EQ(histogram.percentile(1, 1), Duration{~0ull});
}

}  // namespace
}  // namespace phasebit::cli
