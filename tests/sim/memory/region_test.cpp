#include "sim/memory/region.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory_resource>

namespace phasebit::sim {
namespace {

TEST(Region, two_regions_lie_apart) {
  Region first = Region::create(1 << 20).value();
  Region second = Region::create(1 << 20).value();
  EXPECT_NE(first.resource(), second.resource());
}

TEST(Region, snapshot_and_restore_bring_a_container_back_as_it_was) {
  Region region = Region::create(4 << 20).value();
  auto* map = new (region.allocate_pages(sizeof(std::pmr::map<int, int>))) std::pmr::map<int, int>(region.resource());
  for (int i = 0; i < 1000; ++i) {
    map->emplace(i, 3 * i);
  }
  const RegionSnapshot taken = region.snapshot();
  map->clear();
  for (int i = 0; i < 5000; ++i) {
    map->emplace(-i, i);
  }
  region.restore(taken);
  ASSERT_EQ(map->size(), 1000u);
  EXPECT_EQ(map->at(999), 2997);
  EXPECT_EQ(region.used_bytes(), taken.used_bytes);
  map->emplace(1000, 0);
  EXPECT_EQ(map->size(), 1001u);
}

TEST(Region, memory_beyond_the_snapshot_is_zero_again_after_restore) {
  Region region = Region::create(1 << 20).value();
  const RegionSnapshot taken = region.snapshot();
  std::byte* later = region.allocate_pages(8192);
  std::memset(later, 0xff, 8192);
  region.restore(taken);
  std::byte* again = region.allocate_pages(8192);
  EXPECT_EQ(again, later);
  EXPECT_EQ(std::count(again, again + 8192, std::byte{0}), 8192);
}

TEST(Region, takes_freed_blocks_again_before_it_grows) {
  Region region = Region::create(1 << 20).value();
  void* first = region.resource()->allocate(100, 8);
  region.resource()->deallocate(first, 100, 8);
  const std::uint64_t used_bytes = region.used_bytes();
  EXPECT_EQ(region.resource()->allocate(120, 8), first);
  EXPECT_EQ(region.used_bytes(), used_bytes);
}

TEST(Region, keeps_alignment_up_to_a_page) {
  Region region = Region::create(1 << 20).value();
  for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    const auto address = reinterpret_cast<std::uintptr_t>(region.resource()->allocate(24, alignment));
    EXPECT_EQ(address % alignment, 0u) << alignment;
  }
}

TEST(Region, throws_when_it_is_full_and_stays_usable) {
  Region region = Region::create(64 << 10).value();
  EXPECT_THROW(static_cast<void>(region.resource()->allocate(1 << 20, 8)), std::bad_alloc);
  EXPECT_EQ(region.allocate_pages(1 << 20), nullptr);
  EXPECT_NE(region.resource()->allocate(1024, 8), nullptr);
}

}  // namespace
}  // namespace phasebit::sim
