#include "src/spec/io_commands.hpp"

#include <gtest/gtest.h>

#include "src/base/random.hpp"
#include "src/spec/dataset_management.hpp"
#include "tests/spec/dwords.hpp"

namespace phasebit::spec {
namespace {

TEST(BlockCommand, puts_the_block_address_in_two_dwords_and_a_zero_based_count_in_the_third) {
  const SqeDwords expected{0x02, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x8765'4321, 0x0000'00ff, 0x0000'0007};
  EXPECT_EQ(dwords_in_memory(read(Nsid{1}, Lba{0xff'8765'4321}, 8)), expected);
  const BlockCommand read_back = BlockCommand::from(sqe_in_memory(expected));
  EXPECT_EQ(read_back.opcode, NvmOpcode::read);
  EXPECT_EQ(read_back.nsid, Nsid{1});
  EXPECT_EQ(read_back.slba, Lba{0xff'8765'4321});
  EXPECT_EQ(read_back.blocks, 8u);
}

TEST(BlockCommand, reaches_from_one_block_to_65536) {
  EXPECT_EQ(write(Nsid{1}, Lba{0}, 1).cdw12, 0u);
  EXPECT_EQ(write(Nsid{1}, Lba{0}, 65536).cdw12, 0xffffu);
  EXPECT_EQ(BlockCommand::from(write(Nsid{1}, Lba{0}, 65536)).blocks, 65536u);
}

TEST(BlockCommand, has_an_option_per_bit_of_dword_12) {
  EXPECT_EQ(write(Nsid{1}, Lba{0}, 1, {.fua = true}).cdw12, 0x4000'0000u);
  EXPECT_EQ(write(Nsid{1}, Lba{0}, 1, {.limited_retry = true}).cdw12, 0x8000'0000u);
  EXPECT_EQ(write_zeroes(Nsid{1}, Lba{0}, 1, {.deallocate = true}).cdw12, 0x0200'0000u);
  EXPECT_EQ(read(Nsid{1}, Lba{0}, 1, {.prinfo = 0xf}).cdw12, 0x3c00'0000u);
  const BlockOptions options = BlockCommand::from(sqe_in_memory({0x01, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x4200'0000})).options;
  EXPECT_TRUE(options.fua && options.deallocate);
  EXPECT_FALSE(options.limited_retry);
}

TEST(BlockCommand, has_the_opcode_of_its_builder) {
  EXPECT_EQ(flush(Nsid{1}).opcode, 0x00);
  EXPECT_EQ(write(Nsid{1}, Lba{0}, 1).opcode, 0x01);
  EXPECT_EQ(read(Nsid{1}, Lba{0}, 1).opcode, 0x02);
  EXPECT_EQ(write_uncorrectable(Nsid{1}, Lba{0}, 1).opcode, 0x04);
  EXPECT_EQ(compare(Nsid{1}, Lba{0}, 1).opcode, 0x05);
  EXPECT_EQ(write_zeroes(Nsid{1}, Lba{0}, 1).opcode, 0x08);
  EXPECT_EQ(verify(Nsid{1}, Lba{0}, 1).opcode, 0x0c);
  EXPECT_EQ(flush(nsid_all).nsid, 0xffff'ffffu);
}

TEST(DatasetManagement, counts_ranges_zero_based_and_blocks_plainly) {
  const DatasetManagement command{Nsid{1}, 256, true, false, true};
  const SqeDwords expected{0x09, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x0000'00ff, 0x0000'0006};
  EXPECT_EQ(dwords_in_memory(command.sqe()), expected);
  const auto read_back = DatasetManagement::from(sqe_in_memory(expected));
  EXPECT_EQ(read_back.ranges, 256u);
  EXPECT_TRUE(read_back.deallocate);
  EXPECT_FALSE(read_back.integral_read);
  EXPECT_TRUE(read_back.integral_write);
  const DatasetRange range{0, 8, 0x1'0000'0000};
  EXPECT_EQ(range.blocks, 8u);
}

TEST(DatasetManagementDeathTest, takes_no_257_ranges) {
  EXPECT_DEATH((DatasetManagement{Nsid{1}, 257, true}.sqe()), "value_max");
}

TEST(IoCommands, read_any_bytes) {
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    SqeDwords dwords{};
    for (auto& dword : dwords) {
      dword = static_cast<std::uint32_t>(random.next());
    }
    const Sqe sqe = sqe_in_memory(dwords);
    EXPECT_EQ(BlockCommand::from(sqe).sqe().cdw10, sqe.cdw10);
    EXPECT_EQ(BlockCommand::from(sqe).sqe().cdw11, sqe.cdw11);
    EXPECT_EQ(BlockCommand::from(sqe).sqe().cdw12, sqe.cdw12 & 0xfe00'ffff);
    EXPECT_EQ(DatasetManagement::from(sqe).sqe().cdw10, sqe.cdw10 & 0xff);
    EXPECT_EQ(DatasetManagement::from(sqe).sqe().cdw11, sqe.cdw11 & 0x7);
  }
}

}  // namespace
}  // namespace phasebit::spec
