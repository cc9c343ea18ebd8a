#include "sim/memory/iommu.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phasebit::sim {
namespace {

struct World {
  Region region = Region::create(8 << 20).value();
  HostMemory host{7, 2 << 20, region};
  Iommu iommu{7, 4, host, region.resource()};
};

TEST(Iommu, an_iova_keeps_the_offset_within_the_page_and_nothing_else) {
  World world;
  const auto buffer = world.host.allocate_buffer(100).value();
  const Iova iova = world.iommu.map(buffer, DmaRights::device_reads).value();
  EXPECT_EQ(iova.value % 4096, world.host.offset_of(buffer.data()) % 4096);
  EXPECT_NE(iova.value, reinterpret_cast<std::uintptr_t>(buffer.data()));
}

TEST(Iommu, translates_every_byte_of_a_mapping_and_not_one_more) {
  World world;
  const auto buffer = world.host.allocate_buffer(10'000).value();
  const Iova iova = world.iommu.map(buffer, DmaRights::device_writes).value();
  for (std::uint64_t i = 0; i < buffer.size(); ++i) {
    const auto translation = world.iommu.translate(iova + i, DmaDirection::to_host);
    ASSERT_EQ(translation.fault, DmaFault::none);
    ASSERT_EQ(translation.host, buffer.data() + i);
    ASSERT_LE(translation.bytes, 4096 - (iova.value + i) % 4096);
    ASSERT_LE(translation.bytes, buffer.size() - i);
    ASSERT_GE(translation.bytes, 1u);
  }
  EXPECT_EQ(world.iommu.translate(iova + buffer.size(), DmaDirection::to_host).fault, DmaFault::not_mapped);
  EXPECT_EQ(world.iommu.translate(Iova{iova.value - 1}, DmaDirection::to_host).fault, DmaFault::not_mapped);
}

TEST(Iommu, red_zones_lie_between_neighbours) {
  World world;
  const auto first = world.host.allocate_pages(4096).value();
  const auto second = world.host.allocate_pages(4096).value();
  const Iova a = world.iommu.map(first, DmaRights::device_reads_and_writes).value();
  const Iova b = world.iommu.map(second, DmaRights::device_reads_and_writes).value();
  EXPECT_GE(b - a, 2u * 4096);
  EXPECT_EQ(world.iommu.translate(a + 4096, DmaDirection::to_host).fault, DmaFault::not_mapped);
}

TEST(Iommu, refuses_the_direction_that_the_rights_do_not_name) {
  World world;
  const auto buffer = world.host.allocate_buffer(64).value();
  const Iova iova = world.iommu.map(buffer, DmaRights::device_reads).value();
  EXPECT_EQ(world.iommu.translate(iova, DmaDirection::from_host).fault, DmaFault::none);
  EXPECT_EQ(world.iommu.translate(iova, DmaDirection::to_host).fault, DmaFault::no_rights);
}

TEST(Iommu, counts_a_range_that_is_mapped_twice) {
  World world;
  const auto buffer = world.host.allocate_buffer(64).value();
  const Iova iova = world.iommu.map(buffer, DmaRights::device_reads).value();
  EXPECT_EQ(world.iommu.map(buffer, DmaRights::device_reads).value(), iova);
  EXPECT_TRUE(world.iommu.unmap(buffer).has_value());
  EXPECT_EQ(world.iommu.translate(iova, DmaDirection::from_host).fault, DmaFault::none);
  EXPECT_TRUE(world.iommu.unmap(buffer).has_value());
  EXPECT_EQ(world.iommu.translate(iova, DmaDirection::from_host).fault, DmaFault::not_mapped);
  EXPECT_EQ(world.iommu.unmap(buffer).error(), Errc::not_found);
}

TEST(Iommu, an_unmapped_iova_stays_in_quarantine) {
  World world;
  const auto buffer = world.host.allocate_buffer(64).value();
  std::set<std::uint64_t> given;
  for (int i = 0; i < 1000; ++i) {
    const Iova iova = world.iommu.map(buffer, DmaRights::device_reads).value();
    EXPECT_TRUE(given.insert(iova.value).second);
    ASSERT_TRUE(world.iommu.unmap(buffer).has_value());
  }
}

TEST(Iommu, says_no_space_beyond_its_limit_and_has_some_again_after_unmapping) {
  World world;
  std::vector<std::span<std::byte>> buffers;
  for (int i = 0; i < 5; ++i) {
    buffers.push_back(world.host.allocate_buffer(64).value());
  }
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(world.iommu.map(buffers[i], DmaRights::device_reads).has_value());
  }
  EXPECT_EQ(world.iommu.map(buffers[4], DmaRights::device_reads).error(), Errc::no_space);
  ASSERT_TRUE(world.iommu.unmap(buffers[0]).has_value());
  EXPECT_TRUE(world.iommu.map(buffers[4], DmaRights::device_reads).has_value());
}

TEST(Iommu, refuses_memory_that_is_not_the_simulated_hosts) {
  World world;
  std::array<std::byte, 64> elsewhere{};
  EXPECT_EQ(world.iommu.map(elsewhere, DmaRights::device_reads).error(), Errc::invalid_argument);
}

TEST(Iommu, seeds_reach_both_sides_of_four_gigabytes) {
  Region region = Region::create(8 << 20).value();
  HostMemory host(1, 1 << 20, region);
  const auto buffer = host.allocate_pages(4096).value();
  bool low = false;
  bool high = false;
  for (std::uint64_t seed = 0; seed < 32; ++seed) {
    Iommu iommu(seed, 4, host, region.resource());
    const Iova iova = iommu.map(buffer, DmaRights::device_reads).value();
    (iova.value < 1ull << 32 ? low : high) = true;
  }
  EXPECT_TRUE(low && high);
}

}  // namespace
}  // namespace phasebit::sim
