#include "hw/processor_set.hpp"

#include <gtest/gtest.h>

namespace phasebit::hw {
namespace {

TEST(ProcessorSet, is_a_list_of_numbers_and_ranges) {
  EXPECT_EQ((ProcessorSet{0}), parse_processor_list("0"));
  EXPECT_EQ((ProcessorSet{0, 2, 3, 4}), parse_processor_list("2-4,0"));
  EXPECT_EQ((ProcessorSet{1, 2}), parse_processor_list("1-2,2,1-1"));
  EXPECT_EQ((ProcessorSet{1023}), parse_processor_list("1023"));
}

TEST(ProcessorSet, is_a_mask_with_or_without_its_prefix) {
  EXPECT_EQ((ProcessorSet{0, 2, 3}), parse_processor_mask("0xd"));
  EXPECT_EQ((ProcessorSet{0, 2, 3}), parse_processor_mask("D"));
  EXPECT_EQ((ProcessorSet{4, 64}), parse_processor_mask("0X00010000000000000010"));
  EXPECT_EQ((ProcessorSet{1023}), parse_processor_mask("8" + std::string(255, '0')));
}

TEST(ProcessorSet, refuses_what_is_no_list) {
  for (const char* text : {"",    " ",   ",",  "0,", ",0", "0,,1",    "1-0",   "1-",   "-1",     "0-1-2",         "a",
                           "0x1", "0 1", " 0", "0 ", "+1", "(0-1)@0", "[0,1]", "1024", "0-1024", "0-99999999999", "99999999999999999999"}) {
    EXPECT_EQ(std::nullopt, parse_processor_list(text)) << text;
  }
}

TEST(ProcessorSet, refuses_what_is_no_mask) {
  for (const std::string& text :
       {std::string(), std::string("0"), std::string("0x"), std::string("0x0"), std::string("g"), std::string("0x1g"), std::string(" 1"),
        std::string("-1"), std::string("0x0x1"), "1" + std::string(256, '0')}) {
    EXPECT_EQ(std::nullopt, parse_processor_mask(text)) << text;
  }
}

TEST(ProcessorSet, is_written_as_a_list_in_order) {
  EXPECT_EQ("0,2,3", processor_list({3, 0, 2}));
  EXPECT_EQ("", processor_list({}));
}

}  // namespace
}  // namespace phasebit::hw
