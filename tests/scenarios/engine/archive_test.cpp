#include <gtest/gtest.h>

#include "scenarios/engine/reader.hpp"
#include "scenarios/engine/schema_writer.hpp"
#include "scenarios/engine/writer.hpp"

namespace phasebit::scenarios {
namespace {

enum class Color { red, green };
constexpr Named<Color> colors[] = {{"red", Color::red}, {"green", Color::green}};

struct Wheel {
  std::uint16_t spokes = 32;
  Lba lba{0};
};
struct Cart {
  std::string name;
  Color color = Color::red;
  bool loaded = false;
  std::uint64_t bytes = 0;
  Duration wait{0};
  std::optional<std::uint32_t> limit;
  std::optional<Wheel> spare;
  std::vector<Wheel> wheels;
  std::vector<std::uint8_t> teeth;
};

template <class Archive>
void fields(Archive& archive, Wheel& wheel) {
  archive.field("spokes", wheel.spokes, Whole{1, 100});
  archive.field("lba", wheel.lba, Whole{});
}

template <class Archive>
void fields(Archive& archive, Cart& cart) {
  archive.must("name", cart.name, Text{1, 20, true});
  archive.field("color", cart.color, Choice<Color>{colors}, "what it looks like");
  archive.field("loaded", cart.loaded, Truth{});
  archive.field("bytes", cart.bytes, Size{0, 1 << 20});
  archive.field("wait", cart.wait, Time{nanoseconds(0), seconds(1)});
  archive.field("limit", cart.limit, Whole{});
  archive.section("spare", cart.spare);
  archive.one_or_many("wheel", "wheels", cart.wheels, Counts{0, 3});
  archive.words("teeth", cart.teeth, Whole{}, Counts{1, 4});
}

struct Outcome {
  Cart cart;
  std::vector<std::string> complaints;
};

Outcome read(std::string_view text) {
  Outcome outcome;
  const Checked<Document> document = read_yaml(text, "cart.yaml");
  EXPECT_TRUE(document) << to_string(document.error()[0]);
  Diagnostics complaints;
  {
    Reader reader(*document, "", complaints);
    fields(reader, outcome.cart);
  }
  for (const Diagnostic& complaint : complaints) {
    outcome.complaints.push_back(to_string(complaint));
  }
  return outcome;
}

constexpr char whole_cart[] =
    "name: hay\ncolor: green\nloaded: true\nbytes: 4k\nwait: 10ms\nlimit: 9\nspare: {lba: 0x10}\nwheels:\n  - spokes: 8\n  - {}\nteeth: "
    "[1, 2]\n";

std::vector<std::string> one(const char* complaint) {
  return {complaint};
}

TEST(Reader, reads_every_kind_of_field) {
  const Outcome outcome = read(whole_cart);
  EXPECT_EQ(outcome.complaints, std::vector<std::string>{});
  EXPECT_EQ(outcome.cart.name, "hay");
  EXPECT_EQ(outcome.cart.color, Color::green);
  EXPECT_TRUE(outcome.cart.loaded);
  EXPECT_EQ(outcome.cart.bytes, 4096u);
  EXPECT_EQ(outcome.cart.wait, milliseconds(10));
  EXPECT_EQ(outcome.cart.limit, 9u);
  EXPECT_EQ(outcome.cart.spare->lba, Lba{16});
  ASSERT_EQ(outcome.cart.wheels.size(), 2u);
  EXPECT_EQ(outcome.cart.wheels[0].spokes, 8u);
  EXPECT_EQ(outcome.cart.wheels[1].spokes, 32u);
  EXPECT_EQ(outcome.cart.teeth, (std::vector<std::uint8_t>{1, 2}));
}

TEST(Reader, says_where_and_what_would_be_right) {
  EXPECT_EQ(read("name: hay\ncolor: blue\n").complaints, one("cart.yaml:2:8: color is \"blue\"; write one of red, green"));
  EXPECT_EQ(read("name: hay\nloaded: 1\n").complaints, one("cart.yaml:2:9: loaded is 1; write true or false"));
  EXPECT_EQ(read("name: hay\nbytes: 4q\n").complaints, one("cart.yaml:2:8: bytes is \"4q\"; write bytes as 4096 or 4k, from 0 to 1m"));
  EXPECT_EQ(read("name: hay\nbytes: 2m\n").complaints, one("cart.yaml:2:8: bytes is \"2m\"; write bytes as 4096 or 4k, from 0 to 1m"));
  EXPECT_EQ(read("name: hay\nwait: 10\n").complaints,
            one("cart.yaml:2:7: wait is 10; write a time with its unit as 500us, 10ms or 2s, at most 1s"));
  EXPECT_EQ(read("name: Hay\n").complaints,
            one("cart.yaml:1:7: name is \"Hay\"; write a word of lower case letters, digits and dashes of 1 to 20 bytes"));
  EXPECT_EQ(read("name: hay\nwheel: 5\n").complaints, one("cart.yaml:2:8: must be a mapping, lines of `key: value`"));
  EXPECT_EQ(read("name: hay\nteeth: 5\n").complaints, one("cart.yaml:2:8: teeth is 5; write a list, one entry per `- `"));
  EXPECT_EQ(read("name: hay\nteeth: []\n").complaints, one("cart.yaml:2:8: teeth has 0 entries; write 1 to 4"));
  EXPECT_EQ(read("name: hay\nteeth: [1, 256]\n").complaints,
            one("cart.yaml:2:12: 256 in teeth; write a whole number from 0 to 18446744073709551615"));
  EXPECT_EQ(read("name: hay\nwheel: {spokes: 101}\n").complaints, one("cart.yaml:2:17: spokes is 101; write a whole number from 1 to 100"));
  EXPECT_EQ(read("color: red\n").complaints,
            one("cart.yaml:1:1: name is missing; write a word of lower case letters, digits and dashes of 1 to 20 bytes"));
  EXPECT_EQ(read("[name]\n").complaints, one("cart.yaml:1:1: must be a mapping, lines of `key: value`"));
}

TEST(Reader, offers_the_nearest_spelling_for_an_unknown_key) {
  EXPECT_EQ(read("name: hay\ncolour: red\n").complaints, one("cart.yaml:2:1: unknown key \"colour\"; did you mean \"color\"?"));
  EXPECT_EQ(read("name: hay\nspare:\n  zebra: 1\n").complaints, one("cart.yaml:3:3: unknown key \"zebra\"; known here: spokes, lba"));
}

TEST(Reader, refuses_one_and_many_together) {
  EXPECT_EQ(read("name: hay\nwheel: {}\nwheels: []\n").complaints,
            one("cart.yaml:3:1: both wheel and wheels are given; write one of them"));
}

TEST(Reader, finds_everything_that_is_wrong_in_one_reading) {
  EXPECT_EQ(read("nam: hay\ncolor: 1\nwheels: [{spoke: 1}, 7]\n").complaints.size(), 5u);
}

TEST(Writer, writes_what_the_reader_reads_back_to_the_same_tree) {
  Json tree = Writer::write(read(whole_cart).cart);
  EXPECT_EQ(tree.dump(),
            R"({"name":"hay","color":"green","loaded":true,"bytes":"4k","wait":"10ms","limit":9,"spare":{"spokes":32,"lba":16},)"
            R"("wheels":[{"spokes":8,"lba":0},{"spokes":32,"lba":0}],"teeth":[1,2]})");
  const Checked<Document> again = read_yaml(yaml_text(tree), "again");
  ASSERT_TRUE(again) << yaml_text(tree);
  EXPECT_EQ(again->tree, tree) << yaml_text(tree);
  EXPECT_EQ(Writer::write(read(yaml_text(tree)).cart), tree);
}

TEST(YamlText, quotes_every_word_that_could_be_read_as_something_else) {
  const Json tree = {
      {"a", "no"},  {"b", "010"}, {"c", "plain"}, {"d", ""},      {"e", "a: b"}, {"f", "# no comment"}, {"g", "line\nend\t\"q\""},
      {"h", "1.4"}, {"i", "4k"},  {"j", "~"},     {"k", "0x1"},   {"l", "- x"},  {"m", "true"},         {"n", "[x]"},
      {"o", "é"},   {"p", 5},     {"q", true},    {"r y", "key"}, {"yes", "key"}};
  const Checked<Document> again = read_yaml(yaml_text(tree), "again");
  ASSERT_TRUE(again) << yaml_text(tree);
  EXPECT_EQ(again->tree, tree) << yaml_text(tree);
  EXPECT_NE(yaml_text(tree).find("c: plain\n"), std::string::npos);
  EXPECT_NE(yaml_text(tree).find("h: \"1.4\"\n"), std::string::npos);
}

TEST(SchemaWriter, describes_every_key_and_forbids_others) {
  const Json schema = SchemaWriter::write<Cart>();
  EXPECT_EQ(schema["required"].dump(), R"(["name"])");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["color"].dump(), R"({"description":"what it looks like","enum":["red","green"]})");
  EXPECT_EQ(schema["properties"]["wheels"]["items"]["properties"]["spokes"].dump(), R"({"type":"integer","minimum":1,"maximum":100})");
  EXPECT_EQ(schema["properties"]["teeth"]["maxItems"], 4);
  EXPECT_EQ(schema["properties"].size(), 10u);
}

}  // namespace
}  // namespace phasebit::scenarios
