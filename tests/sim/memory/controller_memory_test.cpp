#include "sim/memory/controller_memory.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "sim/memory/dma_port.hpp"

namespace phasebit::sim {
namespace {

using Share = ControllerMemory::Share;

constexpr std::uint64_t own_page = 4096;
constexpr Iova own_base{0x7000'0000};

ControllerMemory two_pages() {
  return {1, 2 * own_page, std::pmr::get_default_resource()};
}

std::vector<std::byte> copy_of(const ControllerMemory& memory) {
  return {memory.content().begin(), memory.content().end()};
}

TEST(ControllerMemory, is_nowhere_until_it_is_placed_and_again_when_it_is_hidden) {
  ControllerMemory memory = two_pages();
  EXPECT_FALSE(memory.holds(own_base));
  memory.place(own_base);
  EXPECT_TRUE(memory.holds(own_base) && memory.holds(own_base + (2 * own_page - 1)));
  EXPECT_FALSE(memory.holds(Iova{own_base.value - 1}) || memory.holds(own_base + 2 * own_page));
  EXPECT_EQ(memory.at(own_base + 100).data(), memory.content().data() + 100);
  EXPECT_EQ(memory.at(own_base + 100).size(), 2 * own_page - 100);
  memory.hide();
  EXPECT_TRUE(memory.at(own_base + 100).empty());
}

TEST(ControllerMemory, reaches_to_the_last_address_that_there_is) {
  ControllerMemory memory = two_pages();
  memory.place(Iova{~0ull - 2 * own_page + 1});
  EXPECT_TRUE(memory.holds(Iova{~0ull}));
  EXPECT_FALSE(memory.holds(Iova{0}));
  EXPECT_EQ(memory.share_of(Iova{~0ull}, 2), Share::part) << "the second byte has no address";
}

TEST(ControllerMemory, tells_how_much_of_a_stretch_it_holds) {
  ControllerMemory memory = two_pages();
  EXPECT_EQ(memory.share_of(own_base, own_page), Share::none);
  memory.place(own_base);
  EXPECT_EQ(memory.share_of(own_base, 2 * own_page), Share::whole);
  EXPECT_EQ(memory.share_of(own_base + own_page, own_page + 1), Share::part);
  EXPECT_EQ(memory.share_of(Iova{own_base.value - 1}, 2), Share::part);
  EXPECT_EQ(memory.share_of(Iova{own_base.value - 1}, 1), Share::none);
  EXPECT_EQ(memory.share_of(own_base + 2 * own_page, own_page), Share::none);
}

TEST(ControllerMemory, holds_something_else_after_each_loss_and_the_same_for_the_same_seed) {
  ControllerMemory memory = two_pages();
  const auto first = copy_of(memory);
  EXPECT_EQ(first, copy_of(two_pages()));
  memory.lose_content();
  EXPECT_NE(copy_of(memory), first);
  EXPECT_NE(memory.content()[2 * own_page - 1], memory.content()[2 * own_page - 2]) << "to the last byte";
}

TEST(ControllerMemory, has_a_fingerprint_of_where_it_is_and_what_it_holds) {
  const auto fingerprint = [](const ControllerMemory& memory) {
    Hasher hasher;
    memory.fingerprint(hasher);
    return hasher.value();
  };
  ControllerMemory memory = two_pages();
  const std::uint64_t untouched = fingerprint(memory);
  memory.content()[5] ^= std::byte{1};
  const std::uint64_t written = fingerprint(memory);
  EXPECT_NE(written, untouched);
  memory.place(own_base);
  EXPECT_NE(fingerprint(memory), written);
}

/// A port beside such a memory; the bus is off.
struct PortBench final : StreamReader {
  PortBench() {
    stream.add_reader(*this);
    memory.place(own_base);
    port.set_controller_memory(&memory);
  }
  void on_event(std::uint64_t, const Event& event) override { events.push_back(event); }

  Region region = Region::create(8 << 20).value();
  Stream stream{region.resource()};
  HostMemory host{1, 1 << 20, region};
  Iommu iommu{1, 64, host, region.resource()};
  DmaLedger ledger{region.resource()};
  FaultPlan plan{{}, stream, region.resource()};
  DmaPort port{0, iommu, ledger, plan, stream};
  ControllerMemory memory = two_pages();
  std::vector<Event> events;
};

constexpr DmaContext own_context{Qid{1}, Cid{7}, DmaPurpose::data};

TEST(DmaPort, reaches_the_drives_own_memory_without_the_bus_and_tells_nobody) {
  PortBench bench;
  const std::vector<std::byte> sent(own_page, std::byte{0x5a});
  std::vector<std::byte> received(own_page);
  EXPECT_TRUE(bench.port.write(own_base + 512, sent, own_context));
  EXPECT_EQ(std::memcmp(bench.memory.content().data() + 512, sent.data(), own_page), 0);
  EXPECT_TRUE(bench.port.read(own_base + 512, received, own_context));
  EXPECT_EQ(received, sent);
  EXPECT_TRUE(bench.events.empty());
}

TEST(DmaPort, is_refused_where_data_goes_on_behind_the_drives_own_memory) {
  PortBench bench;
  bench.port.set_bus_master(true);
  std::vector<std::byte> received(2 * own_page);
  EXPECT_FALSE(bench.port.read(own_base + own_page, received, own_context));
  ASSERT_EQ(bench.events.size(), 1u);
  EXPECT_EQ(bench.events[0].kind, EventKind::dma_access);
  EXPECT_EQ(bench.events[0].a >> 24, static_cast<std::uint32_t>(DmaFault::not_mapped));
  EXPECT_EQ(std::memcmp(received.data(), bench.memory.content().data() + own_page, own_page), 0) << "what lay in it has been moved";
}

TEST(DmaPort, finds_the_hosts_memory_at_those_addresses_once_its_own_is_hidden) {
  PortBench bench;
  bench.memory.hide();
  std::vector<std::byte> received(own_page);
  EXPECT_FALSE(bench.port.read(own_base, received, own_context));
  EXPECT_EQ(bench.events.back().a >> 24, static_cast<std::uint32_t>(DmaFault::bus_master_off));
}

TEST(Iommu, never_maps_what_was_set_aside) {
  PortBench bench;
  const Iova aside = bench.iommu.set_aside(4 * own_page);
  EXPECT_EQ(aside.value % own_page, 0u);
  for (int i = 0; i < 20; ++i) {
    const auto memory = bench.host.allocate_pages(own_page).value();
    const Iova iova = bench.iommu.map(memory, DmaRights::device_reads).value();
    EXPECT_TRUE(iova + own_page <= aside || iova >= aside + 4 * own_page);
  }
}

}  // namespace
}  // namespace phasebit::sim
