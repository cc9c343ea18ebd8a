#include <gtest/gtest.h>

#include <cstring>

#include "src/base/assert.hpp"
#include "src/base/error.hpp"
#include "src/base/little_endian.hpp"
#include "src/base/ring_index.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"

namespace phasebit {
namespace {

TEST(LittleEndian, lies_in_memory_least_significant_byte_first) {
  const Le32 value = 0x11223344u;
  unsigned char bytes[4];
  std::memcpy(bytes, &value, 4);
  EXPECT_EQ(bytes[0], 0x44);
  EXPECT_EQ(bytes[3], 0x11);
  EXPECT_EQ(value.get(), 0x11223344u);
}

TEST(Instant, saturates_at_never) {
  EXPECT_EQ(never + seconds(1), never);
  EXPECT_EQ((Instant{5} - Instant{7}).ns, 0u);
  EXPECT_EQ(Instant{5} + nanoseconds(2), Instant{7});
}

TEST(PhasedIndex, flips_its_phase_at_each_wrap_and_only_there) {
  for (std::uint32_t entries : {2u, 3u, 7u, 65536u}) {
    PhasedIndex head;
    for (std::uint64_t n = 0; n < 3ull * entries; ++n) {
      EXPECT_EQ(head.slot, n % entries);
      EXPECT_EQ(head.phase, (n / entries) % 2 == 0);
      head.advance(entries);
    }
  }
}

TEST(SlotDistance, counts_forward_round_the_ring) {
  EXPECT_EQ(slot_distance(5, 5, 8), 0u);
  EXPECT_EQ(slot_distance(6, 1, 8), 3u);
  EXPECT_EQ(slot_distance(1, 6, 8), 5u);
}

TEST(Result, carries_an_error_with_a_name) {
  const Result<int> result = fail(Errc::queue_full);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(name(result.error()), "queue_full");
}

TEST(Iova, differs_by_bytes) {
  EXPECT_EQ(Iova{0x1000} + 16, Iova{0x1010});
  EXPECT_EQ(Iova{0x1010} - Iova{0x1000}, 16u);
}

TEST(AssertionDeathTest, names_the_promise_and_its_place) {
  EXPECT_DEATH(PHASEBIT_ASSERT(1 + 1 == 3), "1 \\+ 1 == 3.*base_test.cpp");
}

}  // namespace
}  // namespace phasebit
