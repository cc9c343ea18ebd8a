#include "tests/sim/controller/drive_bench.hpp"
#include "tests/sim/controller/statuses.hpp"

namespace phasebit::sim {
namespace {

using namespace statuses;

class AdminCommandsTest : public testing::Test {
 protected:
  AdminCommandsTest() { bench.enable(); }

  static DriveOptions small_drive() {
    DriveOptions options = plain_options();
    options.queue_entries_max = 64;
    options.io_submission_queues = options.io_completion_queues = 4;
    options.interrupt_vectors = 5;
    options.aborts_max = 2;
    options.async_events_max = 2;
    return options;
  }
  std::uint16_t status(const spec::Sqe& sqe) { return bench.admin_status(sqe).raw; }
  std::uint16_t create_cq(std::uint16_t qid, std::uint32_t entries, Iova base, std::uint16_t vector = 0, bool contiguous = true) {
    return status(spec::CreateIoCompletionQueue{Qid{qid}, entries, base, contiguous, true, vector}.sqe());
  }
  std::uint16_t create_sq(std::uint16_t qid, std::uint32_t entries, Iova base, std::uint16_t cqid, bool contiguous = true) {
    return status(spec::CreateIoSubmissionQueue{Qid{qid}, entries, base, Qid{cqid}, contiguous}.sqe());
  }

  DriveBench bench{small_drive()};
  HostPages ring = bench.pages(4096);
};

TEST_F(AdminCommandsTest, create_completion_queue_checks_qid_size_layout_alignment_and_vector) {
  EXPECT_EQ(create_cq(0, 4, ring.iova), invalid_queue_identifier);
  EXPECT_EQ(create_cq(5, 4, ring.iova), invalid_queue_identifier);
  EXPECT_EQ(create_cq(0xffff, 4, ring.iova), invalid_queue_identifier);
  EXPECT_EQ(create_cq(1, 1, ring.iova), invalid_queue_size);
  EXPECT_EQ(create_cq(1, 65, ring.iova), invalid_queue_size);
  EXPECT_EQ(create_cq(1, 65536, ring.iova), invalid_queue_size);
  EXPECT_EQ(create_cq(1, 4, ring.iova, 0, false), invalid_field);
  EXPECT_EQ(create_cq(1, 4, ring.iova + 16), prp_offset_invalid);
  EXPECT_EQ(create_cq(1, 4, ring.iova, 5), invalid_interrupt_vector);
  EXPECT_EQ(create_cq(1, 64, ring.iova, 4), 0);
  EXPECT_EQ(create_cq(1, 4, ring.iova), invalid_queue_identifier);
}

TEST_F(AdminCommandsTest, create_submission_queue_checks_its_completion_queue_too) {
  EXPECT_EQ(create_sq(1, 4, ring.iova, 0), invalid_queue_identifier);
  EXPECT_EQ(create_sq(1, 4, ring.iova, 5), invalid_queue_identifier);
  EXPECT_EQ(create_sq(1, 4, ring.iova, 2), completion_queue_invalid);
  ASSERT_EQ(create_cq(2, 4, ring.iova), 0);
  EXPECT_EQ(create_sq(0, 4, ring.iova, 2), invalid_queue_identifier);
  EXPECT_EQ(create_sq(5, 4, ring.iova, 2), invalid_queue_identifier);
  EXPECT_EQ(create_sq(1, 1, ring.iova, 2), invalid_queue_size);
  EXPECT_EQ(create_sq(1, 65, ring.iova, 2), invalid_queue_size);
  EXPECT_EQ(create_sq(1, 4, ring.iova, 2, false), invalid_field);
  EXPECT_EQ(create_sq(1, 4, ring.iova + 64, 2), prp_offset_invalid);
  EXPECT_EQ(create_sq(1, 64, ring.iova, 2), 0);
  EXPECT_EQ(create_sq(1, 4, ring.iova, 2), invalid_queue_identifier);
}

TEST_F(AdminCommandsTest, queues_are_deleted_submission_first) {
  ASSERT_EQ(create_cq(2, 4, ring.iova), 0);
  ASSERT_EQ(create_sq(1, 4, ring.iova, 2), 0);
  EXPECT_EQ(status(spec::delete_io_completion_queue(Qid{2})), invalid_queue_deletion);
  EXPECT_FALSE(bench.admin_command(spec::delete_io_completion_queue(Qid{2})).status().get(spec::Status::dnr)) << "later it succeeds";
  EXPECT_TRUE(bench.admin_command(spec::delete_io_completion_queue(Qid{0})).status().get(spec::Status::dnr));
  EXPECT_EQ(status(spec::delete_io_completion_queue(Qid{0})), invalid_queue_identifier);
  EXPECT_EQ(status(spec::delete_io_submission_queue(Qid{0})), invalid_queue_identifier);
  EXPECT_EQ(status(spec::delete_io_submission_queue(Qid{2})), invalid_queue_identifier);
  EXPECT_EQ(status(spec::delete_io_submission_queue(Qid{1})), 0);
  EXPECT_EQ(status(spec::delete_io_submission_queue(Qid{1})), invalid_queue_identifier);
  EXPECT_EQ(status(spec::delete_io_completion_queue(Qid{2})), 0);
  EXPECT_EQ(status(spec::delete_io_completion_queue(Qid{2})), invalid_queue_identifier);
  EXPECT_EQ(create_cq(2, 8, ring.iova), 0);
}

TEST_F(AdminCommandsTest, number_of_queues_grants_what_is_asked_at_most_and_only_before_queues_exist) {
  const auto ask = [](std::uint32_t cdw11) { return spec::SetFeatures{spec::Fid::number_of_queues, cdw11}.sqe(); };
  EXPECT_EQ(status(ask(0x0000'ffff)), invalid_field);
  EXPECT_EQ(status(ask(0xffff'0000)), invalid_field);
  EXPECT_EQ(bench.admin_command(ask(0x000f'000f)).dw0, 0x0003'0003u);
  EXPECT_EQ(bench.admin_command(ask(0x0001'0000)).dw0, 0x0001'0000u);
  EXPECT_EQ(bench.admin_command(spec::GetFeatures{spec::Fid::number_of_queues}.sqe()).dw0, 0x0001'0000u);
  const Event grant = bench.keeper.of(EventKind::drive_fact).back();
  EXPECT_EQ(grant.a, 3u);
  EXPECT_EQ(grant.b, 1u);
  EXPECT_EQ(grant.c, 2u);
  EXPECT_EQ(create_cq(3, 4, ring.iova), invalid_queue_identifier);
  EXPECT_EQ(create_cq(2, 4, ring.iova), 0);
  EXPECT_EQ(create_sq(2, 4, ring.iova, 2), invalid_queue_identifier);
  EXPECT_EQ(status(ask(0x0001'0001)), command_sequence_error);
}

TEST_F(AdminCommandsTest, opcodes_that_the_drive_does_not_have_are_invalid) {
  for (const std::uint8_t opcode : {0x03, 0x07, 0x0d, 0x10, 0x11, 0x14, 0x15, 0x18, 0x19, 0x7c, 0x7f, 0x80, 0x81, 0x84, 0xc0, 0xff}) {
    spec::Sqe sqe;
    sqe.opcode = opcode;
    const spec::Status full = bench.admin_command(sqe).status();
    EXPECT_EQ(spec::verdict_of(full).raw, invalid_opcode) << int{opcode};
    EXPECT_TRUE(full.get(spec::Status::dnr));
    EXPECT_TRUE(full.get(spec::Status::m));
  }
}

TEST_F(AdminCommandsTest, fused_commands_and_sgls_are_invalid_fields) {
  spec::Sqe sqe = spec::GetFeatures{spec::Fid::arbitration}.sqe();
  sqe.flags = 0x01;
  EXPECT_EQ(status(sqe), invalid_field);
  sqe.flags = 0x40;
  EXPECT_EQ(status(sqe), invalid_field);
}

TEST_F(AdminCommandsTest, a_cid_that_is_in_use_on_its_queue_is_a_conflict) {
  bench.push(bench.admin, spec::async_event_request());
  bench.ring(bench.admin);
  bench.run(milliseconds(1));
  bench.admin.next_cid = 0;
  const spec::Cqe cqe = bench.admin_command(spec::GetFeatures{spec::Fid::arbitration}.sqe());
  EXPECT_EQ(spec::verdict_of(cqe.status()).raw, command_id_conflict);
}

TEST_F(AdminCommandsTest, more_event_requests_than_the_limit_are_refused) {
  for (int i = 0; i < 3; ++i) {
    bench.push(bench.admin, spec::async_event_request());
  }
  bench.ring(bench.admin);
  const auto cqe = bench.wait(bench.admin);
  ASSERT_TRUE(cqe);
  EXPECT_EQ(spec::verdict_of(cqe->status()).raw, event_limit);
  EXPECT_FALSE(bench.wait(bench.admin, milliseconds(10)));
}

TEST_F(AdminCommandsTest, abort_of_itself_aborts_nothing_and_is_answered_once) {
  const Cid own{static_cast<std::uint16_t>(bench.push(bench.admin, spec::async_event_request()).value + 1)};
  ASSERT_EQ(bench.push(bench.admin, spec::Abort{admin_qid, own}.sqe()), own);
  bench.ring(bench.admin);
  const auto answer = bench.wait(bench.admin);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->cid, own.value);
  EXPECT_EQ(answer->status().raw, 0);
  EXPECT_EQ(answer->dw0 & 1, 1u);
  bench.run(milliseconds(10));
  EXPECT_EQ(bench.admin_command(spec::Abort{Qid{3}, Cid{99}}.sqe()).status().raw, 0) << "the next answer is the next command's";
}

TEST_F(AdminCommandsTest, abort_ends_a_waiting_event_request_before_it_completes_itself) {
  const Cid request = bench.push(bench.admin, spec::async_event_request());
  bench.ring(bench.admin);
  bench.run(milliseconds(1));
  const Cid abort = bench.push(bench.admin, spec::Abort{admin_qid, request}.sqe());
  bench.ring(bench.admin);
  const auto first = bench.wait(bench.admin);
  const auto second = bench.wait(bench.admin);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->cid, request.value);
  EXPECT_EQ(spec::verdict_of(first->status()).raw, abort_requested);
  EXPECT_FALSE(first->status().get(spec::Status::dnr));
  EXPECT_EQ(second->cid, abort.value);
  EXPECT_EQ(second->status().raw, 0);
  EXPECT_EQ(second->dw0 & 1, 0u);
}

TEST_F(AdminCommandsTest, abort_says_when_there_is_nothing_to_abort) {
  const spec::Cqe cqe = bench.admin_command(spec::Abort{Qid{3}, Cid{99}}.sqe());
  EXPECT_EQ(cqe.status().raw, 0);
  EXPECT_EQ(cqe.dw0 & 1, 1u);
}

TEST_F(AdminCommandsTest, more_aborts_than_the_limit_are_refused) {
  for (int i = 0; i < 4; ++i) {
    bench.push(bench.admin, spec::Abort{Qid{3}, Cid{99}}.sqe());
  }
  bench.ring(bench.admin);
  int refused = 0;
  for (int i = 0; i < 4; ++i) {
    refused += spec::verdict_of(bench.wait(bench.admin)->status()).raw == abort_limit ? 1 : 0;
  }
  EXPECT_GE(refused, 1);
  EXPECT_LE(refused, 2);
}

TEST_F(AdminCommandsTest, deleting_a_submission_queue_ends_its_commands) {
  DriveOptions options = small_drive();
  options.times.read = LatencyTable::fixed(seconds(1));
  DriveBench slow(options);
  slow.enable();
  HostQueue queue = slow.create_queue_pair(1);
  const HostPages data = slow.pages(512);
  slow.push(queue, DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data));
  slow.ring(queue);
  slow.run(milliseconds(1));
  EXPECT_EQ(slow.admin_status(spec::delete_io_submission_queue(Qid{1})).raw, 0);
  const auto cqe = slow.reap(queue);
  ASSERT_TRUE(cqe);
  EXPECT_EQ(spec::verdict_of(cqe->status()).raw, aborted_sq_deletion);
  slow.run(seconds(2));
  EXPECT_FALSE(slow.reap(queue));
  EXPECT_TRUE(std::ranges::none_of(slow.ledger.holdings(), [](const auto& h) { return h.owner.kind == DmaOwnerKind::command; }));
}

TEST_F(AdminCommandsTest, data_goes_through_both_prps) {
  const HostPages two = bench.pages(8192);
  spec::Sqe sqe = spec::Identify{spec::Cns::controller}.sqe();
  sqe.prp1 = two.iova.value + 4096 - 512;
  sqe.prp2 = two.iova.value + 4096;
  EXPECT_EQ(status(sqe), 0);
  EXPECT_EQ(std::memcmp(two.bytes.data() + 4096 - 512 + 4, "PHASEBIT", 8), 0);
  EXPECT_EQ(two.bytes[4096 - 512 + 4096], std::byte{0});
  sqe.prp2 = two.iova.value + 4096 + 4;
  EXPECT_EQ(status(sqe), prp_offset_invalid);
}

TEST_F(AdminCommandsTest, data_that_cannot_be_written_is_a_transfer_error) {
  spec::Sqe sqe = spec::Identify{spec::Cns::controller}.sqe();
  sqe.prp1 = 0x7777'0000'0000;
  EXPECT_EQ(status(sqe), 0x004);
}

}  // namespace
}  // namespace phasebit::sim
