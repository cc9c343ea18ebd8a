// The controller's own memory: which offers are taken, how it is shown and placed, and how a ring lies there.
#include "src/driver/controller_memory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory_resource>
#include <vector>

#include "src/driver/controller_registers.hpp"
#include "src/driver/queue_pair.hpp"
#include "src/spec/io_commands.hpp"
#include "tests/support/memory_backend.hpp"

namespace phasebit::driver {
namespace {

using testing::MemoryBackend;

constexpr std::uint64_t memory_page = 4096;
constexpr std::uint64_t doorbells_end = 0x1100;

std::optional<ControllerMemoryOffer> offer_told(std::uint32_t location, std::uint32_t size) {
  return offer_of(spec::Cmbloc{location}, spec::Cmbsz{size}, doorbells_end);
}

// CMBLOC and CMBSZ put together by hand: BIR in bits 2:0, offset from bit 12; uses in bits 4:0, unit in 11:8, size from bit 12.
TEST(ControllerMemoryOffer, is_read_from_both_registers) {
  const auto found = offer_told(0x0000'3002, 0x0000'2109);  // BAR 2, 3 units on; 2 units of 64 KiB; SQS, RDS
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->place, (BarRange{2, 3ull * 65536, 2ull * 65536}));
  EXPECT_TRUE(found->queues && found->data_of_reads);
  EXPECT_FALSE(found->data_of_writes);
}

TEST(ControllerMemoryOffer, of_bars_that_can_be_is_taken_and_of_others_it_is_not) {
  for (std::uint32_t bar = 0; bar < 8; ++bar) {
    const bool can_be = bar == 0 || (bar >= 2 && bar <= 5);
    EXPECT_EQ(offer_told(0x0000'2000 | bar, 0x0000'1001).has_value(), can_be) << bar;
  }
}

TEST(ControllerMemoryOffer, among_registers_and_doorbells_is_not_taken) {
  EXPECT_FALSE(offer_told(0x0000'0000, 0x0000'1001).has_value());
  EXPECT_FALSE(offer_told(0x0000'1000, 0x0000'1001).has_value()) << "0x1000 lies before 0x1100";
  EXPECT_TRUE(offer_told(0x0000'2000, 0x0000'1001).has_value());
  EXPECT_TRUE(offer_told(0x0000'0002, 0x0000'1001).has_value()) << "in another BAR there are none";
}

TEST(ControllerMemoryOffer, of_nothing_or_of_a_reserved_unit_is_not_taken) {
  EXPECT_FALSE(offer_told(0x0000'0002, 0x0000'0001).has_value());
  for (std::uint32_t unit = 7; unit < 16; ++unit) {
    EXPECT_FALSE(offer_told(0x0000'0002, 0x0000'1001 | unit << 8).has_value()) << unit;
  }
  EXPECT_TRUE(offer_told(0x0000'0002, 0xffff'f601).has_value()) << "2^20 units of 64 GiB: the BAR will tell";
  EXPECT_FALSE(offer_told(0xffff'ffff, 0xffff'ffff).has_value()) << "the function is gone";
}

TEST(ControllerMemoryOffer, serves_only_what_was_wanted) {
  const ControllerMemoryOffer queues{{}, true, false, false};
  const ControllerMemoryOffer reads{{}, false, true, false};
  const ControllerMemoryOffer writes{{}, false, false, true};
  using enum ControllerMemoryUse;
  EXPECT_TRUE(serves(queues, submission_queues) && serves(queues, submission_queues_and_data));
  EXPECT_FALSE(serves(queues, none) || serves(queues, data));
  EXPECT_TRUE(serves(reads, data) && serves(writes, data) && serves(reads, submission_queues_and_data));
  EXPECT_FALSE(serves(reads, submission_queues) || serves(writes, none));
}

ControllerMemory four_pages(std::uint64_t base = 0x10'0000) {
  static std::array<std::byte, 4 * memory_page> bytes;
  const ControllerMemoryFound found{{{2, 0, 4 * memory_page}, true, true, true}, {bytes.data(), bytes.size(), Iova{base}}};
  return {found, ControllerMemoryUse::submission_queues_and_data, std::pmr::new_delete_resource()};
}

TEST(ControllerMemory, is_handed_out_without_overlap_until_it_is_full) {
  ControllerMemory memory = four_pages();
  const auto first = memory.take(memory_page, memory_page);
  const auto second = memory.take(2 * memory_page, memory_page);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->iova, Iova{0x10'0000});
  EXPECT_EQ(second->iova, Iova{0x10'0000 + memory_page});
  EXPECT_EQ(second->data, first->data + memory_page);
  EXPECT_FALSE(memory.take(2 * memory_page, memory_page).has_value());
  EXPECT_TRUE(memory.take(memory_page, memory_page).has_value());
  EXPECT_FALSE(memory.take(1, 1).has_value());
  EXPECT_FALSE(memory.take(0, 1).has_value());
}

TEST(ControllerMemory, fills_the_first_gap_that_is_large_enough) {
  ControllerMemory memory = four_pages();
  const auto first = memory.take(memory_page, memory_page);
  const auto second = memory.take(memory_page, memory_page);
  const auto third = memory.take(memory_page, memory_page);
  ASSERT_TRUE(memory.give_back(*second));
  EXPECT_FALSE(memory.give_back(*second)) << "it has no owner any more";
  EXPECT_FALSE(memory.take(2 * memory_page, memory_page).has_value()) << "two gaps of a page are none of two";
  EXPECT_EQ(memory.take(memory_page, memory_page)->iova, second->iova);
  ASSERT_TRUE(memory.give_back(*first) && memory.give_back(*third));
  EXPECT_EQ(memory.take(2 * memory_page, memory_page)->iova, third->iova) << "with the page behind it";
}

TEST(ControllerMemory, aligns_what_the_controller_sees) {
  ControllerMemory memory = four_pages(0x10'1000);
  const auto part = memory.take(memory_page, 2 * memory_page);
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->iova, Iova{0x10'2000});
  EXPECT_FALSE(memory.take(2 * memory_page, 2 * memory_page).has_value()) << "the next such address leaves a page";
  EXPECT_FALSE(memory.take(memory_page, ~0ull ^ (~0ull >> 1)).has_value());
}

TEST(ControllerMemory, that_was_left_hands_out_nothing_and_counts_as_lost) {
  ControllerMemory memory = four_pages();
  const auto part = memory.take(memory_page, memory_page);
  EXPECT_TRUE(memory.takes_queues() && memory.takes_data());
  memory.leave();
  EXPECT_FALSE(memory.is_there() || memory.takes_queues() || memory.takes_data() || memory.take(memory_page, memory_page).has_value());
  EXPECT_EQ(memory.shape().bytes, 0u);
  EXPECT_EQ(memory.shape().losses, 1u);
  EXPECT_TRUE(memory.give_back(*part));
}

/// CMBMSC and CMBSTS as a script wants them to read; all else is memory.
struct ScriptedControl : MemoryBackend {
  std::uint32_t read32(std::uint32_t offset) {
    ++reads;
    return offset == spec::offset::cmbmsc ? control : offset == spec::offset::cmbsts ? status : 0;
  }
  std::uint32_t control = 0;
  std::uint32_t status = 0;
};
using MemoryControl = ControllerRegisters<ScriptedControl>;

TEST(ControllerRegisters, show_the_controllers_memory_and_leave_the_rest_of_cmbmsc) {
  ScriptedControl device;
  device.control = 0x1234'5002;
  EXPECT_TRUE(MemoryControl(device).show_controller_memory());
  EXPECT_EQ(device.writes, (std::vector{testing::RegisterWrite{0x50, 0x1234'5003}}));
  device.control = 0x1234'5003;
  EXPECT_TRUE(MemoryControl(device).show_controller_memory());
  EXPECT_EQ(device.writes.size(), 1u) << "it was shown already";
  device.control = ~0u;
  EXPECT_FALSE(MemoryControl(device).show_controller_memory());
  EXPECT_EQ(device.writes.size(), 1u) << "nothing is written to what reads as all ones";
}

TEST(ControllerRegisters, place_the_controllers_memory_with_the_half_that_enables_last) {
  ScriptedControl device;
  MemoryControl registers(device);
  EXPECT_EQ(registers.place_controller_memory(Iova{0x12'3456'7000}), MemoryControl::Placed::there);
  EXPECT_EQ(device.writes, (std::vector{testing::RegisterWrite{0x54, 0x12}, testing::RegisterWrite{0x50, 0x3456'7003}}));
  device.status = 1;
  EXPECT_EQ(registers.place_controller_memory(Iova{0x12'3456'7000}), MemoryControl::Placed::refused);
  device.status = ~0u;
  EXPECT_EQ(registers.place_controller_memory(Iova{0x12'3456'7000}), MemoryControl::Placed::silent);
}

/// Two memories for a ring, each full of a byte of its own.
struct RingBench {
  explicit RingBench(std::uint32_t entries) : near(*backend.allocate_dma(entries * 64ull)), far(*backend.allocate_dma(entries * 64ull)) {
    std::memset(near.data, 0x5a, near.bytes);
    std::memset(far.data, 0xa5, far.bytes);
  }
  static bool lies_in(const DmaRegion& region, const void* address) {
    return address >= region.data && address < region.data + region.bytes;
  }
  MemoryBackend backend;
  DmaRegion near;
  DmaRegion far;
};

TEST(SubmissionRing, in_controller_memory_gets_whole_entries_that_were_made_elsewhere) {
  RingBench bench(4);
  SubmissionRing<MemoryBackend> ring(bench.backend, bench.near, 4, 0x1008, bench.far);
  ring.use_controller_memory(true);
  for (std::uint32_t i = 0; i < 10; ++i) {
    const std::uint32_t slot = ring.tail();
    spec::Sqe& entry = ring.next();
    EXPECT_FALSE(RingBench::lies_in(bench.far, &entry)) << "a field that is set or looked at would be a load from the device";
    entry = spec::read(Nsid{i + 1}, Lba{i}, 8);
    entry.cid = static_cast<std::uint16_t>(i);
    const spec::Sqe expected = entry;
    ring.advance();
    EXPECT_EQ(std::memcmp(bench.far.data + slot * 64ull, &expected, sizeof expected), 0);
    ASSERT_TRUE(ring.ring());
    ASSERT_TRUE(ring.take_head(ring.tail()));
    std::memset(bench.far.data + slot * 64ull, 0xa5, 64);
  }
  EXPECT_EQ(std::count(bench.near.data, bench.near.data + bench.near.bytes, std::byte{0x5a}), 256) << "the host's memory is not used";
}

TEST(SubmissionRing, lies_in_the_hosts_memory_until_it_is_told_and_where_it_has_no_other) {
  RingBench bench(4);
  SubmissionRing<MemoryBackend> ring(bench.backend, bench.near, 4, 0x1008, bench.far);
  EXPECT_TRUE(RingBench::lies_in(bench.near, &ring.next()));
  ring.use_controller_memory(true);
  ring.use_controller_memory(false);
  EXPECT_TRUE(RingBench::lies_in(bench.near, &ring.next()));
  SubmissionRing<MemoryBackend> without(bench.backend, bench.near, 4, 0x1008);
  without.use_controller_memory(true);
  EXPECT_TRUE(RingBench::lies_in(bench.near, &without.next()));
}

TEST(QueuePair, writes_to_the_rings_that_its_order_names) {
  MemoryBackend backend;
  std::array<SubmissionSetup, 2> submissions;
  for (std::uint16_t i = 0; i < 2; ++i) {
    submissions[i] = {Qid{static_cast<std::uint16_t>(i + 1)}, 4, *backend.allocate_dma(256), 0x1008u + 8 * i, *backend.allocate_dma(256)};
  }
  QueuePair<MemoryBackend> pair(backend, {Qid{1}, 8, *backend.allocate_dma(128), 0x100c, submissions}, std::pmr::new_delete_resource());
  const auto opcode_at = [&](std::uint32_t queue, bool far) {
    return static_cast<std::uint8_t>((far ? submissions[queue].controller_memory : submissions[queue].memory).data[0]);
  };
  const spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 1);
  pair.control().go_live(0b10);
  ASSERT_TRUE(pair.push(sqe, 1, 1, 0).has_value() && pair.push(sqe, 2, 1, 1).has_value());
  EXPECT_EQ(opcode_at(0, false), sqe.opcode);
  EXPECT_EQ(opcode_at(0, true), 0);
  EXPECT_EQ(opcode_at(1, false), 0);
  EXPECT_EQ(opcode_at(1, true), sqe.opcode);
  pair.control().stop(Outcome::reset, false);
  std::array<Completion, 8> completions;
  EXPECT_EQ(pair.reap(completions), 2u);
  pair.control().go_live();
  ASSERT_TRUE(pair.push(sqe, 3, 1, 1).has_value());
  EXPECT_EQ(opcode_at(1, false), sqe.opcode) << "after a reset it lies where the control plane says now";
}

}  // namespace
}  // namespace phasebit::driver
