// Runs in the guest, on QEMU's drive with cmb_size_mb=16: submission queues and data in the controller's memory, which lies behind BAR2.
#include <gtest/gtest.h>

#include <cstring>

#include "src/spec/register_units.hpp"
#include "tests/guest/on_qemu.hpp"

namespace phasebit::driver {
namespace {

using spec::NvmOpcode;

constexpr std::uint64_t memory_page = 4096;
constexpr std::uint64_t memory_bytes = 16ull << 20;

Options with_memory(ControllerMemoryUse use) {
  Options options;
  options.controller_memory = use;
  return options;
}

class ControllerMemoryOnQemu : public OnQemu {
 protected:
  void SetUp() override {
    OnQemu::SetUp();
    detach();
    attach(with_memory(ControllerMemoryUse::submission_queues_and_data));
  }
  std::uint64_t made_there() { return driver_->statistics().queues_in_controller_memory; }
  /// Writes what `out` holds and reads it into `in`, which has as many bytes.
  void expect_to_come_back(ChannelId channel, const DmaRegion& out, const DmaRegion& in, std::uint64_t lba) {
    std::memset(in.data, 0, in.bytes);
    const Operation write{.opcode = NvmOpcode::write, .lba = Lba{lba}, .blocks = out.bytes / 512, .buffers = {&out, 1}};
    const Operation read{.opcode = NvmOpcode::read, .lba = Lba{lba}, .blocks = in.bytes / 512, .buffers = {&in, 1}};
    EXPECT_TRUE(is_ok(run(channel, write)));
    EXPECT_TRUE(is_ok(run(channel, read)));
    EXPECT_EQ(0, std::memcmp(out.data, in.data, out.bytes));
  }
};

TEST_F(ControllerMemoryOnQemu, is_offered_for_queues_and_data_of_both_directions) {
  const ControllerInfo& info = driver_->controller();
  EXPECT_TRUE(info.capabilities.get(spec::Cap::cmbs));
  EXPECT_EQ(memory_bytes, info.controller_memory_bytes);
  EXPECT_TRUE(info.controller_memory_reads && info.controller_memory_writes);
}

TEST_F(ControllerMemoryOnQemu, holds_queues_that_go_round_many_times) {
  const auto channel = make_channel({.operations_max = 64, .submission_queues = 2});
  const auto data = memory(64 * memory_page);
  std::vector<DmaRegion> pages;
  std::vector<Operation> operations;
  for (std::uint64_t i = 0; i < 64; ++i) {
    pages.push_back(data.slice(i * memory_page, memory_page));
    std::memset(pages.back().data, static_cast<int>(i + 1), memory_page);
  }
  for (std::uint64_t i = 0; i < 1000; ++i) {  // 500 in each ring of 256
    operations.push_back({.tag = i,
                          .opcode = NvmOpcode::write,
                          .lba = Lba{i % 64 * 8},
                          .blocks = 8,
                          .submission_queue = static_cast<std::uint8_t>(i % 2),
                          .buffers = {&pages[i % 64], 1}});
  }
  for (const OperationResult& result : run(channel, operations)) {
    ASSERT_TRUE(is_ok(result)) << result.tag;
  }
  EXPECT_EQ(2u, made_there());
  const auto back = memory(memory_page);
  for (const std::uint64_t i : {0u, 31u, 63u}) {
    const Operation read{.opcode = NvmOpcode::read, .lba = Lba{i * 8}, .blocks = 8, .buffers = {&back, 1}};
    EXPECT_TRUE(is_ok(run(channel, read)));
    EXPECT_EQ(0, std::memcmp(back.data, pages[i].data, memory_page)) << i;
  }
}

TEST_F(ControllerMemoryOnQemu, holds_data_that_no_bus_carries) {
  const auto channel = make_channel();
  const auto out = driver_->allocate_controller_memory(2 * memory_page).value();
  const auto in = driver_->allocate_controller_memory(2 * memory_page).value();
  fill(out, 7);
  expect_to_come_back(channel, out, in, 512);
  const auto ordinary = memory(2 * memory_page);
  expect_to_come_back(channel, out, ordinary, 1024);
  expect_to_come_back(channel, ordinary, in, 1536);
  driver_->free_controller_memory(out);
  driver_->free_controller_memory(in);
}

TEST_F(ControllerMemoryOnQemu, holds_its_queues_again_after_a_reset) {
  const auto channel = make_channel();
  const auto data = memory(2 * memory_page);
  fill(data, 9);
  expect_to_come_back(channel, data.slice(0, memory_page), data.slice(memory_page, memory_page), 64);
  EXPECT_EQ(1u, made_there());
  driver_->reset(hw::now());
  poll_until([&] {
    driver_->reap(channel, hw::now(), {});  // the queue's owner obeys
    return made_there() == 2;
  });
  expect_to_come_back(channel, data.slice(0, memory_page), data.slice(memory_page, memory_page), 128);
}

TEST_F(ControllerMemoryOnQemu, is_not_used_by_who_did_not_ask_for_it) {
  detach();
  attach({});
  EXPECT_EQ(0u, driver_->controller().controller_memory_bytes);
  const auto channel = make_channel();
  const auto data = memory(2 * memory_page);
  fill(data, 11);
  expect_to_come_back(channel, data.slice(0, memory_page), data.slice(memory_page, memory_page), 64);
  EXPECT_EQ(0u, made_there());
}

TEST_F(ControllerMemoryOnQemu, is_shown_no_further_than_the_bar_reaches) {
  EXPECT_EQ(Errc::out_of_range, backend_->controller_memory({2, 0, memory_bytes + memory_page}).error());
  EXPECT_EQ(Errc::out_of_range, backend_->controller_memory({2, memory_bytes, memory_page}).error());
  EXPECT_EQ(Errc::misaligned, backend_->controller_memory({2, 512, memory_page}).error());
  EXPECT_EQ(Errc::unsupported, backend_->controller_memory({5, 0, memory_page}).error());
  EXPECT_EQ(Errc::unsupported, backend_->controller_memory({6, 0, memory_page}).error()) << "the expansion ROM is no BAR";
}

}  // namespace
}  // namespace phasebit::driver
