#include "scenarios/engine/yaml_document.hpp"

#include <gtest/gtest.h>

#include <string>

namespace phasebit::scenarios {
namespace {

struct Row {
  const char* word;
  const char* json;  ///< what it is, as JSON; nullptr if it is refused
};

// Typed by hand from scalar.hpp's table; each word stands unquoted in a file.
constexpr Row scalars[] = {
    {"0", "0"},
    {"8", "8"},
    {"42", "42"},
    {"-7", "-7"},
    {"0x2A", "42"},
    {"0xffffffffffffffff", "18446744073709551615"},
    {"18446744073709551615", "18446744073709551615"},
    {"18446744073709551616", nullptr},
    {"0x10000000000000000", nullptr},
    {"-9223372036854775809", nullptr},
    {"true", "true"},
    {"false", "false"},
    {"True", nullptr},
    {"FALSE", nullptr},
    {"yes", nullptr},
    {"Yes", nullptr},
    {"no", nullptr},
    {"NO", nullptr},
    {"on", nullptr},
    {"off", nullptr},
    {"y", nullptr},
    {"N", nullptr},
    {"~", nullptr},
    {"null", nullptr},
    {"Null", nullptr},
    {"", nullptr},
    {"010", nullptr},
    {"00", nullptr},
    {"-0", nullptr},
    {"0o17", nullptr},
    {"0b101", nullptr},
    {"0x", nullptr},
    {"0xg", nullptr},
    {"1_000", nullptr},
    {"1,000", nullptr},
    {".5", nullptr},
    {"5.", nullptr},
    {"1e3", nullptr},
    {"1.5e3", nullptr},
    {"+1", nullptr},
    {"-", nullptr},
    {".inf", nullptr},
    {".nan", nullptr},
    {"12:30:45", nullptr},
    {"2001-12-14", nullptr},
    {"04k", nullptr},
    {"4k", "\"4k\""},
    {"10ms", "\"10ms\""},
    {"0..63", "\"0..63\""},
    {"0x10..0x1F", "\"0x10..0x1F\""},
    {"4k..64k", "\"4k..64k\""},
    {"4k..", nullptr},
    {"010..20", nullptr},
    {"1..", nullptr},
    {"1.4", "\"1.4\""},
    {"2.0.1", "\"2.0.1\""},
    {"01.4", nullptr},
    {"0000:01:00.0", "\"0000:01:00.0\""},
    {"0000:zz:00.0", nullptr},
    {"randrw", "\"randrw\""},
    {"surprise-removal", "\"surprise-removal\""},
    {"\"no\"", "\"no\""},
    {"'010'", "\"010\""},
    {"\"\"", "\"\""},
    {"\"a\\tb\"", "\"a\\tb\""},
};

TEST(PlainScalar, means_what_the_table_says) {
  for (const Row& row : scalars) {
    const Checked<Document> document = read_yaml(std::string("k: ") + row.word + "\n", "x.yaml");
    if (row.json == nullptr) {
      EXPECT_FALSE(document) << row.word << " was read as " << document->tree.dump();
    } else {
      ASSERT_TRUE(document) << row.word << ": " << to_string(document.error()[0]);
      EXPECT_EQ(document->tree["k"].dump(), row.json) << row.word;
    }
  }
}

std::string complaint(std::string_view text) {
  const Checked<Document> document = read_yaml(text, "x.yaml");
  return document ? "none" : to_string(document.error().at(0));
}

TEST(YamlDocument, knows_the_place_of_every_value_and_key) {
  const Checked<Document> document = read_yaml("a: 1\nb:\n  - c/d: x\n    e: [7, 8]\n", "x.yaml");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->tree.dump(), R"({"a":1,"b":[{"c/d":"x","e":[7,8]}]})");
  EXPECT_EQ(document->place("/b/0/c~1d").line, 3u);
  EXPECT_EQ(document->place("/b/0/c~1d").column, 10u);
  EXPECT_EQ(document->key_place("/b/0/c~1d").column, 5u);
  EXPECT_EQ(document->place("/b/0/e/1").line, 4u);
  EXPECT_EQ(document->place("/b/0/e/1").column, 12u);
  EXPECT_EQ(document->place("/b/0/absent").line, 3u);
}

TEST(YamlDocument, keeps_the_order_of_keys) {
  EXPECT_EQ(read_yaml("z: 1\na: 2\nm: 3\n", "x")->tree.dump(), R"({"z":1,"a":2,"m":3})");
}

TEST(YamlDocument, reads_windows_line_ends_and_a_byte_order_mark) {
  EXPECT_EQ(read_yaml("\xef\xbb\xbf"
                      "a: 1\r\nb: two\r\n",
                      "x")
                ->tree.dump(),
            R"({"a":1,"b":"two"})");
}

TEST(YamlDocument, refuses_a_duplicate_key_and_names_the_first) {
  EXPECT_EQ(complaint("a: 1\nb: 2\na: 3\n"), "x.yaml:3:1: key \"a\" is written twice; the first is on line 1");
  EXPECT_EQ(complaint("l:\n  - {k: 1, k: 2}\n"), "x.yaml:2:12: key \"k\" is written twice; the first is on line 2");
}

TEST(YamlDocument, refuses_anchors_aliases_and_tags_with_their_place) {
  EXPECT_EQ(complaint("a: &x 1\nb: *x\n").substr(0, 20), "x.yaml:1:4: anchors ");
  EXPECT_EQ(complaint("a: &x [1]\n").substr(0, 20), "x.yaml:1:4: anchors ");
  EXPECT_EQ(complaint("a: &x\nb: 1\n").substr(0, 20), "x.yaml:1:4: anchors ");
  EXPECT_EQ(complaint("a: [*y]\n"), "x.yaml:1:5: aliases (*name) are not read; write the value out");
  EXPECT_EQ(complaint("a: !!str 5\n").substr(0, 17), "x.yaml:1:4: tags ");
  EXPECT_EQ(complaint("a: !!map {}\n").substr(0, 17), "x.yaml:1:4: tags ");
}

TEST(YamlDocument, refuses_missing_values_at_their_key) {
  EXPECT_EQ(complaint("a: 1\nb:\nc: 2\n").substr(0, 23), "x.yaml:2:1: a value is ");
  EXPECT_EQ(complaint("a: [1, ~]\n").substr(0, 23), "x.yaml:1:8: a value is ");
}

TEST(YamlDocument, refuses_more_than_one_document) {
  EXPECT_EQ(complaint("---\na: 1\n---\nb: 2\n").substr(0, 20), "x.yaml:3:1: a second");
  EXPECT_EQ(complaint("---\na: 1\n"), "none");
}

TEST(YamlDocument, refuses_empty_and_binary_texts) {
  EXPECT_EQ(complaint("").substr(0, 16), "x.yaml: is empty");
  EXPECT_EQ(complaint("# only a comment\n").substr(0, 16), "x.yaml: is empty");
  EXPECT_EQ(complaint(std::string_view("a: \0b\n", 6)).substr(0, 27), "x.yaml:1:4: byte 00h is no ");
  EXPECT_EQ(complaint("\x7f"
                      "ELF\x02")
                .substr(0, 27),
            "x.yaml:1:1: byte 7fh is no ");
  EXPECT_EQ(complaint("a: 1\nb: \xff\xfe\n").substr(0, 27), "x.yaml:2:4: byte ffh is no ");
}

TEST(YamlDocument, refuses_byte_sequences_that_only_look_like_utf_8) {
  for (const char* bytes :
       {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80", "\xf0\x80\x80\x80"}) {
    EXPECT_NE(complaint(std::string("a: ") + bytes + "\n").find("is no UTF-8"), std::string::npos);
  }
  EXPECT_EQ(complaint("a: \xc2\xb5s \xe2\x82\xac \xf0\x9f\x98\x80\n"), "none");
}

TEST(YamlDocument, refuses_more_than_a_mebibyte) {
  const std::string comment = "#" + std::string(1 << 20, 'x');
  EXPECT_NE(complaint("a: 1\n" + comment).find("larger than 1048576 bytes"), std::string::npos);
}

TEST(YamlDocument, refuses_deep_nesting_in_every_notation_before_a_stack_could_end) {
  std::string blocks;
  for (std::size_t depth = 0; depth < 1000; ++depth) {
    blocks += std::string(depth, ' ') + "a:\n";
  }
  std::string dashes, questions, brackets, braces, mixed;
  for (int i = 0; i < 300'000; ++i) {
    dashes += "- ";
    questions += "? ";
    brackets += "[";
    braces += "{a: ";
    mixed += "[{a: [\n";
  }
  for (const std::string& text : {blocks, dashes, questions, brackets, braces, mixed}) {
    EXPECT_NE(complaint(text.substr(0, 1 << 20)).find("nested too deeply"), std::string::npos) << text.substr(0, 20);
  }
}

TEST(YamlDocument, reads_exactly_thirty_two_levels) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + "1" + std::string(levels, ']'); };
  EXPECT_EQ(complaint(nested(32)), "none");
  EXPECT_NE(complaint(nested(33)).find("nested too deeply"), std::string::npos);
}

TEST(YamlDocument, refuses_keys_that_are_no_words) {
  EXPECT_NE(complaint("? [a]\n: 1\n").find("a key must be a word"), std::string::npos);
}

TEST(YamlDocument, says_where_the_syntax_breaks) {
  EXPECT_EQ(complaint("a: 1\nb: [1, 2\n").substr(0, 9), "x.yaml:2:");
  EXPECT_EQ(complaint("a: 1\nb: \"open\n").substr(0, 9), "x.yaml:3:");
}

TEST(NearestSpelling, offers_a_word_only_if_it_could_be_meant) {
  EXPECT_EQ(nearest_spelling("workloda", {"workload", "faults"}), "workload");
  EXPECT_EQ(nearest_spelling("iodept", {"iodepth", "bs"}), "iodepth");
  EXPECT_EQ(nearest_spelling("zebra", {"workload", "faults"}), "");
  EXPECT_EQ(nearest_spelling(std::string(100'000, 'x'), {"workload"}), "");
}

}  // namespace
}  // namespace phasebit::scenarios
