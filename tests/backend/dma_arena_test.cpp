#include "src/backend/dma_arena.hpp"

#include <gtest/gtest.h>

#include <array>

namespace phasebit {
namespace {

class DmaArenaOfFourPages : public ::testing::Test {
 protected:
  alignas(4096) std::array<std::byte, std::size_t{4} * 4096> memory_{};
  DmaArena arena_{DmaRegion{memory_.data(), memory_.size(), Iova{0x10'0000}}};
};

TEST_F(DmaArenaOfFourPages, gives_out_whole_pages_that_lie_the_same_way_for_host_and_device) {
  const DmaRegion first = arena_.take(1).value();
  const DmaRegion second = arena_.take(4097).value();
  const DmaRegion third = arena_.take(4096).value();
  EXPECT_EQ(first.bytes, 1u);
  EXPECT_EQ(second.bytes, 4097u);
  EXPECT_EQ(first.data, memory_.data());
  EXPECT_EQ(second.iova, Iova{0x10'1000});
  EXPECT_EQ(third.iova - second.iova, static_cast<std::uint64_t>(third.data - second.data));
  EXPECT_EQ(third.iova, Iova{0x10'3000});
  EXPECT_EQ(arena_.take(1).error(), Errc::out_of_memory);
}

TEST_F(DmaArenaOfFourPages, uses_a_gap_again_zeroed) {
  const DmaRegion first = arena_.take(4096).value();
  const DmaRegion second = arena_.take(8192).value();
  (void)arena_.take(4096).value();
  second.data[8191] = std::byte{5};
  arena_.give_back(second);
  EXPECT_EQ(arena_.take(8193).error(), Errc::out_of_memory);
  const DmaRegion again = arena_.take(8192).value();
  EXPECT_EQ(again.iova, second.iova);
  EXPECT_EQ(again.data[8191], std::byte{0});
  arena_.give_back(first);
  EXPECT_EQ(arena_.take(100).value().iova, first.iova);
}

TEST_F(DmaArenaOfFourPages, refuses_nothing_and_more_than_there_is) {
  EXPECT_EQ(arena_.take(0).error(), Errc::invalid_argument);
  EXPECT_EQ(arena_.take(4ull * 4096 + 1).error(), Errc::out_of_memory);
  EXPECT_EQ(arena_.take(~0ull).error(), Errc::out_of_memory);
  EXPECT_EQ(DmaArena().take(1).error(), Errc::out_of_memory);
  EXPECT_TRUE(arena_.take(4ull * 4096).has_value());
}

}  // namespace
}  // namespace phasebit
