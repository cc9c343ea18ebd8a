#include "hw/registered_memory.hpp"

#include <gtest/gtest.h>

#include <array>

#include "hw/dma_mappings.hpp"
#include "hw/iommu_addresses.hpp"
#include "tests/hw/fake_iommu.hpp"

namespace phasebit::hw {
namespace {

using FakeMappings = DmaMappings<IommuAddresses<FakeIommu>>;

/// A function with an IOMMU of its own.
struct FakeFunction {
  std::size_t mappings() const { return iommu.ranges.size(); }

  FakeIommu iommu;
  IommuAddresses<FakeIommu> domain{iommu};
  FakeMappings mapped{domain};
};

class Registered : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(memory_.attach(first_.mapped).has_value());
    ASSERT_TRUE(memory_.attach(second_.mapped).has_value());
  }

  std::span<std::byte> at(std::size_t offset, std::size_t bytes) { return {bytes_.data() + offset, bytes}; }

  alignas(4096) std::array<std::byte, std::size_t{4} * 4096> bytes_{};
  FakeFunction first_;
  FakeFunction second_;
  RegisteredMemory<FakeMappings> memory_;
};

TEST_F(Registered, memory_is_mapped_for_every_function_and_no_longer_than_it_is_registered) {
  ASSERT_TRUE(memory_.register_memory(at(100, 5000)).has_value());
  for (auto* function : {&first_, &second_}) {
    ASSERT_EQ(1u, function->mappings());
    EXPECT_EQ((Translation{function->iommu.ranges[0].iova + 100, 5000}), function->mapped.translate(at(100, 5000)).value());
  }
  ASSERT_TRUE(memory_.unregister_memory(at(100, 5000)).has_value());
  for (auto* function : {&first_, &second_}) {
    EXPECT_EQ(0u, function->mappings());
    EXPECT_EQ(Errc::not_found, function->mapped.translate(at(100, 5000)).error());
  }
  EXPECT_EQ(Errc::not_found, memory_.unregister_memory(at(100, 5000)).error());
}

TEST_F(Registered, memory_is_counted) {
  ASSERT_TRUE(memory_.register_memory(at(0, 4096)).has_value());
  ASSERT_TRUE(memory_.register_memory(at(0, 4096)).has_value());
  EXPECT_EQ(1u, first_.mappings());
  ASSERT_TRUE(memory_.unregister_memory(at(0, 4096)).has_value());
  EXPECT_EQ(1u, first_.mappings());
  ASSERT_TRUE(memory_.unregister_memory(at(0, 4096)).has_value());
  EXPECT_EQ(0u, first_.mappings());
  EXPECT_EQ(0u, memory_.ranges());
}

TEST_F(Registered, memory_that_overlaps_without_being_equal_is_refused) {
  ASSERT_TRUE(memory_.register_memory(at(4096, 4096)).has_value());
  for (auto span : {at(4096, 4095), at(4096, 4097), at(4095, 2), at(8191, 1), at(0, 16384)}) {
    EXPECT_EQ(Errc::invalid_argument, memory_.register_memory(span).error());
    EXPECT_EQ(Errc::not_found, memory_.unregister_memory(span).error());
  }
  EXPECT_TRUE(memory_.register_memory(at(4095, 1)).has_value()) << "it shares no byte, only a page";
  EXPECT_TRUE(memory_.register_memory(at(8192, 1)).has_value());
  EXPECT_EQ(3u, first_.mappings());
}

TEST_F(Registered, memory_is_no_span_of_nothing_or_beyond_the_last_address) {
  EXPECT_EQ(Errc::invalid_argument, memory_.register_memory({}).error());
  EXPECT_EQ(Errc::invalid_argument, memory_.register_memory(at(4096, 0)).error());
  EXPECT_EQ(Errc::invalid_argument, memory_.register_memory({bytes_.data(), ~std::size_t{0}}).error());
  EXPECT_EQ(0u, first_.mappings());
}

TEST(RegisteredWithoutFunctions, memory_is_refused_all_the_same) {
  std::array<std::byte, 300> bytes{};
  const auto at = [&](std::size_t offset, std::size_t count) { return std::span(bytes).subspan(offset, count); };
  RegisteredMemory<FakeMappings> memory;
  ASSERT_TRUE(memory.register_memory(at(100, 100)).has_value());
  for (auto span : {at(100, 99), at(100, 101), at(99, 2), at(199, 1), at(0, 300), at(150, 0), {bytes.data() + 200, ~std::size_t{0}}}) {
    EXPECT_EQ(Errc::invalid_argument, memory.register_memory(span).error());
  }
  EXPECT_TRUE(memory.register_memory(at(99, 1)).has_value());
  EXPECT_TRUE(memory.register_memory(at(200, 1)).has_value());
  EXPECT_EQ(3u, memory.ranges());
}

TEST_F(Registered, memory_that_one_function_cannot_map_none_keeps) {
  FakeFunction third;
  ASSERT_TRUE(memory_.attach(third.mapped).has_value());
  second_.iommu.mappings_max = 0;
  EXPECT_EQ(Errc::no_space, memory_.register_memory(at(0, 4096)).error());
  EXPECT_EQ(0u, first_.mappings());
  EXPECT_EQ(0u, third.mappings());
  second_.iommu.mappings_max = 1;
  EXPECT_TRUE(memory_.register_memory(at(0, 4096)).has_value());
  EXPECT_EQ(1u, second_.mappings());
  memory_.detach(third.mapped);
}

TEST_F(Registered, memory_that_a_function_uses_all_keep) {
  const auto range = at(0, 8192);
  ASSERT_TRUE(memory_.register_memory(range).has_value());
  ASSERT_TRUE(second_.mapped.map(at(4096, 100), DmaRights::device_writes).has_value());
  EXPECT_EQ(Errc::busy, memory_.unregister_memory(range).error());
  EXPECT_EQ(1u, first_.mappings());
  EXPECT_EQ(1u, second_.mappings());
  ASSERT_TRUE(second_.mapped.unmap(at(4096, 100)).has_value());
  EXPECT_TRUE(memory_.unregister_memory(range).has_value());
  EXPECT_EQ(0u, first_.mappings());
}

TEST_F(Registered, memory_is_mapped_for_a_function_that_comes_later) {
  ASSERT_TRUE(memory_.register_memory(at(0, 100)).has_value());
  ASSERT_TRUE(memory_.register_memory(at(200, 100)).has_value());
  FakeFunction late;
  ASSERT_TRUE(memory_.attach(late.mapped).has_value());
  EXPECT_EQ(2u, late.mappings());
  memory_.detach(late.mapped);
  ASSERT_TRUE(memory_.unregister_memory(at(0, 100)).has_value());
  EXPECT_EQ(2u, late.mappings()) << "who has gone is told nothing";
  EXPECT_EQ(1u, first_.mappings());
}

TEST_F(Registered, memory_that_a_late_function_cannot_map_whole_it_has_none_of) {
  for (std::size_t offset : {0, 200, 400}) {
    ASSERT_TRUE(memory_.register_memory(at(offset, 100)).has_value());
  }
  FakeFunction late;
  late.iommu.mappings_max = 2;
  EXPECT_EQ(Errc::no_space, memory_.attach(late.mapped).error());
  EXPECT_EQ(0u, late.mappings());
  ASSERT_TRUE(memory_.register_memory(at(600, 100)).has_value()) << "it is no observer";
  EXPECT_EQ(0u, late.mappings());
}

}  // namespace
}  // namespace phasebit::hw
