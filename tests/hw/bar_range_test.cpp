#include "hw/bar_range.hpp"

#include <gtest/gtest.h>

namespace phasebit::hw {
namespace {

constexpr std::uint64_t bar_page = bar_page_bytes;

TEST(BarRange, that_lies_within_its_bar_is_taken_up_to_the_last_page) {
  EXPECT_EQ(refusal_of({2, 0, 16 * bar_page}, 16 * bar_page), std::nullopt);
  EXPECT_EQ(refusal_of({2, 15 * bar_page, bar_page}, 16 * bar_page), std::nullopt);
}

TEST(BarRange, that_reaches_beyond_its_bar_is_refused_however_large_its_numbers_are) {
  for (const BarRange& range :
       {BarRange{2, 0, 17 * bar_page}, BarRange{2, 15 * bar_page, 2 * bar_page}, BarRange{2, 16 * bar_page, bar_page},
        BarRange{2, 17 * bar_page, bar_page}, BarRange{2, ~0ull - bar_page + 1, bar_page}, BarRange{2, bar_page, ~0ull - bar_page + 1}}) {
    EXPECT_EQ(refusal_of(range, 16 * bar_page), Errc::out_of_range) << range.offset << " " << range.bytes;
  }
}

TEST(BarRange, of_no_bytes_or_of_parts_of_pages_is_refused) {
  EXPECT_EQ(refusal_of({2, bar_page, 0}, 16 * bar_page), Errc::out_of_range);
  EXPECT_EQ(refusal_of({2, 512, bar_page}, 16 * bar_page), Errc::misaligned);
  EXPECT_EQ(refusal_of({2, 0, bar_page + 512}, 16 * bar_page), Errc::misaligned);
}

}  // namespace
}  // namespace phasebit::hw
