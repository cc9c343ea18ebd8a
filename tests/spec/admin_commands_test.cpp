#include "src/spec/admin_commands.hpp"

#include <gtest/gtest.h>

#include "src/base/random.hpp"
#include "src/spec/queue_commands.hpp"
#include "tests/spec/dwords.hpp"

namespace phasebit::spec {
namespace {

TEST(Sqe, has_its_parts_in_the_order_of_figure_87) {
  Sqe sqe;
  sqe.opcode = 0x11;
  sqe.flags = CommandFlags{}.with(CommandFlags::fuse, Fuse::second).with(CommandFlags::psdt, Psdt::sgl_metadata_buffer).raw;
  sqe.cid = 0x4433;
  sqe.nsid = 0x88776655;
  sqe.cdw2 = 2;
  sqe.cdw3 = 3;
  sqe.mptr = 0x0000'0005'0000'0004;
  sqe.prp1 = 0x0000'0007'0000'0006;
  sqe.prp2 = 0x0000'0009'0000'0008;
  sqe.cdw10 = 10;
  sqe.cdw11 = 11;
  sqe.cdw12 = 12;
  sqe.cdw13 = 13;
  sqe.cdw14 = 14;
  sqe.cdw15 = 15;
  const SqeDwords expected{0x4433'4211, 0x8877'6655, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  EXPECT_EQ(dwords_in_memory(sqe), expected);
  EXPECT_EQ(fuse_of(sqe), Fuse::second);
  EXPECT_EQ(psdt_of(sqe), Psdt::sgl_metadata_buffer);
}

TEST(Identify, asks_for_a_structure_of_a_namespace_and_a_command_set) {
  const Identify command{Cns::namespace_of_command_set, Nsid{7}, 0x1234, 0x5678, Csi::zoned};
  const SqeDwords expected{0x06, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0x1234'0005, 0x0200'5678};
  EXPECT_EQ(dwords_in_memory(command.sqe()), expected);
  const Identify read_back = Identify::from(sqe_in_memory(expected));
  EXPECT_EQ(read_back.cns, Cns::namespace_of_command_set);
  EXPECT_EQ(read_back.nsid, Nsid{7});
  EXPECT_EQ(read_back.cntid, 0x1234);
  EXPECT_EQ(read_back.cns_specific_identifier, 0x5678);
  EXPECT_EQ(read_back.csi, Csi::zoned);
}

TEST(GetLogPage, splits_zero_based_dwords_and_the_offset) {
  GetLogPage command;
  command.lid = Lid::error_information;
  command.bytes = 0x0004'8d18;  // 12346h dwords, 12345h zero-based
  command.offset_bytes = 0x0000'0002'0000'0040;
  command.retain_asynchronous_event = true;
  command.log_specific_field = 0x7f;
  command.log_specific_identifier = 0xabcd;
  const SqeDwords expected{0x02, 0xffff'ffff, 0, 0, 0, 0, 0, 0, 0, 0, 0x2345'ff01, 0xabcd'0001, 0x40, 2};
  EXPECT_EQ(dwords_in_memory(command.sqe()), expected);
  const GetLogPage read_back = GetLogPage::from(sqe_in_memory(expected));
  EXPECT_EQ(read_back.lid, Lid::error_information);
  EXPECT_EQ(read_back.nsid, nsid_all);
  EXPECT_EQ(read_back.bytes, 0x0004'8d18u);
  EXPECT_EQ(read_back.offset_bytes, 0x0000'0002'0000'0040u);
  EXPECT_TRUE(read_back.retain_asynchronous_event);
  EXPECT_EQ(read_back.log_specific_field, 0x7f);
  EXPECT_EQ(read_back.log_specific_identifier, 0xabcd);
}

TEST(GetLogPage, reaches_from_one_dword_to_2_to_the_32) {
  GetLogPage command;
  command.bytes = 4;
  EXPECT_EQ(command.sqe().cdw10 >> 16, 0u);
  command.bytes = 4ull << 32;
  EXPECT_EQ(command.sqe().cdw10 >> 16, 0xffffu);
  EXPECT_EQ(command.sqe().cdw11, 0xffffu);
  EXPECT_EQ(GetLogPage::from(command.sqe()).bytes, 4ull << 32);
}

TEST(SetFeatures, carries_the_value_in_dword_11) {
  const SetFeatures command{Fid::number_of_queues, number_of_queues(4, 4).raw, Nsid{}, true};
  const SqeDwords expected{0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x8000'0007, 0x0003'0003};
  EXPECT_EQ(dwords_in_memory(command.sqe()), expected);
  const SetFeatures read_back = SetFeatures::from(sqe_in_memory(expected));
  EXPECT_EQ(read_back.fid, Fid::number_of_queues);
  EXPECT_EQ(read_back.value, 0x0003'0003u);
  EXPECT_TRUE(read_back.save);
}

TEST(GetFeatures, selects_one_of_four_values) {
  const GetFeatures command{Fid::temperature_threshold, FeatureSelect::supported_capabilities, 0x0010'0000, Nsid{2}};
  const SqeDwords expected{0x0a, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x0000'0304, 0x0010'0000};
  EXPECT_EQ(dwords_in_memory(command.sqe()), expected);
  EXPECT_EQ(GetFeatures::from(sqe_in_memory(expected)).select, FeatureSelect::supported_capabilities);
}

TEST(Abort, names_a_command_by_queue_and_identifier) {
  const SqeDwords expected{0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbeef'0003};
  EXPECT_EQ(dwords_in_memory(Abort{Qid{3}, Cid{0xbeef}}.sqe()), expected);
  EXPECT_EQ(Abort::from(sqe_in_memory(expected)).sqid, Qid{3});
  EXPECT_EQ(Abort::from(sqe_in_memory(expected)).cid, Cid{0xbeef});
  EXPECT_TRUE(was_aborted(0));
  EXPECT_FALSE(was_aborted(1));
}

TEST(CreateIoCompletionQueue, is_zero_based_on_the_wire) {
  const CreateIoCompletionQueue command{Qid{5}, 65536, Iova{0x1'2345'6000}, true, true, 9};
  const SqeDwords expected{0x05, 0, 0, 0, 0, 0, 0x2345'6000, 1, 0, 0, 0xffff'0005, 0x0009'0003};
  EXPECT_EQ(dwords_in_memory(command.sqe()), expected);
  const auto read_back = CreateIoCompletionQueue::from(sqe_in_memory(expected));
  EXPECT_EQ(read_back.qid, Qid{5});
  EXPECT_EQ(read_back.entries, 65536u);
  EXPECT_EQ(read_back.base, Iova{0x1'2345'6000});
  EXPECT_TRUE(read_back.contiguous);
  EXPECT_TRUE(read_back.interrupts);
  EXPECT_EQ(read_back.vector, 9);
}

TEST(CreateIoSubmissionQueue, names_its_completion_queue_and_priority) {
  const CreateIoSubmissionQueue command{Qid{5}, 2, Iova{0x7000}, Qid{6}, true, QueuePriority::low, 0x0102};
  const SqeDwords expected{0x01, 0, 0, 0, 0, 0, 0x7000, 0, 0, 0, 0x0001'0005, 0x0006'0007, 0x0102};
  EXPECT_EQ(dwords_in_memory(command.sqe()), expected);
  const auto read_back = CreateIoSubmissionQueue::from(sqe_in_memory(expected));
  EXPECT_EQ(read_back.qid, Qid{5});
  EXPECT_EQ(read_back.entries, 2u);
  EXPECT_EQ(read_back.base, Iova{0x7000});
  EXPECT_EQ(read_back.cqid, Qid{6});
  EXPECT_TRUE(read_back.contiguous);
  EXPECT_EQ(read_back.priority, QueuePriority::low);
  EXPECT_EQ(read_back.nvm_set, 0x0102);
}

TEST(AdminCommands, without_arguments_are_an_opcode_and_little_else) {
  EXPECT_EQ(dwords_in_memory(async_event_request()), SqeDwords{0x0c});
  EXPECT_EQ(dwords_in_memory(keep_alive()), SqeDwords{0x18});
  EXPECT_EQ(dwords_in_memory(delete_io_submission_queue(Qid{9})), (SqeDwords{0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}));
  EXPECT_EQ(dwords_in_memory(delete_io_completion_queue(Qid{9})), (SqeDwords{0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}));
  EXPECT_EQ(queue_id_of(delete_io_completion_queue(Qid{9})), Qid{9});
  const DoorbellBufferConfig config{Iova{0x1'0000'1000}, Iova{0x2000}};
  EXPECT_EQ(dwords_in_memory(config.sqe()), (SqeDwords{0x7c, 0, 0, 0, 0, 0, 0x1000, 1, 0x2000, 0}));
  EXPECT_EQ(DoorbellBufferConfig::from(config.sqe()).event_indexes, Iova{0x2000});
}

// Whatever bytes a host puts in an entry, reading it never asserts; and what was read makes the same fields again.
TEST(AdminCommands, read_any_bytes) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    SqeDwords dwords{};
    for (auto& dword : dwords) {
      dword = static_cast<std::uint32_t>(random.next());
    }
    const Sqe sqe = sqe_in_memory(dwords);
    EXPECT_EQ(Identify::from(sqe).sqe().cdw10, sqe.cdw10 & 0xffff'00ff);
    EXPECT_EQ(GetLogPage::from(sqe).sqe().cdw10, sqe.cdw10);
    EXPECT_EQ(GetLogPage::from(sqe).sqe().cdw11, sqe.cdw11);
    EXPECT_EQ(SetFeatures::from(sqe).sqe().cdw10, sqe.cdw10 & 0x8000'00ff);
    EXPECT_EQ(GetFeatures::from(sqe).sqe().cdw10, sqe.cdw10 & 0x0000'07ff);
    EXPECT_EQ(Abort::from(sqe).sqe().cdw10, sqe.cdw10);
    EXPECT_EQ(CreateIoCompletionQueue::from(sqe).sqe().cdw10, sqe.cdw10);
    EXPECT_EQ(CreateIoCompletionQueue::from(sqe).sqe().cdw11, sqe.cdw11 & 0xffff'0003);
    EXPECT_EQ(CreateIoSubmissionQueue::from(sqe).sqe().cdw11, sqe.cdw11 & 0xffff'0007);
  }
}

}  // namespace
}  // namespace phasebit::spec
