#include "hw/iova_space.hpp"

#include <gtest/gtest.h>

#include <array>

namespace phasebit::hw {
namespace {

constexpr std::uint64_t own_page = IovaSpace::page_bytes;
constexpr std::uint64_t whole = IovaSpace::end - IovaSpace::begin;

TEST(IovaSpace, hands_out_one_range_behind_the_other) {
  IovaSpace space;
  EXPECT_EQ(Iova{0x1'0000'0000}, space.take(own_page).value());
  EXPECT_EQ(Iova{0x1'0000'1000}, space.take(3 * own_page).value());
  EXPECT_EQ(Iova{0x1'0000'4000}, space.take(own_page).value());
}

TEST(IovaSpace, does_not_reuse_an_address_before_it_must) {
  IovaSpace space;
  auto first = space.take(own_page).value();
  space.give_back(first);
  EXPECT_EQ(first + own_page, space.take(own_page).value());
}

TEST(IovaSpace, can_be_taken_whole_and_then_is_full) {
  IovaSpace space;
  auto all = space.take(whole);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(Errc::no_space, space.take(own_page).error());
  space.give_back(*all);
  EXPECT_EQ(*all, space.take(whole).value());
}

TEST(IovaSpace, has_no_room_for_more_than_it_is) {
  IovaSpace space;
  EXPECT_EQ(Errc::no_space, space.take(whole + own_page).error());
  EXPECT_EQ(Errc::no_space, space.take(~0ull).error());
}

TEST(IovaSpace, wraps_round_to_the_first_gap_that_is_large_enough) {
  IovaSpace space;
  auto small = space.take(own_page).value();
  auto wall = space.take(own_page).value();
  auto large = space.take(4 * own_page).value();
  auto rest = space.take(whole - 6 * own_page).value();
  space.give_back(small);
  space.give_back(large);
  EXPECT_EQ(large, space.take(2 * own_page).value());
  EXPECT_EQ(large + 2 * own_page, space.take(2 * own_page).value());
  EXPECT_EQ(Errc::no_space, space.take(2 * own_page).error());
  EXPECT_EQ(small, space.take(own_page).value());
  EXPECT_EQ(Errc::no_space, space.take(own_page).error());
  space.give_back(wall);
  space.give_back(rest);
  EXPECT_EQ(rest, space.take(whole - 6 * own_page).value()) << "the gap that begins behind the range taken last";
}

TEST(IovaSpace, hands_out_what_is_allowed_and_steps_over_holes) {
  const std::array allowed{IovaRange{Iova{0x1'0000'0000}, Iova{0x1'0000'1fff}}, IovaRange{Iova{0x1'0000'3000}, Iova{0x1'0000'5fff}}};
  IovaSpace space(allowed);
  EXPECT_EQ(Iova{0x1'0000'0000}, space.take(own_page).value());
  EXPECT_EQ(Iova{0x1'0000'3000}, space.take(2 * own_page).value()) << "of the first range one own_page is left";
  EXPECT_EQ(Iova{0x1'0000'5000}, space.take(own_page).value());
  EXPECT_EQ(Iova{0x1'0000'1000}, space.take(own_page).value());
  EXPECT_EQ(Errc::no_space, space.take(own_page).error());
}

TEST(IovaSpace, uses_whole_pages_of_what_is_allowed) {
  const std::array allowed{IovaRange{Iova{0x1'0000'0001}, Iova{0x1'0000'2ffe}}};
  IovaSpace space(allowed);
  EXPECT_EQ(Iova{0x1'0000'1000}, space.take(own_page).value());
  EXPECT_EQ(Errc::no_space, space.take(own_page).error());
}

TEST(IovaSpace, goes_below_4_gib_and_beyond_2_to_the_38th_only_when_it_must) {
  // 39 bits with the hole of the interrupts, as Linux tells it of an IOMMU of Intel's.
  const std::array allowed{IovaRange{Iova{0}, Iova{0xfedf'ffff}}, IovaRange{Iova{0xfef0'0000}, Iova{0x7f'ffff'ffff}}};
  IovaSpace space(allowed);
  EXPECT_EQ(Iova{IovaSpace::begin}, space.take(whole).value());
  EXPECT_EQ(Iova{own_page}, space.take(0xfedf'f000).value()) << "all below the hole but the own_page at 0";
  EXPECT_EQ(Iova{0xfef0'0000}, space.take(0x110'0000).value());
  EXPECT_EQ(Iova{IovaSpace::end}, space.take(IovaSpace::end).value());
  EXPECT_EQ(Errc::no_space, space.take(own_page).error());
}

TEST(IovaSpace, serves_an_iommu_whose_addresses_are_all_elsewhere) {
  const std::array low{IovaRange{Iova{0x8000'0000}, Iova{0x8000'0fff}}};
  EXPECT_EQ(Iova{0x8000'0000}, IovaSpace(low).take(own_page).value());
  const std::array top{IovaRange{Iova{~0ull - 8191}, Iova{~0ull}}};
  IovaSpace space(top);
  EXPECT_EQ(Iova{~0ull - 8191}, space.take(own_page).value());
  EXPECT_EQ(Errc::no_space, space.take(own_page).error()) << "what ends there the kernel does not unmap";
  space.give_back(Iova{~0ull - 8191});
  EXPECT_EQ(Iova{~0ull - 8191}, space.take(own_page).value());
}

TEST(IovaSpace, of_nothing_is_full) {
  EXPECT_EQ(Errc::no_space, IovaSpace(std::span<const IovaRange>()).take(own_page).error());
}

}  // namespace
}  // namespace phasebit::hw
