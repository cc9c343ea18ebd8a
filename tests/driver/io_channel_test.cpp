// What goes out for each operation, and what comes back.
#include <gtest/gtest.h>

#include <vector>

#include "src/spec/dataset_management.hpp"
#include "tests/support/channel_bench.hpp"

namespace phasebit::driver {
namespace {

using spec::NvmOpcode;
using testing::ChannelBench;

using Tags = std::vector<std::uint64_t>;

/// The dwords of an entry that the specification gives a meaning to here, as typed from it by hand.
void expect_entry(const spec::Sqe& e, std::uint8_t opcode, std::uint32_t nsid, std::uint32_t cdw10, std::uint32_t cdw11,
                  std::uint32_t cdw12) {
  EXPECT_EQ(e.opcode, opcode);
  EXPECT_EQ(e.flags, 0) << "PRPs, not fused";
  EXPECT_EQ(e.nsid, nsid);
  EXPECT_EQ(e.cdw10, cdw10);
  EXPECT_EQ(e.cdw11, cdw11);
  EXPECT_EQ(e.cdw12, cdw12);
  EXPECT_EQ(e.cdw2 | e.cdw3 | e.cdw13 | e.cdw14 | e.cdw15, 0u);
  EXPECT_EQ(e.mptr, 0u);
}

TEST(IoChannel, a_read_goes_out_and_its_result_comes_back_once) {
  ChannelBench t({.namespaces = {{Nsid{1}, 1ull << 40, 0, 9}}});
  const DmaRegion data = t.buffer(4096);
  t.accept({.tag = 7, .opcode = NvmOpcode::read, .lba = Lba{0x12'3456'789a}, .blocks = 8, .buffers = {&data, 1}});
  const std::vector<spec::Sqe> entries = t.fetch_all();
  ASSERT_EQ(entries.size(), 1u);
  expect_entry(entries[0], 0x02, 1, 0x3456'789a, 0x12, 7);
  EXPECT_EQ(entries[0].prp1, data.iova.value);
  EXPECT_EQ(entries[0].prp2, 0u);
  EXPECT_TRUE(t.reap().empty());
  t.answer(entries[0], {}, 0xabcd);
  const OperationResult result = t.only_result();
  EXPECT_EQ(result.tag, 7u);
  EXPECT_EQ(result.outcome, Outcome::ok);
  EXPECT_EQ(result.dword0, 0xabcdu);
  EXPECT_EQ(result.attempts, 1);
  EXPECT_TRUE(t.reap().empty());
  EXPECT_EQ(t.channel->operations(), 0u);
  EXPECT_TRUE(t.doorbells_valid);
  EXPECT_EQ(t.backend.reads, 0u);
}

TEST(IoChannel, each_operation_has_its_own_command) {
  ChannelBench t;
  const DmaRegion data = t.buffer(4096);
  t.accept({.opcode = NvmOpcode::write, .lba = Lba{1}, .blocks = 8, .fua = true, .buffers = {&data, 1}});
  t.accept({.opcode = NvmOpcode::compare, .lba = Lba{2}, .blocks = 8, .limited_retry = true, .buffers = {&data, 1}});
  t.accept({.opcode = NvmOpcode::write_zeroes, .lba = Lba{3}, .blocks = 65536, .deallocate = true});
  t.accept({.opcode = NvmOpcode::write_uncorrectable, .lba = Lba{4}, .blocks = 1});
  t.accept({.opcode = NvmOpcode::verify, .lba = Lba{5}, .blocks = 2});
  t.accept({.opcode = NvmOpcode::flush});
  const std::vector<spec::Sqe> e = t.fetch_all();
  ASSERT_EQ(e.size(), 6u);
  expect_entry(e[0], 0x01, 1, 1, 0, 1u << 30 | 7);
  expect_entry(e[1], 0x05, 1, 2, 0, 1u << 31 | 7);
  expect_entry(e[2], 0x08, 1, 3, 0, 1u << 25 | 0xffff);
  expect_entry(e[3], 0x04, 1, 4, 0, 0);
  expect_entry(e[4], 0x0c, 1, 5, 0, 1);
  expect_entry(e[5], 0x00, 1, 0, 0, 0);
  EXPECT_EQ(e[1].prp1, data.iova.value);
  EXPECT_EQ(e[2].prp1 | e[3].prp1 | e[4].prp1 | e[5].prp1, 0u);
}

TEST(IoChannel, dataset_management_sends_the_users_ranges) {
  ChannelBench t;
  const DmaRegion data = t.buffer(4096);
  auto* range = reinterpret_cast<spec::DatasetRange*>(data.data);
  range[0] = {0u, 8u, 100ull};
  range[1] = {0u, 1u, (1ull << 20) - 1};
  const DmaRegion ranges = data.slice(0, 32);
  t.accept({.opcode = NvmOpcode::dataset_management, .blocks = 2, .deallocate = true, .integral_write = true, .buffers = {&ranges, 1}});
  const std::vector<spec::Sqe> entries = t.fetch_all();
  ASSERT_EQ(entries.size(), 1u);
  expect_entry(entries[0], 0x09, 1, 1, 1u << 2 | 1u << 1, 0);
  EXPECT_EQ(entries[0].prp1, data.iova.value);
  range[1].blocks = 2;
  EXPECT_EQ(t.refusal({.opcode = NvmOpcode::dataset_management, .blocks = 2, .buffers = {&ranges, 1}}), Errc::out_of_range);
}

TEST(IoChannel, a_raw_command_goes_out_as_written_but_for_cid_and_prps) {
  ChannelBench t;
  const DmaRegion data = t.buffer(16384, 512);
  spec::Sqe sqe;
  sqe.opcode = 0xc2;
  sqe.nsid = 0x77;
  sqe.cdw2 = 1;
  sqe.cdw3 = 2;
  sqe.cdw10 = 10;
  sqe.cdw15 = 15;
  sqe.prp2 = 99;
  ASSERT_TRUE(t.channel->submit_raw({.tag = 5, .sqe = sqe}, t.now).has_value());
  ASSERT_TRUE(t.channel->submit_raw({.tag = 6, .sqe = sqe, .buffers = {&data, 1}}, t.now).has_value());
  std::vector<spec::Sqe> entries = t.fetch_all();
  ASSERT_EQ(entries.size(), 2u);
  sqe.cid = entries[0].cid;
  EXPECT_EQ(std::memcmp(&entries[0], &sqe, sizeof sqe), 0);
  EXPECT_EQ(entries[1].prp1, data.iova.value);
  EXPECT_NE(entries[1].prp2, 99u);
  t.answer(entries[0], spec::make_status(spec::GenericStatus::internal_error));
  EXPECT_EQ(t.only_result().outcome, Outcome::failed) << "never retried";
}

TEST(IoChannel, a_raw_command_that_one_command_cannot_carry_is_refused) {
  ChannelBench t({.transfer_bytes_max = 64 << 10, .limits = {.transfer_bytes_max = 4096}});
  const DmaRegion large = t.buffer(8192);
  EXPECT_EQ(t.channel->submit_raw({.buffers = {&large, 1}}, t.now).error(), Errc::too_large);
  const DmaRegion parts[] = {t.buffer(512), t.buffer(512)};
  EXPECT_EQ(t.channel->submit_raw({.buffers = parts}, t.now).error(), Errc::misaligned) << "a gap cannot be cut";
}

TEST(IoChannel, what_cannot_be_done_is_refused_before_anything_is_sent) {
  ChannelBench t;
  const DmaRegion block = t.buffer(512);
  const DmaRegion odd = t.buffer(4096).slice(2, 512);
  const DmaRegion beyond = t.buffer(1024);
  const Operation good{.lba = Lba{0}, .blocks = 1, .buffers = {&block, 1}};
  const auto with = [&](auto change) {
    Operation operation = good;
    change(operation);
    return t.refusal(operation);
  };
  EXPECT_EQ(with([](Operation& o) { o.blocks = 0; }), Errc::invalid_argument);
  EXPECT_EQ(with([](Operation& o) { o.blocks = 2; }), Errc::invalid_argument) << "the buffer is shorter than the transfer";
  EXPECT_EQ(with([&](Operation& o) { o.buffers = {&beyond, 1}; }), Errc::invalid_argument) << "the buffer is longer";
  EXPECT_EQ(with([](Operation& o) { o.buffers = {}; }), Errc::invalid_argument);
  EXPECT_EQ(with([&](Operation& o) { o.buffers = {&odd, 1}; }), Errc::misaligned);
  EXPECT_EQ(with([](Operation& o) { o.nsid = Nsid{2}; }), Errc::not_found);
  EXPECT_EQ(with([](Operation& o) { o.nsid = nsid_all; }), Errc::not_found);
  EXPECT_EQ(with([](Operation& o) { o.nsid = nsid_none; }), Errc::not_found);
  EXPECT_EQ(with([](Operation& o) { o.opcode = NvmOpcode::copy; }), Errc::unsupported);
  EXPECT_EQ(with([](Operation& o) { o.deallocate = true; }), Errc::invalid_argument);
  EXPECT_EQ(with([](Operation& o) { o.submission_queue = 1; }), Errc::invalid_argument);
  EXPECT_EQ(with([](Operation& o) { o.opcode = NvmOpcode::verify; }), Errc::invalid_argument) << "no data, no buffers";
  EXPECT_EQ(with([](Operation& o) { o.opcode = NvmOpcode::flush; }), Errc::invalid_argument);
  const std::vector<DmaRegion> many(9, block);
  EXPECT_EQ(with([&](Operation& o) { o.blocks = 9, o.buffers = many; }), Errc::too_large);
  EXPECT_TRUE(t.backend.writes.empty());
  EXPECT_EQ(t.channel->operations(), 0u);
}

TEST(IoChannel, the_end_of_the_namespace_holds_for_every_path_and_no_sum_wraps) {
  ChannelBench t;  // 2^20 blocks
  const DmaRegion one = t.buffer(512);
  const DmaRegion two[] = {t.buffer(512), t.buffer(512)};
  constexpr std::uint64_t end = 1 << 20;
  const std::uint64_t last_lba = ~0ull;
  EXPECT_EQ(t.refusal({.lba = Lba{end}, .blocks = 1, .buffers = {&one, 1}}), Errc::out_of_range);
  EXPECT_EQ(t.refusal({.lba = Lba{end - 1}, .blocks = 2, .buffers = two}), Errc::out_of_range);
  EXPECT_EQ(t.refusal({.lba = Lba{last_lba}, .blocks = 2, .buffers = two}), Errc::out_of_range);
  for (const NvmOpcode opcode : {NvmOpcode::write_zeroes, NvmOpcode::write_uncorrectable, NvmOpcode::verify}) {
    EXPECT_EQ(t.refusal({.opcode = opcode, .lba = Lba{end - 1}, .blocks = 2}), Errc::out_of_range);
    EXPECT_EQ(t.refusal({.opcode = opcode, .lba = Lba{1}, .blocks = ~0ull}), Errc::out_of_range);
    EXPECT_EQ(t.refusal({.opcode = opcode, .lba = Lba{last_lba}, .blocks = 1}), Errc::out_of_range);
  }
  t.accept({.lba = Lba{end - 2}, .blocks = 2, .buffers = two});
  t.accept({.opcode = NvmOpcode::verify, .lba = Lba{0}, .blocks = end});
}

TEST(IoChannel, commands_that_the_controller_lacks_are_not_sent) {
  DeviceLimits limits;
  limits.has_compare = limits.has_write_uncorrectable = limits.has_dataset_management = limits.has_write_zeroes = limits.has_verify = false;
  ChannelBench t({.limits = limits});
  const DmaRegion block = t.buffer(512);
  EXPECT_EQ(t.refusal({.opcode = NvmOpcode::compare, .blocks = 1, .buffers = {&block, 1}}), Errc::unsupported);
  EXPECT_EQ(t.refusal({.opcode = NvmOpcode::dataset_management, .blocks = 1, .buffers = {&block, 1}}), Errc::unsupported);
  for (const NvmOpcode opcode : {NvmOpcode::write_zeroes, NvmOpcode::write_uncorrectable, NvmOpcode::verify}) {
    EXPECT_EQ(t.refusal({.opcode = opcode, .blocks = 1}), Errc::unsupported);
  }
}

TEST(IoChannel, flush_of_all_namespaces_needs_a_controller_that_takes_it) {
  ChannelBench t({.limits = {.flushes_all_namespaces = true}});
  t.accept({.opcode = NvmOpcode::flush, .nsid = nsid_all});
  EXPECT_EQ(t.fetch_all().at(0).nsid, 0xffff'ffffu);
}

TEST(IoChannel, the_regions_may_be_forgotten_once_the_operation_is_accepted) {
  ChannelBench t({.queue_entries = 2});
  const DmaRegion data = t.buffer(512);
  t.accept({.tag = 1, .blocks = 1, .buffers = {&data, 1}});
  {
    std::vector<DmaRegion> regions{data};
    t.accept({.tag = 2, .blocks = 1, .buffers = regions});
    regions[0].iova = Iova{0};
  }
  t.answer(t.fetch_all().at(0));
  EXPECT_EQ(t.reap_tags(), Tags{1});
  EXPECT_EQ(t.fetch_all().at(0).prp1, data.iova.value);
}

TEST(IoChannel, a_batch_is_accepted_up_to_the_first_refusal_and_takes_one_doorbell) {
  ChannelBench t({.operations_max = 3});
  const DmaRegion block = t.buffer(512);
  const Operation good{.blocks = 1, .buffers = {&block, 1}};
  Operation bad = good;
  bad.blocks = 0;
  SubmitResult result = t.submit({good, good, bad, good});
  EXPECT_EQ(result.accepted, 2u);
  EXPECT_EQ(result.refusal, Errc::invalid_argument);
  EXPECT_EQ(t.backend.writes.size(), 1u);
  result = t.submit({good, good});
  EXPECT_EQ(result.accepted, 1u);
  EXPECT_EQ(result.refusal, Errc::queue_full) << "back-pressure";
  EXPECT_EQ(t.fetch_all().size(), 3u);
}

TEST(IoChannel, results_without_a_place_wait_for_the_next_reap) {
  ChannelBench t;
  for (std::uint64_t tag = 0; tag < 5; ++tag) {
    t.accept({.tag = tag, .opcode = NvmOpcode::flush});
  }
  for (const spec::Sqe& entry : t.fetch_all()) {
    t.answer(entry);
  }
  EXPECT_EQ(t.reap_tags(0), Tags{});
  EXPECT_EQ(t.device->acknowledged(), 5u) << "the completion ring is emptied all the same";
  EXPECT_EQ(t.channel->next_wake(), Instant{0});
  EXPECT_EQ(t.reap_tags(2), (Tags{0, 1}));
  EXPECT_EQ(t.reap_tags(2), (Tags{2, 3}));
  EXPECT_EQ(t.reap_tags(2), Tags{4});
  EXPECT_EQ(t.reap_tags(2), Tags{});
}

TEST(IoChannel, several_submission_queues_share_one_channel) {
  ChannelBench t({.queue_entries = 4, .submission_queues = 3});
  for (std::uint8_t s = 0; s < 3; ++s) {
    for (std::uint64_t i = 0; i < 3; ++i) {
      t.accept({.tag = 10ull * s + i, .opcode = NvmOpcode::flush, .submission_queue = s});
    }
  }
  Tags tags;
  for (int round = 0; round < 9; ++round) {
    for (std::size_t s = 0; s < 3; ++s) {
      for (const spec::Sqe& entry : t.fetch_all(s)) {
        t.answer(entry, {}, 0, s);
      }
    }
    for (const std::uint64_t tag : t.reap_tags()) {
      tags.push_back(tag);
    }
  }
  std::sort(tags.begin(), tags.end());
  EXPECT_EQ(tags, (Tags{0, 1, 2, 10, 11, 12, 20, 21, 22}));
  EXPECT_TRUE(t.doorbells_valid);
}

TEST(IoChannel, takes_no_memory_once_it_is_made) {
  ChannelBench t({.queue_entries = 4, .operations_max = 8});
  const std::uint64_t allocations = t.memory.allocations;
  const DmaRegion data = t.buffer(1 << 20);
  for (std::uint64_t lap = 0; lap < 100; ++lap) {
    t.submit({{.blocks = 2048, .buffers = {&data, 1}}, {.opcode = NvmOpcode::flush}});
    for (const spec::Sqe& entry : t.fetch_all()) {
      t.answer(entry, lap % 3 == 0 ? spec::make_status(spec::GenericStatus::internal_error) : spec::Status{});
    }
    t.now = t.now + microseconds(77);
    t.reap();
  }
  EXPECT_EQ(t.memory.allocations, allocations);
}

}  // namespace
}  // namespace phasebit::driver
