#include "src/base/random.hpp"

#include <gtest/gtest.h>

namespace phasebit {
namespace {

// The published first outputs of SplitMix64 from seed 1234567.
TEST(Random, gives_the_published_sequence_of_splitmix64) {
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317ull);
  EXPECT_EQ(random.next(), 3203168211198807973ull);
  EXPECT_EQ(random.next(), 9817491932198370423ull);
}

TEST(Random, between_reaches_both_ends_and_nothing_else) {
  Random random(7);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 1000; ++i) {
    const auto value = random.between(3, 6);
    ASSERT_GE(value, 3u);
    ASSERT_LE(value, 6u);
    low |= value == 3;
    high |= value == 6;
  }
  EXPECT_TRUE(low && high);
}

TEST(Random, between_takes_the_whole_range_of_64_bits) {
  Random one(9);
  Random two(9);
  EXPECT_EQ(one.between(0, ~0ull), two.next());
}

TEST(Keyed, depends_on_every_key_and_on_their_order) {
  EXPECT_NE(keyed(1, 2, 3), keyed(1, 3, 2));
  EXPECT_NE(keyed(1, 2), keyed(1, 2, 0));
  EXPECT_NE(keyed(1, 2), keyed(2, 2));
  EXPECT_EQ(keyed(5, 6, 7), keyed(5, 6, 7));
}

}  // namespace
}  // namespace phasebit
