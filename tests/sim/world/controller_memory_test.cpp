// The drive's own memory through the seam: what a host is shown of it, and what becomes of that.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/sim/world/hand_host.hpp"

namespace phasebit::sim {
namespace {

constexpr std::uint64_t own_page = 4096;

struct MemoryBench {
  explicit MemoryBench(const ControllerMemoryOptions& memory) : world(make_world(with(memory), region)), host(*world) {
    EXPECT_TRUE(world->bus().claim(host.address()).has_value());
    backend = world->bus().open(host.address()).value();
    backend->config_write16(spec::pci::config::command, 0x0406);
  }
  static WorldOptions with(const ControllerMemoryOptions& memory) {
    WorldOptions options;
    options.interleave = false;
    options.drives[0].controller_memory = memory;
    return options;
  }
  Errc refusal(const BarRange& range) const {
    const auto region_shown = backend->controller_memory(range);
    EXPECT_FALSE(region_shown.has_value());
    return region_shown ? Errc{} : region_shown.error();
  }

  Region region = Region::create(64 << 20).value();
  WorldPointer world;
  HandHost host;
  EmulatedBackend* backend = nullptr;
};

ControllerMemoryOptions memory_in(std::uint32_t bar, std::uint64_t offset) {
  ControllerMemoryOptions memory;
  memory.bytes = 4 * own_page;
  memory.bar = bar;
  memory.offset = offset;
  return memory;
}

TEST(EmulatedControllerMemory, is_shown_where_it_is_and_nowhere_else) {
  const MemoryBench bench(memory_in(2, own_page));
  EXPECT_EQ(bench.refusal({0, own_page, own_page}), Errc::out_of_range);
  EXPECT_EQ(bench.refusal({4, own_page, own_page}), Errc::out_of_range);
  EXPECT_EQ(bench.refusal({2, 0, own_page}), Errc::out_of_range);
  EXPECT_EQ(bench.refusal({2, 2 * own_page, 4 * own_page}), Errc::out_of_range);
  EXPECT_EQ(bench.refusal({2, 5 * own_page, own_page}), Errc::out_of_range);
  EXPECT_EQ(bench.refusal({2, own_page, 0}), Errc::out_of_range);
  EXPECT_EQ(bench.refusal({2, 2 * own_page, ~0ull - own_page + 1}), Errc::out_of_range);
  EXPECT_EQ(bench.refusal({2, own_page + 512, own_page}), Errc::misaligned);
  EXPECT_EQ(bench.refusal({2, own_page, own_page + 1}), Errc::misaligned);
  const DmaRegion whole = bench.backend->controller_memory({2, own_page, 4 * own_page}).value();
  EXPECT_EQ(whole.bytes, 4 * own_page);
  EXPECT_EQ(whole.iova.value % own_page, 0u);
  const DmaRegion again = bench.backend->controller_memory({2, own_page, 4 * own_page}).value();
  EXPECT_EQ(again.iova, whole.iova);
  EXPECT_EQ(again.data, whole.data);
}

TEST(EmulatedControllerMemory, is_not_there_in_a_drive_without) {
  const MemoryBench bench(ControllerMemoryOptions{});
  EXPECT_EQ(bench.refusal({0, 0, own_page}), Errc::out_of_range);
  EXPECT_EQ(bench.refusal({2, 0, own_page}), Errc::out_of_range);
}

TEST(EmulatedControllerMemory, in_bar0_is_what_loads_and_stores_there_reach) {
  const MemoryBench bench(memory_in(0, own_page));
  const BarRange place = controller_memory_place(bench.world->options().drives[0]);
  EXPECT_GE(place.offset,
            spec::doorbell_offset(capabilities(bench.world->options().drives[0]), Qid{64}, spec::DoorbellKind::completion_head));
  const DmaRegion region = bench.backend->controller_memory(place).value();
  const auto offset = static_cast<std::uint32_t>(place.offset);
  bench.backend->write32(offset + 4, 0x1234'5678);
  bench.backend->write64(offset + 4 * own_page - 8, 0x0123'4567'89ab'cdefull);
  EXPECT_EQ(bench.backend->read32(offset + 4), 0x1234'5678u);
  Le32 stored;
  std::memcpy(&stored, region.data + 4, sizeof stored);
  EXPECT_EQ(stored.get(), 0x1234'5678u);
  EXPECT_EQ(bench.backend->read64(offset + 4 * own_page - 8), 0x0123'4567'89ab'cdefull);
  EXPECT_GT(bench.backend->bar_bytes(), place.offset + place.bytes) << "the MSI-X structures lie behind it";
}

TEST(EmulatedControllerMemory, is_reached_by_the_controller_at_the_addresses_that_the_host_gives_it) {
  ControllerMemoryOptions memory = memory_in(4, 0);
  memory.data_of_reads = memory.data_of_writes = true;
  MemoryBench bench(memory);
  const DmaRegion region = bench.backend->controller_memory({4, 0, 4 * own_page}).value();
  bench.world->bus().release(bench.host.address());
  ASSERT_TRUE(bench.host.attach());
  bench.host.backend().write64(spec::offset::cmbmsc, spec::cmb_at(region.iova).raw);
  ASSERT_TRUE(bench.host.make_io_queues());
  std::memset(region.data, 'w', own_page);
  spec::Sqe write = spec::write(Nsid{1}, Lba{3}, 8);
  write.prp1 = region.iova.value;
  EXPECT_EQ(bench.host.run(bench.host.io(), write)->status(), spec::Status{});
  spec::Sqe read = spec::read(Nsid{1}, Lba{3}, 8);
  read.prp1 = (region.iova + own_page).value;
  EXPECT_EQ(bench.host.run(bench.host.io(), read)->status(), spec::Status{});
  EXPECT_EQ(std::memcmp(region.data, region.data + own_page, own_page), 0);
}

TEST(EmulatedControllerMemory, keeps_nothing_that_was_stored_while_the_link_was_down) {
  MemoryBench bench(memory_in(2, 0));
  const DmaRegion region = bench.backend->controller_memory({2, 0, 4 * own_page}).value();
  bench.world->drive(0).drop_link();
  std::memset(region.data, 0x11, region.bytes);
  bench.world->drive(0).restore_link();
  const std::vector<std::byte> stored(region.bytes, std::byte{0x11});
  EXPECT_NE(std::memcmp(region.data, stored.data(), stored.size()), 0);
}

TEST(EmulatedControllerMemory, is_gone_for_a_handle_of_before_the_power_cut) {
  MemoryBench bench(memory_in(2, 0));
  bench.world->power_cut(0, 0);
  bench.world->power_on(0);
  EXPECT_EQ(bench.refusal({2, 0, own_page}), Errc::device_gone);
}

}  // namespace
}  // namespace phasebit::sim
