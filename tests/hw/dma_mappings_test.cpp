#include "hw/dma_mappings.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <thread>

#include "hw/iommu_addresses.hpp"
#include "tests/hw/fake_iommu.hpp"

namespace phasebit::hw {
namespace {

class Mappings : public ::testing::Test {
 protected:
  std::span<std::byte> at(std::size_t offset, std::size_t bytes) { return {memory_.data() + offset, bytes}; }

  alignas(4096) std::array<std::byte, std::size_t{4} * 4096> memory_{};
  FakeIommu iommu_;
  IommuAddresses<FakeIommu> domain_{iommu_};
  DmaMappings<IommuAddresses<FakeIommu>> mappings_{domain_};
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

TEST_F(Mappings, never_give_memory_an_address_that_was_set_aside) {
  const Iova aside = mappings_.set_aside(2ul * 4096).value();
  EXPECT_TRUE(iommu_.ranges.empty()) << "the IOMMU translates nothing there";
  EXPECT_EQ(aside.value % 4096, 0u);
  for (std::size_t offset = 0; offset + 4096 <= memory_.size(); offset += 4096) {
    const Iova iova = mappings_.map(at(offset, 4096), DmaRights::device_reads).value();
    EXPECT_TRUE(iova + 4096 <= aside || iova >= aside + 2ul * 4096) << offset;
  }
  EXPECT_NE(mappings_.set_aside(4096).value(), aside);
}

TEST_F(Mappings, that_find_no_address_set_none_aside) {
  const std::array one_page{IovaRange{Iova{4096}, Iova{8191}}};
  IommuAddresses<FakeIommu> domain(iommu_, IovaSpace(one_page));
  DmaMappings<IommuAddresses<FakeIommu>> small(domain);
  EXPECT_EQ(small.set_aside(2ul * 4096).error(), Errc::no_space);
  EXPECT_TRUE(small.set_aside(4096).has_value());
  EXPECT_EQ(small.map(at(0, 4096), DmaRights::device_reads).error(), Errc::no_space);
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
  iommu_.mappings_max = 0;
  EXPECT_EQ(Errc::no_space, mappings_.map(at(0, 4096), DmaRights::device_reads).error());
  EXPECT_EQ(0u, mappings_.ranges());
  iommu_.mappings_max = 1;
  EXPECT_EQ(Iova{IovaSpace::begin + 4096}, mappings_.map(at(0, 4096), DmaRights::device_reads).value());
}

TEST_F(Mappings, give_the_addresses_back_that_they_no_longer_need) {
  // As large as all addresses together; nobody looks into it.
  const std::span<std::byte> everything(memory_.data(), IovaSpace::end - IovaSpace::begin);
  iommu_.mappings_max = 0;
  EXPECT_EQ(Errc::no_space, mappings_.map(everything, DmaRights::device_reads).error());
  iommu_.mappings_max = 1;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(mappings_.map(everything, DmaRights::device_reads).has_value()) << i;
    EXPECT_TRUE(mappings_.unmap(everything).has_value());
  }
}

TEST_F(Mappings, refuse_nothing_at_all) {
  EXPECT_EQ(Errc::invalid_argument, mappings_.map({}, DmaRights::device_reads).error());
}

TEST_F(Mappings, take_addresses_from_the_space_that_they_are_given) {
  const std::array allowed{IovaRange{Iova{0x5'0000'0000}, Iova{0x5'0000'0fff}}};
  IommuAddresses<FakeIommu> few(iommu_, IovaSpace(allowed));
  DmaMappings<IommuAddresses<FakeIommu>> narrow(few);
  EXPECT_EQ(Iova{0x5'0000'0010}, narrow.map(at(16, 100), DmaRights::device_reads).value());
  EXPECT_EQ(Errc::no_space, narrow.map(at(4096, 100), DmaRights::device_reads).error());
  EXPECT_EQ(1u, iommu_.ranges.size());
}

TEST_F(Mappings, answer_from_registered_memory_without_asking_the_iommu) {
  ASSERT_TRUE(mappings_.add_registered(at(100, 9000)).has_value());
  ASSERT_EQ(1u, iommu_.ranges.size());
  EXPECT_EQ(memory_.data(), iommu_.ranges[0].page);
  EXPECT_EQ(12288u, iommu_.ranges[0].bytes);
  EXPECT_EQ(DmaRights::device_reads_and_writes, iommu_.ranges[0].rights);
  iommu_.mappings_max = 0;
  EXPECT_EQ(iommu_.ranges[0].iova + 100, mappings_.map(at(100, 9000), DmaRights::device_reads).value());
  EXPECT_EQ(iommu_.ranges[0].iova + 9099, mappings_.map(at(9099, 1), DmaRights::device_writes).value());
  EXPECT_EQ(iommu_.ranges[0].iova + 9099, mappings_.map(at(9099, 1), DmaRights::device_reads_and_writes).value()) << "it has all rights";
  EXPECT_EQ(Errc::no_space, mappings_.map(at(99, 2), DmaRights::device_reads).error()) << "begins before it";
  EXPECT_EQ(Errc::no_space, mappings_.map(at(9099, 2), DmaRights::device_reads).error()) << "ends behind it";
  EXPECT_EQ(Errc::no_space, mappings_.map(at(9100, 1), DmaRights::device_reads).error());
}

TEST_F(Mappings, say_whether_registered_memory_is_used) {
  const auto registered = at(0, 8192);
  ASSERT_TRUE(mappings_.add_registered(registered).has_value());
  EXPECT_FALSE(mappings_.uses_registered(registered));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(mappings_.map(at(0, 512), DmaRights::device_reads).has_value());
  }
  ASSERT_TRUE(mappings_.map(at(512, 512), DmaRights::device_reads).has_value());
  EXPECT_TRUE(mappings_.unmap(at(0, 512)).has_value());
  EXPECT_TRUE(mappings_.unmap(at(512, 512)).has_value());
  EXPECT_TRUE(mappings_.uses_registered(registered)) << "one count is left";
  EXPECT_TRUE(mappings_.unmap(at(0, 512)).has_value());
  EXPECT_FALSE(mappings_.uses_registered(registered));
  EXPECT_EQ(Errc::not_found, mappings_.unmap(at(0, 512)).error());
  EXPECT_EQ(1u, iommu_.ranges.size()) << "it stays registered";
  mappings_.remove_registered(registered);
  EXPECT_TRUE(iommu_.ranges.empty());
}

TEST_F(Mappings, keep_what_was_mapped_before_its_memory_was_registered) {
  const auto before = mappings_.map(at(512, 512), DmaRights::device_reads_and_writes);
  ASSERT_TRUE(mappings_.add_registered(at(0, 4096)).has_value());
  EXPECT_EQ(before.value(), mappings_.map(at(512, 512), DmaRights::device_reads).value());
  EXPECT_FALSE(mappings_.uses_registered(at(0, 4096)));
  mappings_.remove_registered(at(0, 4096));
  ASSERT_EQ(1u, iommu_.ranges.size());
  EXPECT_TRUE(mappings_.unmap(at(512, 512)).has_value());
  EXPECT_TRUE(mappings_.unmap(at(512, 512)).has_value());
  EXPECT_TRUE(iommu_.ranges.empty());
}

TEST_F(Mappings, give_a_page_that_two_registered_ranges_share_to_both) {
  ASSERT_TRUE(mappings_.add_registered(at(0, 5000)).has_value());
  ASSERT_TRUE(mappings_.add_registered(at(5000, 5000)).has_value());
  ASSERT_EQ(2u, iommu_.ranges.size());
  EXPECT_EQ((Translation{iommu_.ranges[0].iova + 4999, 1}), mappings_.translate(at(4999, 100)).value());
  EXPECT_EQ((Translation{iommu_.ranges[1].iova + 904, 5000}), mappings_.translate(at(5000, 6000)).value());
  mappings_.remove_registered(at(0, 5000));
  EXPECT_EQ(Errc::not_found, mappings_.translate(at(4999, 1)).error());
  EXPECT_EQ((Translation{iommu_.ranges[0].iova + 904, 5000}), mappings_.translate(at(5000, 6000)).value());
}

TEST_F(Mappings, leave_nothing_behind_of_memory_that_cannot_be_registered) {
  const auto registered = at(4096, 4096);
  iommu_.mappings_max = 0;
  EXPECT_EQ(Errc::no_space, mappings_.add_registered(registered).error());
  EXPECT_EQ(Errc::not_found, mappings_.translate(registered).error());
  iommu_.mappings_max = 2;
  EXPECT_EQ(Errc::invalid_argument, mappings_.add_registered({}).error());
  EXPECT_TRUE(mappings_.add_registered(registered).has_value());
  EXPECT_EQ(Errc::invalid_argument, mappings_.add_registered(at(0, 4097)).error()) << "overlaps";
  EXPECT_EQ(1u, iommu_.ranges.size());
  EXPECT_EQ(4096u, mappings_.translate(registered).value().bytes);
}

TEST_F(Mappings, bear_that_memory_is_registered_while_another_thread_maps) {
  constexpr int rounds = 20000;
  std::thread other([&] {
    for (int i = 0; i < rounds; ++i) {
      ASSERT_TRUE(mappings_.map(at(0, 100), DmaRights::device_reads).has_value());
      ASSERT_TRUE(mappings_.unmap(at(0, 100)).has_value());
    }
  });
  for (int i = 0; i < rounds; ++i) {
    EXPECT_TRUE(mappings_.add_registered(at(8192, 4096)).has_value());
    mappings_.remove_registered(at(8192, 4096));
  }
  other.join();
  EXPECT_TRUE(iommu_.ranges.empty());
}

}  // namespace
}  // namespace phasebit::hw
