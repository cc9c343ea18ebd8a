#include "src/spec/bits.hpp"

#include <gtest/gtest.h>

#include "src/spec/registers.hpp"

namespace phasebit::spec {
namespace {

template <class Word, class AnyField>
concept Readable = requires(Word word, AnyField field) { word.get(field); };
template <class Word, class AnyField, class Value>
concept Writable = requires(Word word, AnyField field, Value value) { word.set(field, value); };

TEST(Bits, a_field_of_another_word_does_not_compile) {
  static_assert(Readable<Cap, decltype(Cap::mqes)>);
  static_assert(!Readable<Cap, decltype(Cc::en)>);
  static_assert(!Readable<Csts, decltype(Cc::en)>);
  static_assert(Writable<Cc, decltype(Cc::en), bool>);
  static_assert(!Writable<Cc, decltype(Csts::rdy), bool>);
}

TEST(Bits, a_value_of_another_enumeration_does_not_compile) {
  static_assert(Writable<Cc, decltype(Cc::shn), Shn>);
  static_assert(!Writable<Cc, decltype(Cc::shn), Shst>);
  static_assert(!Writable<Cc, decltype(Cc::shn), int>);
}

TEST(Bits, setting_a_field_leaves_its_neighbours_alone) {
  Cc cc{0xffff'ffff};
  cc.set(Cc::mps, 0);
  EXPECT_EQ(cc.raw, 0xffff'f87fu);
  cc.set(Cc::mps, 5);
  EXPECT_EQ(cc.raw, 0xffff'faffu);
  EXPECT_EQ(cc.get(Cc::mps), 5u);
}

TEST(BitsDeathTest, a_value_that_does_not_fit_is_a_broken_promise) {
  Cc cc;
  EXPECT_DEATH(cc.set(Cc::mps, 16), "value_max");
}

}  // namespace
}  // namespace phasebit::spec
