// Runs in the guest: the driver against a controller that nobody here has written.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "src/base/random.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/log_pages.hpp"
#include "tests/guest/on_qemu.hpp"

namespace phasebit::driver {
namespace {

using spec::NvmOpcode;

constexpr std::uint64_t page = 4096;

TEST_F(OnQemu, identity_and_limits_are_qemus) {
  const auto& info = driver_->controller();
  EXPECT_EQ(0x1b36, info.vendor_id);
  EXPECT_EQ(spec::version(1, 4), info.version);
  EXPECT_EQ(2048u, info.queue_entries_max);
  EXPECT_EQ(512u << 10, info.transfer_bytes_max);
  EXPECT_EQ(4u, info.abort_commands_max);
  EXPECT_TRUE(info.volatile_write_cache);
  EXPECT_EQ(512u, space_.block_bytes);
  EXPECT_EQ(32768u, space_.blocks);
}

TEST_F(OnQemu, a_transfer_above_every_limit_comes_back_as_it_went) {
  const std::uint64_t bytes = (3 << 20) + 5 * 512;
  const auto sent = memory(bytes + page);
  const auto received = memory(bytes + page);
  fill(sent, 1);
  // The first region begins within a page and the last ends within one; between them lie whole pages, out of order.
  const std::vector<DmaRegion> out{sent.slice(512, page - 512), sent.slice(2 * page, 1 << 20), sent.slice(page, page),
                                   sent.slice((1 << 20) + 2 * page, bytes - (1 << 20) - 2 * page + 512)};
  const auto in = received.slice(4, bytes);
  const auto channel = make_channel();
  Operation write{.tag = 1, .opcode = NvmOpcode::write, .lba = Lba{7}, .blocks = bytes / 512, .buffers = out};
  ASSERT_TRUE(is_ok(run(channel, write)));
  Operation read{.tag = 2, .opcode = NvmOpcode::read, .lba = Lba{7}, .blocks = bytes / 512, .buffers = {&in, 1}};
  ASSERT_TRUE(is_ok(run(channel, read)));
  const std::byte* position = in.data;
  for (const auto& region : out) {
    ASSERT_EQ(0, std::memcmp(position, region.data, region.bytes));
    position += region.bytes;
  }
  EXPECT_GT(driver_->statistics().commands_pushed, 2u);
}

TEST_F(OnQemu, ordinary_memory_is_reached_through_its_mapping) {
  std::vector<std::byte> ordinary(3 * page + 100);
  const std::span<std::byte> aligned(ordinary.data() + (4 - reinterpret_cast<std::uintptr_t>(ordinary.data()) % 4) % 4, 2 * page);
  const auto iova = backend_->map(aligned, DmaRights::device_reads);
  ASSERT_TRUE(iova.has_value());
  const DmaRegion region{aligned.data(), aligned.size(), *iova};
  fill(region, 2);
  const auto received = memory(2 * page);
  const auto channel = make_channel();
  Operation write{.opcode = NvmOpcode::write, .lba = Lba{100}, .blocks = 16, .buffers = {&region, 1}};
  EXPECT_TRUE(is_ok(run(channel, write)));
  Operation read{.opcode = NvmOpcode::read, .lba = Lba{100}, .blocks = 16, .buffers = {&received, 1}};
  EXPECT_TRUE(is_ok(run(channel, read)));
  EXPECT_EQ(0, std::memcmp(aligned.data(), received.data, 2 * page));
  EXPECT_TRUE(backend_->unmap(aligned).has_value());
}

TEST_F(OnQemu, registered_memory_is_written_and_read_from_any_dword_on) {
  const std::uint64_t bytes = 6 * page;
  std::vector<std::byte> ordinary(2 * bytes + page);
  const std::span<std::byte> own(ordinary.data() + (8 - reinterpret_cast<std::uintptr_t>(ordinary.data()) % 4) % 4, 2 * bytes + 100);
  ASSERT_TRUE(bus_.register_memory(own).has_value()) << bus_.why();
  const auto region_at = [&](std::uint64_t offset) {
    const auto found = backend_->translate(own.subspan(offset, bytes)).value();
    EXPECT_EQ(bytes, found.bytes);
    return DmaRegion{own.data() + offset, bytes, found.iova};
  };
  const auto sent = region_at(4);
  const auto received = region_at(bytes + 20);
  fill(sent, 4);
  const auto channel = make_channel();
  Operation write{.opcode = NvmOpcode::write, .lba = Lba{500}, .blocks = bytes / 512, .buffers = {&sent, 1}};
  EXPECT_TRUE(is_ok(run(channel, write)));
  Operation read{.opcode = NvmOpcode::read, .lba = Lba{500}, .blocks = bytes / 512, .buffers = {&received, 1}};
  EXPECT_TRUE(is_ok(run(channel, read)));
  EXPECT_EQ(0, std::memcmp(sent.data, received.data, bytes));
  EXPECT_TRUE(bus_.unregister_memory(own).has_value()) << bus_.why();
}

TEST_F(OnQemu, memory_that_nobody_had_touched_when_it_was_mapped_is_read_as_it_is_written_afterwards) {
  void* const fresh = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(fresh, MAP_FAILED);
  const std::span<std::byte> untouched(static_cast<std::byte*>(fresh), 2 * page);
  const auto iova = backend_->map(untouched, DmaRights::device_reads);
  ASSERT_TRUE(iova.has_value());
  const DmaRegion region{untouched.data(), untouched.size(), *iova};
  fill(region, 3);
  const auto received = memory(2 * page);
  const auto channel = make_channel();
  Operation write{.opcode = NvmOpcode::write, .lba = Lba{300}, .blocks = 16, .buffers = {&region, 1}};
  EXPECT_TRUE(is_ok(run(channel, write)));
  Operation read{.opcode = NvmOpcode::read, .lba = Lba{300}, .blocks = 16, .buffers = {&received, 1}};
  EXPECT_TRUE(is_ok(run(channel, read)));
  EXPECT_EQ(0, std::memcmp(untouched.data(), received.data, 2 * page));
  EXPECT_TRUE(backend_->unmap(untouched).has_value());
  munmap(fresh, 2 * page);
}

/// What every block must hold: the operation that last wrote it.
class Expected {
 public:
  explicit Expected(std::size_t blocks) : writer_(blocks) {}
  void wrote(Lba first, std::uint64_t blocks, std::uint64_t tag) {
    std::fill_n(writer_.begin() + static_cast<std::ptrdiff_t>(first.value), blocks, tag);
  }
  static std::uint64_t word(Lba block, std::uint64_t tag) { return tag == 0 ? 0 : keyed(tag, block.value); }
  static void stamp(DmaRegion region, Lba first, std::uint64_t tag) {
    for (std::uint64_t i = 0; i < region.bytes / 8; ++i) {
      const std::uint64_t value = word(first + i / 64, tag) + i % 64;
      std::memcpy(region.data + i * 8, &value, 8);
    }
  }
  bool holds(DmaRegion region, Lba first) const {
    for (std::uint64_t i = 0; i < region.bytes / 8; ++i) {
      const std::uint64_t tag = writer_[first.value + i / 64];
      const std::uint64_t wanted = tag == 0 ? 0 : word(first + i / 64, tag) + i % 64;
      if (std::memcmp(region.data + i * 8, &wanted, 8) != 0) {
        return false;
      }
    }
    return true;
  }

 private:
  std::vector<std::uint64_t> writer_;  ///< tag; 0: zeroes
};

TEST_F(OnQemu, four_thousand_operations_thirty_two_at_a_time_leave_what_was_written) {
  constexpr std::uint64_t seed = 20'250;
  constexpr std::uint32_t at_a_time = 32;
  constexpr std::uint64_t stripe = 24;  // blocks of each slot, so that operations under way never meet
  const auto channel = make_channel({.operations_max = at_a_time});
  const auto pool = memory(at_a_time * stripe * 512);
  Expected expected(at_a_time * stripe);
  Operation zeroes{.opcode = NvmOpcode::write_zeroes, .blocks = at_a_time * stripe};
  ASSERT_TRUE(is_ok(run(channel, zeroes)));

  Random random(seed);
  std::vector<Operation> under_way(at_a_time);
  std::vector<DmaRegion> buffers(at_a_time);
  std::vector<OperationResult> results(at_a_time);
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
  std::set<std::uint32_t> free_slots;
  for (std::uint32_t slot = 0; slot < at_a_time; ++slot) {
    free_slots.insert(slot);
  }
  constexpr std::uint64_t operations = 4000;
  poll_until([&] {
    while (begun < operations && !free_slots.empty()) {
      const std::uint32_t slot = *free_slots.begin();
      free_slots.erase(free_slots.begin());
      const std::uint64_t blocks = random.between(1, stripe);
      const Lba first{slot * stripe + random.below(stripe - blocks + 1)};
      buffers[slot] = pool.slice(slot * stripe * 512, blocks * 512);
      const bool write = random.chance(1, 2);
      const std::uint64_t tag = (++begun) << 8 | slot;
      under_way[slot] = {
          .tag = tag, .opcode = write ? NvmOpcode::write : NvmOpcode::read, .lba = first, .blocks = blocks, .buffers = {&buffers[slot], 1}};
      if (write) {
        Expected::stamp(buffers[slot], first, tag);
        expected.wrote(first, blocks, tag);
      }
      EXPECT_EQ(1u, driver_->submit(channel, {&under_way[slot], 1}, hw::now()).accepted);
    }
    const std::uint32_t count = driver_->reap(channel, hw::now(), results);
    for (const auto& result : std::span(results).first(count)) {
      const auto slot = static_cast<std::uint32_t>(result.tag & 0xff);
      EXPECT_TRUE(is_ok(result));
      EXPECT_EQ(under_way[slot].tag, result.tag);
      EXPECT_TRUE(free_slots.insert(slot).second) << "ended twice";
      EXPECT_TRUE(expected.holds(buffers[slot], under_way[slot].lba)) << "seed " << seed << ", operation " << (result.tag >> 8);
    }
    ended += count;
    return ended == operations || HasFailure();
  });
  EXPECT_EQ(0u, driver_->statistics().completions_bogus);
}

TEST_F(OnQemu, the_devices_verdicts_come_through) {
  const auto channel = make_channel();
  const auto block = memory(512);
  fill(block, 3);
  Operation operation{.opcode = NvmOpcode::write, .lba = Lba{9}, .blocks = 1, .fua = true, .buffers = {&block, 1}};
  EXPECT_TRUE(is_ok(run(channel, operation)));
  operation.opcode = NvmOpcode::compare;
  operation.fua = false;
  EXPECT_TRUE(is_ok(run(channel, operation)));
  block.data[511] ^= std::byte{1};
  const auto differs = run(channel, operation);
  EXPECT_EQ(Outcome::failed, differs.outcome);
  EXPECT_TRUE(spec::is(differs.status, spec::MediaStatus::compare_failure)) << spec::status_name(differs.status);

  EXPECT_TRUE(is_ok(run(channel, {.opcode = NvmOpcode::flush})));
  operation = {.opcode = NvmOpcode::verify, .lba = Lba{9}, .blocks = 8};
  EXPECT_EQ(Errc::unsupported, driver_->submit(channel, {&operation, 1}, hw::now()).refusal) << "ONCS of this drive has no Verify";
  operation = {.opcode = NvmOpcode::read, .lba = Lba{space_.blocks}, .blocks = 1, .buffers = {&block, 1}};
  const auto refused = driver_->submit(channel, {&operation, 1}, hw::now());
  EXPECT_EQ(0u, refused.accepted);
  EXPECT_EQ(Errc::out_of_range, refused.refusal);

  RawCommand raw{.tag = 5, .sqe = spec::BlockCommand{.nsid = Nsid{1}, .slba = Lba{space_.blocks}}.sqe(), .buffers = {&block, 1}};
  ASSERT_TRUE(driver_->submit_raw(channel, raw, hw::now()).has_value());
  OperationResult result;
  poll_until([&] { return driver_->reap(channel, hw::now(), {&result, 1}) == 1; });
  EXPECT_TRUE(spec::is(result.status, spec::GenericStatus::lba_out_of_range)) << spec::status_name(result.status);
}

TEST_F(OnQemu, blocks_that_are_given_up_read_as_zeroes) {
  const auto channel = make_channel();
  const auto block = memory(512);
  const auto ranges = memory(page);
  const auto received = memory(std::uint64_t{24} * 512);
  fill(block, 4);
  for (std::uint64_t lba = 200; lba < 224; ++lba) {
    ASSERT_TRUE(is_ok(run(channel, {.opcode = NvmOpcode::write, .lba = Lba{lba}, .blocks = 1, .buffers = {&block, 1}})));
  }
  auto* range = reinterpret_cast<spec::DatasetRange*>(ranges.data);
  range[0] = {0, 8, 200};
  range[1] = {0, 8, 216};
  const auto two_ranges = ranges.slice(0, 2 * sizeof(spec::DatasetRange));
  EXPECT_TRUE(is_ok(run(channel, {.opcode = NvmOpcode::dataset_management, .blocks = 2, .deallocate = true, .buffers = {&two_ranges, 1}})));
  ASSERT_TRUE(is_ok(run(channel, {.opcode = NvmOpcode::read, .lba = Lba{200}, .blocks = 24, .buffers = {&received, 1}})));
  ASSERT_EQ(1, space_.deallocated_reads % 8) << "DLFEAT: zeroes";
  for (std::uint64_t i = 0; i < 24; ++i) {
    const auto read = received.slice(i * 512, 512).span();
    const bool kept = std::memcmp(read.data(), block.data, 512) == 0;
    EXPECT_TRUE(kept || std::count(read.begin(), read.end(), std::byte{0}) == 512) << i;
    EXPECT_EQ(i >= 8 && i < 16, kept) << i;
  }
}

TEST_F(OnQemu, admin_commands_of_the_users_pass_through) {
  const auto buffer = memory(page);
  const auto smart = buffer.slice(0, 512);
  const auto log = run_admin(spec::GetLogPage{.lid = spec::Lid::smart, .bytes = 512}.sqe(), {&smart, 1});
  EXPECT_TRUE(is_ok(log)) << spec::status_name(log.status);
  EXPECT_NE(0u, static_cast<unsigned>(buffer.data[1]) | static_cast<unsigned>(buffer.data[2]) << 8) << "a temperature in kelvins";
  const auto queues = run_admin(spec::GetFeatures{.fid = spec::Fid::number_of_queues}.sqe(), {});
  EXPECT_TRUE(is_ok(queues));
  EXPECT_LE(driver_->controller().io_queues, (queues.dword0 & 0xffff) + 1);
  const auto nonsense = run_admin(spec::GetLogPage{.lid = static_cast<spec::Lid>(0xee), .bytes = 512}.sqe(), {&smart, 1});
  EXPECT_EQ(Outcome::failed, nonsense.outcome);
}

TEST_F(OnQemu, channels_do_not_meet) {
  std::vector<ChannelId> channels;
  std::vector<DmaRegion> blocks;
  for (std::uint32_t i = 0; i < driver_->controller().io_queues; ++i) {
    channels.push_back(make_channel({.submission_queues = 1}));
    blocks.push_back(memory(512));
    fill(blocks.back(), 10 + i);
  }
  for (std::size_t i = 0; i < channels.size(); ++i) {
    ASSERT_TRUE(is_ok(run(channels[i], {.opcode = NvmOpcode::write, .lba = Lba{300 + i}, .blocks = 1, .buffers = {&blocks[i], 1}})));
  }
  const auto received = memory(512);
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const std::size_t other = (i + 1) % channels.size();
    ASSERT_TRUE(is_ok(run(channels[i], {.opcode = NvmOpcode::read, .lba = Lba{300 + other}, .blocks = 1, .buffers = {&received, 1}})));
    EXPECT_EQ(0, std::memcmp(blocks[other].data, received.data, 512));
  }
  EXPECT_EQ(Errc::queue_full, driver_->create_channel({}, hw::now()).error());
  EXPECT_TRUE(driver_->destroy_channel(channels.front(), hw::now()).has_value());
  poll_until([&] {
    driver_->reap(channels.front(), hw::now(), {});  // the owner's last look is what lets go of it
    return driver_->create_channel({}, hw::now()).has_value();
  });
}

}  // namespace
}  // namespace phasebit::driver
