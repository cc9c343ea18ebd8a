#include "sim/memory/dma_port.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <vector>

namespace phasebit::sim {
namespace {

struct Bench final : StreamReader {
  explicit Bench(std::vector<Fault> faults = {}) : plan(faults, stream, region.resource()) {
    stream.add_reader(*this);
    port.set_bus_master(true);
  }
  void on_event(std::uint64_t, const Event& event) override { last = event; }
  std::uint32_t fault_of_last() const { return last->a >> 24; }

  Region region = Region::create(8 << 20).value();
  Stream stream{region.resource()};
  HostMemory host{1, 1 << 20, region};
  Iommu iommu{1, 64, host, region.resource()};
  DmaLedger ledger{region.resource()};
  FaultPlan plan;
  DmaPort port{0, iommu, ledger, plan, stream};
  std::optional<Event> last;
};

std::vector<std::byte> pattern(std::size_t bytes) {
  std::vector<std::byte> content(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    content[i] = static_cast<std::byte>(i * 7 + 1);
  }
  return content;
}

constexpr DmaContext context{Qid{3}, Cid{9}, DmaPurpose::data};

TEST(DmaPort, moves_data_across_pages_and_says_so) {
  Bench bench;
  const auto buffer = bench.host.allocate_buffer(10'000).value();
  const Iova iova = bench.iommu.map(buffer, DmaRights::device_reads_and_writes).value();
  const auto content = pattern(buffer.size());
  EXPECT_TRUE(bench.port.write(iova, content, context));
  EXPECT_EQ(std::memcmp(buffer.data(), content.data(), content.size()), 0);
  EXPECT_EQ(bench.last->kind, EventKind::dma_access);
  EXPECT_EQ(bench.last->queue, 3u);
  EXPECT_EQ(bench.last->a, 9u | 1u << 16);
  EXPECT_EQ(bench.last->b, iova.value);
  EXPECT_EQ(bench.last->c, 10'000u);
  std::vector<std::byte> back(buffer.size());
  EXPECT_TRUE(bench.port.read(iova, back, context));
  EXPECT_EQ(back, content);
  EXPECT_EQ(bench.last->a, 9u);
}

TEST(DmaPort, stops_at_the_last_byte_of_a_mapping) {
  Bench bench;
  const auto buffer = bench.host.allocate_buffer(100).value();
  const Iova iova = bench.iommu.map(buffer, DmaRights::device_writes).value();
  EXPECT_FALSE(bench.port.write(iova, pattern(101), context));
  EXPECT_EQ(bench.fault_of_last(), 1u);
  EXPECT_EQ(std::memcmp(buffer.data(), pattern(100).data(), 100), 0) << "what lies before the fault has been moved";
}

TEST(DmaPort, is_refused_what_the_mapping_or_the_function_does_not_allow) {
  Bench bench;
  const auto buffer = bench.host.allocate_buffer(64).value();
  const Iova iova = bench.iommu.map(buffer, DmaRights::device_reads).value();
  std::vector<std::byte> data(64);
  EXPECT_FALSE(bench.port.write(iova, data, context));
  EXPECT_EQ(bench.fault_of_last(), 2u);
  EXPECT_TRUE(bench.port.read(iova, data, context));
  bench.port.set_bus_master(false);
  EXPECT_FALSE(bench.port.read(iova, data, context));
  EXPECT_EQ(bench.fault_of_last(), 3u);
}

TEST(DmaPort, queue_entries_are_events_of_their_own_unless_they_are_refused) {
  Bench bench;
  const auto buffer = bench.host.allocate_buffer(64).value();
  const Iova iova = bench.iommu.map(buffer, DmaRights::device_reads).value();
  std::vector<std::byte> entry(64);
  const DmaContext fetch{Qid{1}, Cid{0}, DmaPurpose::submission_entry};
  EXPECT_TRUE(bench.port.read(iova, entry, fetch));
  EXPECT_FALSE(bench.last.has_value());
  EXPECT_FALSE(bench.port.read(iova + 4, entry, fetch));
  EXPECT_EQ(bench.fault_of_last(), 1u);
}

Fault on_dma(Verb what, std::uint64_t value = 0) {
  Fault fault;
  fault.what = what;
  fault.when.site = Site::dma;
  fault.value = value;
  return fault;
}

TEST(DmaPort, a_corrupted_burst_differs_in_one_byte_and_the_source_in_none) {
  Bench bench({on_dma(Verb::corrupt, 0x10)});
  const auto buffer = bench.host.allocate_buffer(5000).value();
  const Iova iova = bench.iommu.map(buffer, DmaRights::device_reads_and_writes).value();
  const auto content = pattern(5000);
  EXPECT_TRUE(bench.port.write(iova, content, context));
  auto expected = content;
  expected[2500] ^= std::byte{0x10};
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), buffer.begin()));
}

TEST(DmaPort, a_lost_burst_leaves_memory_as_it_was_and_a_torn_one_its_end) {
  Bench lost({on_dma(Verb::lose)});
  const auto other = lost.host.allocate_buffer(64).value();
  std::memset(other.data(), 0, other.size());
  const Iova other_iova = lost.iommu.map(other, DmaRights::device_writes).value();
  EXPECT_TRUE(lost.port.write(other_iova, pattern(64), context));
  EXPECT_EQ(std::count(other.begin(), other.end(), std::byte{0}), 64);

  Bench torn({on_dma(Verb::tear, 30)});
  const auto third = torn.host.allocate_buffer(64).value();
  std::memset(third.data(), 0, third.size());
  const Iova third_iova = torn.iommu.map(third, DmaRights::device_writes).value();
  EXPECT_TRUE(torn.port.write(third_iova, pattern(64), context));
  EXPECT_EQ(std::memcmp(third.data(), pattern(64).data(), 30), 0);
  EXPECT_EQ(std::count(third.begin() + 30, third.end(), std::byte{0}), 34);
}

TEST(DmaLedger, knows_every_byte_that_an_owner_holds_and_no_other) {
  DmaLedger ledger(std::pmr::get_default_resource());
  const DmaOwner owner{DmaOwnerKind::command, Qid{1}, Cid{7}};
  ledger.take(owner, Iova{0x1000}, 0x100);
  EXPECT_EQ(ledger.overlapping(Iova{0xf00}, 0x100), nullptr);
  EXPECT_NE(ledger.overlapping(Iova{0xf00}, 0x101), nullptr);
  EXPECT_NE(ledger.overlapping(Iova{0x10ff}, 1), nullptr);
  EXPECT_EQ(ledger.overlapping(Iova{0x1100}, 1), nullptr);
  EXPECT_NE(ledger.overlapping(Iova{0x1080}, ~0ull), nullptr) << "a length that would wrap";
}

TEST(DmaLedger, releases_one_owner_or_all) {
  DmaLedger ledger(std::pmr::get_default_resource());
  const DmaOwner command{DmaOwnerKind::command, Qid{1}, Cid{7}};
  const DmaOwner queue{DmaOwnerKind::submission_queue, Qid{1}, Cid{0}};
  ledger.take(command, Iova{0x1000}, 16);
  ledger.take(command, Iova{0x5000}, 16);
  ledger.take(queue, Iova{0x9000}, 64);
  ledger.release(command);
  EXPECT_EQ(ledger.overlapping(Iova{0x5000}, 16), nullptr);
  ASSERT_EQ(ledger.holdings().size(), 1u);
  EXPECT_EQ(ledger.holdings()[0].owner, queue);
  ledger.release_all();
  EXPECT_TRUE(ledger.holdings().empty());
}

}  // namespace
}  // namespace phasebit::sim
