#include "hw/dma_mappings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace phasebit::hw {
namespace {

/// An IOMMU that remembers what it was asked for, and refuses when told.
struct FakeIommu {
  struct Range {
    std::byte* page;
    Iova iova;
    std::uint64_t bytes;
    DmaRights rights;
  };

  Result<void> map(std::byte* page, Iova iova, std::uint64_t bytes, DmaRights rights) {
    if (refuses) {
      return fail(Errc::no_space);
    }
    ranges.push_back({page, iova, bytes, rights});
    return {};
  }
  void unmap(Iova iova, std::uint64_t bytes) {
    auto found = std::find_if(ranges.begin(), ranges.end(), [&](const Range& range) { return range.iova == iova && range.bytes == bytes; });
    ASSERT_NE(ranges.end(), found);
    ranges.erase(found);
  }

  std::vector<Range> ranges;
  bool refuses = false;
};

class Mappings : public ::testing::Test {
 protected:
  std::span<std::byte> at(std::size_t offset, std::size_t bytes) { return {memory_.data() + offset, bytes}; }

  alignas(4096) std::array<std::byte, std::size_t{4} * 4096> memory_{};
  FakeIommu iommu_;
  DmaMappings<FakeIommu> mappings_{iommu_};
};

TEST_F(Mappings, keep_the_offset_in_the_page_and_cover_whole_pages) {
  auto iova = mappings_.map(at(4096 + 100, 4096), DmaRights::device_reads);
  ASSERT_TRUE(iova.has_value());
  ASSERT_EQ(1u, iommu_.ranges.size());
  EXPECT_EQ(memory_.data() + 4096, iommu_.ranges[0].page);
  EXPECT_EQ(8192u, iommu_.ranges[0].bytes);
  EXPECT_EQ(DmaRights::device_reads, iommu_.ranges[0].rights);
  EXPECT_EQ(iommu_.ranges[0].iova + 100, *iova);
}

TEST_F(Mappings, count_identical_ranges_and_map_them_once) {
  auto first = mappings_.map(at(100, 4096), DmaRights::device_reads_and_writes);
  auto second = mappings_.map(at(100, 4096), DmaRights::device_writes);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(1u, iommu_.ranges.size());
  EXPECT_TRUE(mappings_.unmap(at(100, 4096)).has_value());
  EXPECT_EQ(1u, iommu_.ranges.size());
  EXPECT_TRUE(mappings_.unmap(at(100, 4096)).has_value());
  EXPECT_TRUE(iommu_.ranges.empty());
  EXPECT_EQ(Errc::not_found, mappings_.unmap(at(100, 4096)).error());
}

TEST_F(Mappings, give_ranges_that_overlap_addresses_of_their_own) {
  auto large = mappings_.map(at(0, 8192), DmaRights::device_reads);
  auto small = mappings_.map(at(0, 4096), DmaRights::device_reads);
  ASSERT_TRUE(large.has_value() && small.has_value());
  EXPECT_NE(*large, *small);
  EXPECT_TRUE(mappings_.unmap(at(0, 8192)).has_value());
  ASSERT_EQ(1u, iommu_.ranges.size());
  EXPECT_EQ(*small, iommu_.ranges[0].iova);
}

TEST_F(Mappings, know_no_range_but_those_mapped) {
  ASSERT_TRUE(mappings_.map(at(0, 4096), DmaRights::device_reads).has_value());
  EXPECT_EQ(Errc::not_found, mappings_.unmap(at(0, 4095)).error());
  EXPECT_EQ(Errc::not_found, mappings_.unmap(at(1, 4096)).error());
}

TEST_F(Mappings, do_not_widen_rights_behind_the_callers_back) {
  ASSERT_TRUE(mappings_.map(at(0, 4096), DmaRights::device_reads).has_value());
  EXPECT_EQ(Errc::permission_denied, mappings_.map(at(0, 4096), DmaRights::device_reads_and_writes).error());
  EXPECT_TRUE(mappings_.unmap(at(0, 4096)).has_value());
  EXPECT_EQ(0u, mappings_.ranges()) << "a refused map counts for nothing";
}

TEST_F(Mappings, leave_nothing_behind_when_the_iommu_refuses) {
  iommu_.refuses = true;
  EXPECT_EQ(Errc::no_space, mappings_.map(at(0, 4096), DmaRights::device_reads).error());
  EXPECT_EQ(0u, mappings_.ranges());
  iommu_.refuses = false;
  EXPECT_EQ(Iova{IovaSpace::begin + 4096}, mappings_.map(at(0, 4096), DmaRights::device_reads).value());
}

TEST_F(Mappings, give_the_addresses_back_that_they_no_longer_need) {
  // As large as all addresses together; nobody looks into it.
  const std::span<std::byte> everything(memory_.data(), IovaSpace::end - IovaSpace::begin);
  iommu_.refuses = true;
  EXPECT_EQ(Errc::no_space, mappings_.map(everything, DmaRights::device_reads).error());
  iommu_.refuses = false;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(mappings_.map(everything, DmaRights::device_reads).has_value()) << i;
    EXPECT_TRUE(mappings_.unmap(everything).has_value());
  }
}

TEST_F(Mappings, refuse_nothing_at_all) {
  EXPECT_EQ(Errc::invalid_argument, mappings_.map({}, DmaRights::device_reads).error());
}

}  // namespace
}  // namespace phasebit::hw
