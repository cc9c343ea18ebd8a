#include "src/spec/units.hpp"

#include <gtest/gtest.h>

#include "src/spec/features.hpp"
#include "src/spec/identify_units.hpp"
#include "src/spec/log_pages.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::spec {
namespace {

TEST(ZeroBased, is_one_less_at_both_ends) {
  EXPECT_EQ(zero_based16(1), 0);
  EXPECT_EQ(zero_based16(65536), 0xffff);
  EXPECT_EQ(count_from_zero_based(0), 1u);
  EXPECT_EQ(count_from_zero_based(0xffff), 65536u);
}

TEST(ZeroBasedDeathTest, has_no_zero_and_no_65537) {
  EXPECT_DEATH(zero_based16(0), "count >= 1");
  EXPECT_DEATH(zero_based16(65537), "count >= 1");
}

TEST(QueueEntriesMax, is_mqes_plus_one) {
  EXPECT_EQ(queue_entries_max(Cap{0}), 1u);
  EXPECT_EQ(queue_entries_max(Cap{0x0000'0000'0000'03ff}), 1024u);
  EXPECT_EQ(queue_entries_max(Cap{0xffff'ffff'ffff'ffff}), 65536u);
}

TEST(ReadyTimeout, counts_half_seconds) {
  EXPECT_EQ(ready_timeout(Cap{0}), milliseconds(0));
  EXPECT_EQ(ready_timeout(Cap{0x0000'0000'0100'0000}), milliseconds(500));
  EXPECT_EQ(ready_timeout(Cap{0x0000'0000'ff00'0000}), milliseconds(127'500));
  EXPECT_EQ(ready_with_media_timeout(Crto{0x0002'ffff}), milliseconds(32'767'500));
  EXPECT_EQ(ready_independent_of_media_timeout(Crto{0x0002'ffff}), seconds(1));
}

TEST(Doorbell, lies_at_1000h_and_a_stride_per_step) {
  const Cap packed{0};
  EXPECT_EQ(doorbell_stride_bytes(packed), 4u);
  EXPECT_EQ(doorbell_offset(packed, admin_qid, DoorbellKind::submission_tail), 0x1000u);
  EXPECT_EQ(doorbell_offset(packed, admin_qid, DoorbellKind::completion_head), 0x1004u);
  EXPECT_EQ(doorbell_offset(packed, Qid{1}, DoorbellKind::submission_tail), 0x1008u);
  EXPECT_EQ(doorbell_offset(packed, Qid{3}, DoorbellKind::completion_head), 0x101cu);
  const Cap cache_line = Cap{}.with(Cap::dstrd, 4);
  EXPECT_EQ(doorbell_offset(cache_line, Qid{1}, DoorbellKind::completion_head), 0x10c0u);
}

TEST(Doorbell, of_the_last_queue_with_the_widest_stride_does_not_wrap) {
  const Cap wide = Cap{}.with(Cap::dstrd, 15);
  EXPECT_EQ(doorbell_stride_bytes(wide), 131072u);
  // 1000h + (2 * 65535 + 1) * 131072
  EXPECT_EQ(doorbell_offset(wide, Qid{65535}, DoorbellKind::completion_head), 0x3'fffe'1000u);
}

TEST(PageBytes, are_4_kib_to_128_mib) {
  EXPECT_EQ(page_bytes_min(Cap{0}), 4096u);
  EXPECT_EQ(page_bytes_max(Cap{0x00f0'0000'0000'0000}), 134'217'728u);
  EXPECT_EQ(page_bytes_min(Cap{0x0001'0000'0000'0000}), 8192u);
  EXPECT_EQ(page_bytes(Cc{0x0000'0200}), 65536u);
  for (std::uint32_t mps = 0; mps < 16; ++mps) {
    EXPECT_EQ(mps_from_page_bytes(page_bytes_from_mps(mps)), mps);
  }
}

TEST(PageBytesDeathTest, have_no_mps_unless_a_power_of_two_from_4096_on) {
  EXPECT_DEATH(mps_from_page_bytes(2048), "== bytes");
  EXPECT_DEATH(mps_from_page_bytes(12288), "== bytes");
}

TEST(EntryBytes, are_powers_of_two) {
  EXPECT_EQ(submission_entry_bytes(Cc{0x0046'0001}), 64u);
  EXPECT_EQ(completion_entry_bytes(Cc{0x0046'0001}), 16u);
}

TEST(AdminQueueAttributes, are_two_zero_based_counts) {
  EXPECT_EQ(admin_queue_attributes(32, 4096).raw, 0x0fff'001fu);
  EXPECT_EQ(admin_submission_entries(Aqa{0x0fff'001f}), 32u);
  EXPECT_EQ(admin_completion_entries(Aqa{0x0fff'001f}), 4096u);
}

TEST(ControllerMemory, is_measured_in_its_own_unit) {
  EXPECT_EQ(cmb_bytes(Cmbsz{0x0001'0000}), 65536u);                                  // 16 of 4 KiB
  EXPECT_EQ(cmb_bytes(Cmbsz{0x0000'2600}), 137'438'953'472u);                        // 2 of 64 GiB
  EXPECT_EQ(cmb_bytes(Cmbsz{0xffff'f700}), 0u);                                      // reserved unit
  EXPECT_EQ(cmb_offset_bytes(Cmbloc{0x0000'3002}, Cmbsz{0x0000'1200}), 3'145'728u);  // 3 of 1 MiB
  EXPECT_EQ(cmb_base(Cmbmsc{0x0123'4567'89ab'cfff}), Iova{0x0123'4567'89ab'c000});
  EXPECT_EQ(cmb_at(Iova{0x0123'4567'89ab'c000}).raw, 0x0123'4567'89ab'c003u);
  EXPECT_TRUE(cmb_is_enabled(Cmbmsc{3}));
  EXPECT_FALSE(cmb_is_enabled(Cmbmsc{1}));
  EXPECT_FALSE(cmb_is_enabled(Cmbmsc{0xffff'ffff'ffff'f002}));
}

TEST(TransferBytesMax, is_pages_of_the_smallest_size_to_a_power) {
  IdentifyController id;
  EXPECT_EQ(transfer_bytes_max(id, Cap{0}), unlimited);
  id.mdts = 5;
  EXPECT_EQ(transfer_bytes_max(id, Cap{0}), 131072u);
  EXPECT_EQ(transfer_bytes_max(id, Cap{0x0002'0000'0000'0000}), 524288u);
  id.mdts = 255;
  EXPECT_EQ(transfer_bytes_max(id, Cap{0}), unlimited);
}

TEST(IdentifyController, tells_limits_as_counts) {
  IdentifyController id;
  EXPECT_EQ(abort_commands_max(id), 1u);
  id.acl = 3;
  id.aerl = 255;
  id.elpe = 63;
  id.npss = 4;
  id.awun = 0xffff;
  id.awupf = 7;
  EXPECT_EQ(abort_commands_max(id), 4u);
  EXPECT_EQ(async_event_requests_max(id), 256u);
  EXPECT_EQ(error_log_entries_max(id), 64u);
  EXPECT_EQ(power_states(id), 5u);
  EXPECT_EQ(atomic_write_blocks(id), 65536u);
  EXPECT_EQ(atomic_write_blocks_power_fail(id), 8u);
}

TEST(RetryDelay, follows_crd_to_one_of_three_times) {
  IdentifyController id;
  id.crdt = {Le16{1}, Le16{20}, Le16{0xffff}};
  EXPECT_EQ(retry_delay(id, 0), milliseconds(0));
  EXPECT_EQ(retry_delay(id, 1), milliseconds(100));
  EXPECT_EQ(retry_delay(id, 2), seconds(2));
  EXPECT_EQ(retry_delay(id, 3), milliseconds(6'553'500));
  EXPECT_EQ(retry_delay(id, 4), milliseconds(0));
}

TEST(ShutdownLatency, is_in_microseconds) {
  IdentifyController id;
  id.rtd3e = 8'000'000;
  EXPECT_EQ(shutdown_latency(id), seconds(8));
}

TEST(LbaFormat, index_has_two_more_bits_only_beyond_16_formats) {
  IdentifyNamespace id;
  id.flbas = 0x61;
  id.nlbaf = 15;
  EXPECT_EQ(lba_format_index(id), 1u);
  id.nlbaf = 63;
  EXPECT_EQ(lba_format_index(id), 49u);
}

TEST(BlockBytes, are_those_of_the_format_in_use) {
  IdentifyNamespace id;
  EXPECT_EQ(block_bytes(id), 0u);
  id.lbaf[0].lbads = 9;
  id.lbaf[1].lbads = 12;
  EXPECT_EQ(block_bytes(id), 512u);
  id.flbas = 1;
  EXPECT_EQ(block_bytes(id), 4096u);
  id.lbaf[1].lbads = 64;
  EXPECT_EQ(block_bytes(id), unlimited);
}

TEST(BlockBytes, never_look_past_the_formats_whatever_the_drive_says) {
  IdentifyNamespace id;
  for (std::uint32_t nlbaf = 0; nlbaf < 256; ++nlbaf) {
    for (std::uint32_t flbas = 0; flbas < 256; ++flbas) {
      id.nlbaf = static_cast<std::uint8_t>(nlbaf);
      id.flbas = static_cast<std::uint8_t>(flbas);
      ASSERT_LT(lba_format_index(id), lba_formats_max);
    }
  }
}

TEST(Features, are_told_in_plain_units) {
  EXPECT_EQ(number_of_queues(1, 1).raw, 0u);
  EXPECT_EQ(number_of_queues(8, 65535).raw, 0xfffe'0007u);
  EXPECT_EQ(submission_queues(NumberOfQueues{0xfffe'0007}), 8u);
  EXPECT_EQ(completion_queues(NumberOfQueues{0xffff'0007}), 65536u);
  EXPECT_EQ(arbitration_burst(Arbitration{0}), 1u);
  EXPECT_EQ(arbitration_burst(Arbitration{6}), 64u);
  EXPECT_EQ(arbitration_burst(Arbitration{7}), unlimited);
  EXPECT_EQ(low_priority_weight(Arbitration{0x0302'0007}), 1u);
  EXPECT_EQ(medium_priority_weight(Arbitration{0x0302'0007}), 3u);
  EXPECT_EQ(high_priority_weight(Arbitration{0xff02'0007}), 256u);
  EXPECT_EQ(error_recovery_limit(ErrorRecovery{0x0001'000a}), seconds(1));
  EXPECT_EQ(coalesced_completions(InterruptCoalescing{0x0000'0207}), 8u);
  EXPECT_EQ(coalescing_time(InterruptCoalescing{0x0000'0207}), microseconds(200));
}

TEST(SmartDataUnits, are_thousands_of_512_bytes_rounded_up) {
  EXPECT_EQ(smart_data_units(0), 0u);
  EXPECT_EQ(smart_data_units(1), 1u);
  EXPECT_EQ(smart_data_units(512'000), 1u);
  EXPECT_EQ(smart_data_units(512'001), 2u);
}

}  // namespace
}  // namespace phasebit::spec
