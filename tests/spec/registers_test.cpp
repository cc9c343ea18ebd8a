#include "src/spec/registers.hpp"

#include <gtest/gtest.h>

#include "src/spec/register_map.hpp"

namespace phasebit::spec {
namespace {

// `lies_at` is typed from the figures of the specification: the bits of the field and no others.
template <class Word, unsigned shift, unsigned width, class Value>
void expect_field(Field<Word, shift, width, Value> field, std::uint64_t lies_at) {
  using Raw = typename Word::Word;
  Word word;
  word.set(field, static_cast<Value>(field.value_max));
  EXPECT_EQ(word.raw, static_cast<Raw>(lies_at));
  EXPECT_EQ(static_cast<std::uint64_t>(Word{static_cast<Raw>(lies_at)}.get(field)), field.value_max);
  EXPECT_EQ(static_cast<std::uint64_t>(Word{static_cast<Raw>(~lies_at)}.get(field)), 0u);
}

TEST(Cap, has_its_fields_where_figure_36_puts_them) {
  expect_field(Cap::mqes, 0x0000'0000'0000'ffff);
  expect_field(Cap::cqr, 0x0000'0000'0001'0000);
  expect_field(Cap::ams, 0x0000'0000'0006'0000);
  expect_field(Cap::ams_weighted_round_robin, 0x0000'0000'0002'0000);
  expect_field(Cap::ams_vendor_specific, 0x0000'0000'0004'0000);
  expect_field(Cap::to, 0x0000'0000'ff00'0000);
  expect_field(Cap::dstrd, 0x0000'000f'0000'0000);
  expect_field(Cap::nssrs, 0x0000'0010'0000'0000);
  expect_field(Cap::css, 0x0000'1fe0'0000'0000);
  expect_field(Cap::css_nvm, 0x0000'0020'0000'0000);
  expect_field(Cap::css_command_sets, 0x0000'0800'0000'0000);
  expect_field(Cap::css_admin_only, 0x0000'1000'0000'0000);
  expect_field(Cap::bps, 0x0000'2000'0000'0000);
  expect_field(Cap::cps, 0x0000'c000'0000'0000);
  expect_field(Cap::mpsmin, 0x000f'0000'0000'0000);
  expect_field(Cap::mpsmax, 0x00f0'0000'0000'0000);
  expect_field(Cap::pmrs, 0x0100'0000'0000'0000);
  expect_field(Cap::cmbs, 0x0200'0000'0000'0000);
  expect_field(Cap::nsss, 0x0400'0000'0000'0000);
  expect_field(Cap::crms, 0x1800'0000'0000'0000);
  expect_field(Cap::crms_with_media, 0x0800'0000'0000'0000);
  expect_field(Cap::crms_independent_of_media, 0x1000'0000'0000'0000);
}

TEST(Cc, has_its_fields_where_figure_46_puts_them) {
  expect_field(Cc::en, 0x0000'0001);
  expect_field(Cc::css, 0x0000'0070);
  expect_field(Cc::mps, 0x0000'0780);
  expect_field(Cc::ams, 0x0000'3800);
  expect_field(Cc::shn, 0x0000'c000);
  expect_field(Cc::iosqes, 0x000f'0000);
  expect_field(Cc::iocqes, 0x00f0'0000);
  expect_field(Cc::crime, 0x0100'0000);
}

TEST(Csts, has_its_fields_where_figure_47_puts_them) {
  expect_field(Csts::rdy, 0x01);
  expect_field(Csts::cfs, 0x02);
  expect_field(Csts::shst, 0x0c);
  expect_field(Csts::nssro, 0x10);
  expect_field(Csts::pp, 0x20);
  expect_field(Csts::st, 0x40);
}

TEST(Registers, the_small_ones_have_their_fields_in_place) {
  expect_field(Vs::ter, 0x0000'00ff);
  expect_field(Vs::mnr, 0x0000'ff00);
  expect_field(Vs::mjr, 0xffff'0000);
  expect_field(Aqa::asqs, 0x0000'0fff);
  expect_field(Aqa::acqs, 0x0fff'0000);
  expect_field(Crto::crwmt, 0x0000'ffff);
  expect_field(Crto::crimt, 0xffff'0000);
  expect_field(Doorbell::value, 0x0000'ffff);
}

TEST(Registers, those_of_the_controller_memory_buffer_have_their_fields_in_place) {
  expect_field(Cmbloc::bir, 0x0000'0007);
  expect_field(Cmbloc::cqmms, 0x0000'0008);
  expect_field(Cmbloc::cqpds, 0x0000'0010);
  expect_field(Cmbloc::cdpmls, 0x0000'0020);
  expect_field(Cmbloc::cdpcils, 0x0000'0040);
  expect_field(Cmbloc::cdmmms, 0x0000'0080);
  expect_field(Cmbloc::cqda, 0x0000'0100);
  expect_field(Cmbloc::ofst, 0xffff'f000);
  expect_field(Cmbsz::sqs, 0x0000'0001);
  expect_field(Cmbsz::cqs, 0x0000'0002);
  expect_field(Cmbsz::lists, 0x0000'0004);
  expect_field(Cmbsz::rds, 0x0000'0008);
  expect_field(Cmbsz::wds, 0x0000'0010);
  expect_field(Cmbsz::szu, 0x0000'0f00);
  expect_field(Cmbsz::sz, 0xffff'f000);
  expect_field(Cmbmsc::cre, 0x0000'0000'0000'0001);
  expect_field(Cmbmsc::cmse, 0x0000'0000'0000'0002);
  expect_field(Cmbmsc::cba, 0xffff'ffff'ffff'f000);
  expect_field(Cmbsts::cbai, 0x0000'0001);
}

TEST(Cc, is_460001h_for_an_enabled_controller_with_4_kib_pages_and_the_usual_entries) {
  const Cc cc = Cc{}.with(Cc::en, true).with(Cc::css, Css::nvm).with(Cc::iosqes, 6).with(Cc::iocqes, 4);
  EXPECT_EQ(cc.raw, 0x0046'0001u);
  EXPECT_EQ(cc.with(Cc::css, Css::all_supported).with(Cc::shn, Shn::abrupt).raw, 0x0046'8061u);
}

TEST(Vs, orders_the_published_versions) {
  EXPECT_EQ(version(1, 0).raw, 0x0001'0000u);
  EXPECT_EQ(version(1, 2, 1).raw, 0x0001'0201u);
  EXPECT_EQ(version(2, 0).raw, 0x0002'0000u);
  EXPECT_LT(version(1, 2), version(1, 2, 1));
  EXPECT_LT(version(1, 4), version(2, 0));
  EXPECT_GE(version(1, 4), version(1, 4));
}

TEST(RegisterMap, has_no_overlap_and_ends_below_the_doorbells) {
  std::uint32_t end = 0;
  for (const RegisterPlace& place : register_map) {
    EXPECT_GE(place.offset, end) << place.name;
    EXPECT_TRUE(place.bytes == 4 || place.bytes == 8) << place.name;
    EXPECT_EQ(place.offset % place.bytes, 0u) << place.name;
    end = place.offset + place.bytes;
  }
  EXPECT_LE(end, offset::doorbells);
}

TEST(RegisterMap, finds_a_register_at_each_of_its_bytes_and_nothing_in_holes) {
  EXPECT_EQ(register_at(0x00)->name, "CAP");
  EXPECT_EQ(register_at(0x04)->name, "CAP");
  EXPECT_EQ(register_at(0x14)->name, "CC");
  EXPECT_EQ(register_at(0x2c)->name, "ASQ");
  EXPECT_EQ(register_at(0x37)->name, "ACQ");
  EXPECT_EQ(register_at(0x68)->name, "CRTO");
  EXPECT_EQ(register_at(0x18), nullptr);
  EXPECT_EQ(register_at(0x6c), nullptr);
  EXPECT_EQ(register_at(0x1000), nullptr);
  EXPECT_EQ(register_at(~0ull), nullptr);
}

}  // namespace
}  // namespace phasebit::spec
