#include "hw/iova_space.hpp"

#include <gtest/gtest.h>

namespace phasebit::hw {
namespace {

constexpr std::uint64_t page = IovaSpace::page_bytes;
constexpr std::uint64_t whole = IovaSpace::end - IovaSpace::begin;

TEST(IovaSpace, hands_out_one_range_behind_the_other) {
  IovaSpace space;
  EXPECT_EQ(Iova{0x1'0000'0000}, space.take(page).value());
  EXPECT_EQ(Iova{0x1'0000'1000}, space.take(3 * page).value());
  EXPECT_EQ(Iova{0x1'0000'4000}, space.take(page).value());
}

TEST(IovaSpace, does_not_reuse_an_address_before_it_must) {
  IovaSpace space;
  auto first = space.take(page).value();
  space.give_back(first);
  EXPECT_EQ(first + page, space.take(page).value());
}

TEST(IovaSpace, can_be_taken_whole_and_then_is_full) {
  IovaSpace space;
  auto all = space.take(whole);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(Errc::no_space, space.take(page).error());
  space.give_back(*all);
  EXPECT_EQ(*all, space.take(whole).value());
}

TEST(IovaSpace, has_no_room_for_more_than_it_is) {
  IovaSpace space;
  EXPECT_EQ(Errc::no_space, space.take(whole + page).error());
  EXPECT_EQ(Errc::no_space, space.take(~0ull).error());
}

TEST(IovaSpace, wraps_round_to_the_first_gap_that_is_large_enough) {
  IovaSpace space;
  auto small = space.take(page).value();
  auto wall = space.take(page).value();
  auto large = space.take(4 * page).value();
  auto rest = space.take(whole - 6 * page).value();
  space.give_back(small);
  space.give_back(large);
  EXPECT_EQ(large, space.take(2 * page).value());
  EXPECT_EQ(large + 2 * page, space.take(2 * page).value());
  EXPECT_EQ(Errc::no_space, space.take(2 * page).error());
  EXPECT_EQ(small, space.take(page).value());
  EXPECT_EQ(Errc::no_space, space.take(page).error());
  space.give_back(wall);
  space.give_back(rest);
  EXPECT_EQ(rest, space.take(whole - 6 * page).value()) << "the gap that begins behind the range taken last";
}

}  // namespace
}  // namespace phasebit::hw
