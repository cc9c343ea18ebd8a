#include "sim/controller/register_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace phasebit::sim {
namespace {

namespace at = spec::offset;

/// What Base 2.0 §3.1.3 lets a host change, typed from there: register, bytes, bits that keep what is written.
struct Golden {
  std::uint32_t offset;
  std::uint32_t bytes;
  std::uint64_t writable;
};
constexpr Golden golden[] = {
    {0x00, 8, 0},                      // CAP
    {0x08, 4, 0},                      // VS
    {0x14, 4, 0x01fffff1},             // CC: EN, CSS, MPS, AMS, SHN, IOSQES, IOCQES, CRIME
    {0x1c, 4, 0},                      // CSTS
    {0x24, 4, 0x0fff0fff},             // AQA
    {0x28, 8, 0xfffffffffffff000ull},  // ASQ
    {0x30, 8, 0xfffffffffffff000ull},  // ACQ
    {0x38, 4, 0},                      // CMBLOC
    {0x3c, 4, 0},                      // CMBSZ
    {0x50, 8, 0xfffffffffffff003ull},  // CMBMSC: CRE, CMSE, CBA
    {0x58, 4, 0},                      // CMBSTS
    {0x68, 4, 0},                      // CRTO
};

/// With everything that a register speaks of.
DriveOptions whole_drive() {
  DriveOptions options;
  options.controller_memory.bytes = 4096;
  return options;
}

TEST(RegisterFile, lets_a_host_change_exactly_the_writable_bits_one_by_one) {
  for (const Golden& row : golden) {
    for (std::uint32_t bit = 0; bit < row.bytes * 8; ++bit) {
      RegisterFile registers{whole_drive()};
      const std::uint64_t before = registers.read(row.offset, row.bytes);
      registers.write(row.offset, before ^ (1ull << bit), row.bytes);
      const bool changed = ((registers.read(row.offset, row.bytes) ^ before) >> bit & 1) != 0;
      EXPECT_EQ(changed, (row.writable >> bit & 1) != 0) << "offset " << row.offset << " bit " << bit;
      EXPECT_EQ((registers.read(row.offset, row.bytes) ^ before) & ~(1ull << bit), 0u);
    }
  }
}

TEST(RegisterFile, has_one_row_for_each_register_of_the_golden_table_and_no_overlap) {
  std::uint32_t end = 0;
  for (const RegisterRow& row : register_rows()) {
    EXPECT_GE(row.offset, end);
    end = row.offset + row.bytes;
  }
  for (const Golden& row : golden) {
    EXPECT_EQ(std::ranges::count(register_rows(), row.offset, &RegisterRow::offset), 1);
  }
}

TEST(RegisterFile, sets_and_clears_the_interrupt_mask_through_its_two_views) {
  RegisterFile registers{DriveOptions{}};
  registers.write(at::intms, 0x0000'00f5, 4);
  EXPECT_EQ(registers.read(at::intms, 4), 0xf5u);
  registers.write(at::intms, 0x0000'0100, 4);
  registers.write(at::intmc, 0x0000'0011, 4);
  EXPECT_EQ(registers.read(at::intms, 4), 0x1e4u);
  EXPECT_EQ(registers.read(at::intmc, 4), 0x1e4u);
}

TEST(RegisterFile, clears_nssro_by_writing_one_and_nothing_else_of_csts) {
  RegisterFile registers{DriveOptions{}};
  registers.set_csts(spec::Csts{0x1f});
  registers.write(at::csts, 0x10, 4);
  EXPECT_EQ(registers.read(at::csts, 4), 0x0fu);
  registers.write(at::csts, 0xffff'ffff, 4);
  EXPECT_EQ(registers.read(at::csts, 4), 0x0fu);
}

TEST(RegisterFile, takes_64_bit_registers_whole_or_in_halves_in_any_order) {
  RegisterFile registers{DriveOptions{}};
  registers.write(at::asq, 0x1234'5678'9abc'd000ull, 8);
  EXPECT_EQ(registers.asq(), 0x1234'5678'9abc'd000ull);
  registers.write(at::acq + 4, 0x0bad'cafe, 4);
  registers.write(at::acq, 0xdead'b000, 4);
  EXPECT_EQ(registers.acq(), 0x0bad'cafe'dead'b000ull);
  EXPECT_EQ(registers.read(at::acq, 4), 0xdead'b000u);
  EXPECT_EQ(registers.read(at::acq + 4, 4), 0x0bad'cafeu);
  EXPECT_EQ(registers.read(at::acq, 8), 0x0bad'cafe'dead'b000ull);
}

TEST(RegisterFile, splits_an_access_that_reaches_two_registers) {
  RegisterFile registers{DriveOptions{}};
  EXPECT_EQ(registers.read(at::vs, 8), 0x0002'0000u);
  const WriteEffect effect = registers.write(at::nssr, 0x001f'001f'0000'0001ull, 8);
  EXPECT_EQ(registers.aqa().raw, 0x001f'001fu);
  ASSERT_EQ(effect.count, 2u);
  EXPECT_EQ(effect.changes[0].offset, at::nssr);
  EXPECT_EQ(effect.changes[0].written, 1u);
  EXPECT_EQ(effect.changes[1].offset, at::aqa);
}

TEST(RegisterFile, reads_holes_and_misaligned_places_as_zeroes_and_takes_no_write_there) {
  RegisterFile registers{DriveOptions{}};
  for (const std::uint32_t offset : {0x18u, 0x40u, 0x60u, 0x6cu, 0xe00u, 0xffcu}) {
    EXPECT_EQ(registers.read(offset, 4), 0u);
    EXPECT_TRUE(registers.write(offset, ~0ull, 4).undefined);
    EXPECT_EQ(registers.read(offset, 4), 0u);
  }
  EXPECT_EQ(registers.read(1, 4), 0u);
  EXPECT_TRUE(registers.write(0x16, ~0ull, 4).undefined);
  EXPECT_TRUE(registers.write(0x14, ~0ull, 2).undefined);
  EXPECT_EQ(registers.cc().raw, 0u);
}

TEST(RegisterFile, keeps_the_admin_queue_registers_while_enabled) {
  RegisterFile registers{DriveOptions{}};
  registers.write(at::aqa, 0x000f'000f, 4);
  registers.write(at::cc, 1, 4);
  for (const std::uint32_t offset : {at::aqa, at::asq, at::acq}) {
    const std::uint64_t before = registers.read(offset, 8);
    EXPECT_TRUE(registers.write(offset, 0x0003'0003'0003'3000ull, offset == at::aqa ? 4 : 8).undefined);
    EXPECT_EQ(registers.read(offset, 8), before);
  }
  registers.write(at::cc, 0, 4);
  EXPECT_FALSE(registers.write(at::aqa, 0x0003'0003, 4).undefined);
  EXPECT_EQ(registers.aqa().raw, 0x0003'0003u);
}

TEST(RegisterFile, says_that_writes_to_read_only_places_have_no_defined_result) {
  RegisterFile registers{DriveOptions{}};
  EXPECT_TRUE(registers.write(at::cap, 0, 8).undefined);
  EXPECT_TRUE(registers.write(at::vs, 0, 4).undefined);
  EXPECT_TRUE(registers.write(at::cc, 0x0000'0002, 4).undefined);
  EXPECT_TRUE(registers.write(at::aqa, 0x0000'1000, 4).undefined);
  EXPECT_TRUE(registers.write(at::asq, 0x0000'0800, 8).undefined);
  EXPECT_FALSE(registers.write(at::cc, 0x0046'0000, 4).undefined);
}

TEST(RegisterFile, gives_the_ready_timeouts_of_version_2_only) {
  DriveOptions options;
  options.ready_modes = 3;
  options.ready_with_media_steps = 0x1234;
  options.ready_without_media_steps = 0x56;
  EXPECT_EQ(RegisterFile{options}.read(at::crto, 4), 0x0056'1234u);
  options.version = spec::version(1, 4);
  EXPECT_EQ(RegisterFile{options}.read(at::crto, 4), 0u);
}

TEST(RegisterFile, forgets_everything_in_a_reset_that_is_not_a_controller_reset) {
  RegisterFile registers{DriveOptions{}};
  registers.write(at::aqa, 0x000f'000f, 4);
  registers.write(at::asq, 0x1000, 8);
  registers.write(at::intms, 1, 4);
  registers.reset_by_controller();
  EXPECT_EQ(registers.aqa().raw, 0x000f'000fu);
  EXPECT_EQ(registers.interrupt_mask(), 0u);
  registers.reset_all();
  EXPECT_EQ(registers.aqa().raw, 0u);
  EXPECT_EQ(registers.asq(), 0u);
}

}  // namespace
}  // namespace phasebit::sim
