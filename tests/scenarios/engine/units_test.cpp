#include "scenarios/engine/units.hpp"

#include <gtest/gtest.h>

namespace phasebit::scenarios {
namespace {

TEST(Size, is_read_in_the_words_of_fio) {
  EXPECT_EQ(parse_size("512"), 512u);
  EXPECT_EQ(parse_size("0x200"), 512u);
  for (const char* text : {"4k", "4K", "4ki", "4kib", "4KiB"}) {
    EXPECT_EQ(parse_size(text), 4096u) << text;
  }
  EXPECT_EQ(parse_size("1m"), 1048576u);
  EXPECT_EQ(parse_size("3g"), 3221225472u);
  EXPECT_EQ(parse_size("16777215t"), 18446742974197923840u);
  for (const char* text : {"", "k", "4q", "4kb", "4 k", " 4k", "4k ", "-4k", "4.5k", "16777216t", "18446744073709551616"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Size, is_written_with_the_largest_unit_that_leaves_no_rest) {
  EXPECT_EQ(size_text(0), "0");
  EXPECT_EQ(size_text(512), "512");
  EXPECT_EQ(size_text(4096), "4k");
  EXPECT_EQ(size_text(4097), "4097");
  EXPECT_EQ(size_text(1ull << 40), "1t");
}

TEST(Time, needs_its_unit) {
  EXPECT_EQ(parse_duration("0"), Duration{0});
  EXPECT_EQ(parse_duration("7ns"), nanoseconds(7));
  EXPECT_EQ(parse_duration("500us"), microseconds(500));
  EXPECT_EQ(parse_duration("10ms"), milliseconds(10));
  EXPECT_EQ(parse_duration("2s"), seconds(2));
  EXPECT_EQ(parse_duration("3min"), seconds(180));
  for (const char* text : {"", "10", "ms", "10 ms", "1.5s", "-1s", "10MS", "18446744074s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Time, is_written_with_the_largest_unit_that_leaves_no_rest) {
  EXPECT_EQ(duration_text({0}), "0");
  EXPECT_EQ(duration_text(nanoseconds(1'500)), "1500ns");
  EXPECT_EQ(duration_text(microseconds(1'500)), "1500us");
  EXPECT_EQ(duration_text(seconds(60)), "1min");
}

TEST(Range, includes_both_ends) {
  EXPECT_EQ(parse_range("0..63"), (NumberRange{0, 63}));
  EXPECT_EQ(parse_range("0x10..0x1f"), (NumberRange{16, 31}));
  EXPECT_EQ(parse_range("7"), (NumberRange{7, 7}));
  for (const char* text : {"", "..", "1..", "..1", "5..4", "1..2..3", "a..b", "1...2"}) {
    EXPECT_EQ(parse_range(text), std::nullopt) << text;
  }
  EXPECT_EQ(range_text({7, 7}), "7");
  EXPECT_EQ(range_text({0, 63}), "0..63");
}

TEST(Seed, is_decimal_hexadecimal_or_a_folded_commit) {
  EXPECT_EQ(parse_seed("7"), 7u);
  EXPECT_EQ(parse_seed("0xff"), 255u);
  // 1111111111111111h ^ 2222222222222222h ^ 00000000deadbeefh, by hand.
  EXPECT_EQ(parse_seed("11111111111111112222222222222222deadbeef"), 0x33333333ed9e8ddcull);
  EXPECT_EQ(parse_seed("0000000000000000000000000000000000000000"), 0u);
  for (const char* text :
       {"", "x", "-1", "0x", "7 ", "1111111111111111222222222222222zdeadbeef", "18446744073709551616", "0x1ffffffffffffffff"}) {
    EXPECT_EQ(parse_seed(text), std::nullopt) << text;
  }
  EXPECT_EQ(seed_text(255), "0x00000000000000ff");
}

}  // namespace
}  // namespace phasebit::scenarios
