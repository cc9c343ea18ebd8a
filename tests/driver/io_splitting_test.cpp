// One operation, several commands.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "tests/support/channel_bench.hpp"

namespace phasebit::driver {
namespace {

using spec::NvmOpcode;
using testing::ChannelBench;

using Tags = std::vector<std::uint64_t>;

constexpr std::uint32_t blocks_of(const spec::Sqe& entry) {
  return (entry.cdw12 & 0xffff) + 1;
}

/// All commands of what was accepted, answering each at once so that the ring never holds them up.
std::vector<spec::Sqe> all_commands(ChannelBench& t) {
  std::vector<spec::Sqe> commands;
  for (std::vector<spec::Sqe> batch = t.fetch_all(); !batch.empty(); batch = t.fetch_all()) {
    for (const spec::Sqe& entry : batch) {
      commands.push_back(entry);
      t.answer(entry);
    }
    t.reap(0);
  }
  return commands;
}

/// First block and count of each command.
using Pieces = std::vector<std::pair<std::uint64_t, std::uint32_t>>;
Pieces pieces_of(const std::vector<spec::Sqe>& commands) {
  Pieces pieces;
  for (const spec::Sqe& entry : commands) {
    pieces.emplace_back(std::uint64_t{entry.cdw11} << 32 | entry.cdw10, blocks_of(entry));
  }
  return pieces;
}

TEST(IoSplitting, mdts_cuts_in_order_and_the_data_follows) {
  ChannelBench t({.limits = {.transfer_bytes_max = 8192}});
  const DmaRegion data = t.buffer(20480, 512);
  t.accept({.tag = 1, .lba = Lba{100}, .blocks = 40, .buffers = {&data, 1}});
  const std::vector<spec::Sqe> commands = all_commands(t);
  EXPECT_EQ(pieces_of(commands), (Pieces{{100, 16}, {116, 16}, {132, 8}}));
  EXPECT_EQ(commands[1].prp1, data.iova.value + 8192);
  EXPECT_EQ(commands[2].prp1, data.iova.value + 16384);
  EXPECT_EQ(t.reap_tags(), Tags{1});
}

TEST(IoSplitting, without_mdts_our_own_limit_counts) {
  ChannelBench t({.transfer_bytes_max = 2 << 20});
  const DmaRegion data = t.buffer(4 << 20, 4);  // unaligned, so that a command of 2 MiB touches 513 pages
  t.accept({.blocks = 8192, .buffers = {&data, 1}});
  const std::vector<spec::Sqe> commands = all_commands(t);
  EXPECT_EQ(pieces_of(commands), (Pieces{{0, 4096}, {4096, 4096}}));
  std::vector<Le64> list(512);
  std::memcpy(list.data(), t.backend.host(Iova{commands[1].prp2}, 4096), 4096);
  EXPECT_EQ(list[511], (data.iova.value & ~4095ull) + (2ull << 20) + 512 * 4096ull);
}

TEST(IoSplitting, noiob_is_never_crossed) {
  ChannelBench t({.namespaces = {{Nsid{1}, 1 << 20, 24, 9}}});
  const DmaRegion data = t.buffer(32768);
  t.accept({.lba = Lba{20}, .blocks = 64, .buffers = {&data, 1}});
  EXPECT_EQ(pieces_of(all_commands(t)), (Pieces{{20, 4}, {24, 24}, {48, 24}, {72, 12}}));
}

TEST(IoSplitting, a_gap_in_memory_is_cut_at_a_block_and_refused_inside_one) {
  ChannelBench t;
  const DmaRegion page = t.buffer(4096);
  const DmaRegion cut_at_block[] = {t.buffer(1024), t.buffer(512), t.buffer(4096)};
  t.accept({.tag = 1, .lba = Lba{10}, .blocks = 11, .buffers = cut_at_block});
  const std::vector<spec::Sqe> commands = all_commands(t);
  EXPECT_EQ(pieces_of(commands), (Pieces{{10, 2}, {12, 1}, {13, 8}}));
  EXPECT_EQ(commands[2].prp1, cut_at_block[2].iova.value);
  const DmaRegion inside_block[] = {t.buffer(256), t.buffer(256)};
  EXPECT_EQ(t.refusal({.blocks = 1, .buffers = inside_block}), Errc::misaligned);
  const DmaRegion joined_at_page[] = {page.slice(4096 - 256, 256), t.buffer(256)};
  t.accept({.tag = 2, .blocks = 1, .buffers = joined_at_page});
  const spec::Sqe joined = t.fetch_all().at(0);
  EXPECT_EQ(joined.prp1, joined_at_page[0].iova.value);
  EXPECT_EQ(joined.prp2, joined_at_page[1].iova.value) << "two parts of one block, one command";
}

TEST(IoSplitting, a_short_last_region_is_not_dropped) {
  ChannelBench t;
  const DmaRegion regions[] = {t.buffer(4096), t.buffer(4096), t.buffer(512)};
  t.accept({.blocks = 17, .buffers = regions});
  const spec::Sqe entry = t.fetch_all().at(0);
  EXPECT_EQ(blocks_of(entry), 17u);
  Le64 list[2];
  std::memcpy(list, t.backend.host(Iova{entry.prp2}, sizeof list), sizeof list);
  EXPECT_EQ(list[0], regions[1].iova.value);
  EXPECT_EQ(list[1], regions[2].iova.value);
}

TEST(IoSplitting, a_count_beyond_16_bits_is_no_small_count) {
  ChannelBench t;
  t.accept({.tag = 1, .opcode = NvmOpcode::write_zeroes, .blocks = 65537});
  EXPECT_EQ(pieces_of(all_commands(t)), (Pieces{{0, 65536}, {65536, 1}}));
  EXPECT_EQ(t.reap_tags(), Tags{1});
}

TEST(IoSplitting, the_controllers_own_limits_bound_commands_without_data) {
  ChannelBench t({.limits = {.write_zeroes_bytes_max = 8192, .write_uncorrectable_bytes_max = 4096, .verify_bytes_max = 512}});
  t.accept({.opcode = NvmOpcode::write_zeroes, .blocks = 20});
  t.accept({.opcode = NvmOpcode::write_uncorrectable, .blocks = 9});
  t.accept({.opcode = NvmOpcode::verify, .blocks = 2});
  EXPECT_EQ(pieces_of(all_commands(t)), (Pieces{{0, 16}, {16, 4}, {0, 8}, {8, 1}, {0, 1}, {1, 1}}));
}

TEST(IoSplitting, dataset_management_is_cut_at_the_number_of_ranges) {
  ChannelBench t({.limits = {.dataset_ranges_max = 2}});
  const DmaRegion ranges = t.buffer(80);
  t.accept({.opcode = NvmOpcode::dataset_management, .blocks = 5, .deallocate = true, .buffers = {&ranges, 1}});
  const std::vector<spec::Sqe> commands = all_commands(t);
  ASSERT_EQ(commands.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(commands[i].cdw10, i < 2 ? 1u : 0u);
    EXPECT_EQ(commands[i].prp1, ranges.iova.value + 32 * i);
  }
}

TEST(IoSplitting, a_thousand_children_end_one_parent_and_not_before_the_last) {
  ChannelBench t({.limits = {.transfer_bytes_max = 4096}, .namespaces = {{Nsid{1}, 1 << 20, 1, 9}}});
  const DmaRegion data = t.buffer(512'000);
  t.accept({.tag = 1, .blocks = 1000, .buffers = {&data, 1}});
  for (int i = 0; i < 999; ++i) {
    const std::optional<spec::Sqe> entry = t.device->fetch();
    ASSERT_TRUE(entry.has_value()) << i;
    t.answer(*entry);
    ASSERT_TRUE(t.reap().empty()) << i;
  }
  t.answer(*t.device->fetch());
  EXPECT_EQ(t.reap_tags(), Tags{1});
}

TEST(IoSplitting, one_failed_child_fails_the_parent_once_after_the_others_have_ended) {
  ChannelBench t({.queue_entries = 5, .limits = {.transfer_bytes_max = 4096}});
  const DmaRegion data = t.buffer(8 * std::uint64_t{4096});
  t.accept({.tag = 1, .blocks = 64, .buffers = {&data, 1}});
  const std::vector<spec::Sqe> first = t.fetch_all();
  ASSERT_EQ(first.size(), 4u);
  const spec::Status media = spec::make_status(spec::MediaStatus::unrecovered_read_error).with(spec::Status::dnr, true);
  t.answer(first[1], media);
  EXPECT_TRUE(t.reap().empty()) << "three are still at the device";
  EXPECT_TRUE(t.fetch_all().empty()) << "and no more is sent";
  t.answer(first[3], spec::make_status(spec::GenericStatus::invalid_field));
  t.answer(first[0]);
  EXPECT_TRUE(t.reap().empty());
  t.answer(first[2]);
  const OperationResult result = t.only_result();
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_EQ(result.status, media) << "the first failure";
  EXPECT_EQ(t.channel->operations(), 0u);
}

TEST(IoSplitting, no_new_operation_overtakes_one_that_waits) {
  ChannelBench t({.queue_entries = 3, .operations_max = 8, .limits = {.transfer_bytes_max = 512}});
  const DmaRegion data = t.buffer(6 * std::uint64_t{512});
  t.accept({.tag = 1, .lba = Lba{0}, .blocks = 6, .buffers = {&data, 1}});
  Tags order;
  std::uint64_t next_tag = 2;
  for (int i = 0; i < 12; ++i) {
    const std::optional<spec::Sqe> entry = t.device->fetch();
    ASSERT_TRUE(entry.has_value());
    order.push_back(entry->opcode == 0 ? 99 : entry->cdw10.get());
    t.answer(*entry);
    t.reap();
    if (next_tag < 8) {  // each slot that frees is at once asked for by a newcomer
      t.accept({.tag = next_tag++, .opcode = NvmOpcode::flush});
    }
  }
  EXPECT_EQ(order, (Tags{0, 1, 2, 3, 4, 5, 99, 99, 99, 99, 99, 99}));
}

TEST(IoSplitting, a_block_that_no_command_can_carry_is_refused) {
  ChannelBench t({.limits = {.transfer_bytes_max = 4096}, .namespaces = {{Nsid{1}, 1 << 20, 0, 13}}});
  const DmaRegion data = t.buffer(8192);
  EXPECT_EQ(t.refusal({.blocks = 1, .buffers = {&data, 1}}), Errc::too_large);
}

}  // namespace
}  // namespace phasebit::driver
