#include "src/cli/perf_buffers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace phasebit::cli {
namespace {

/// Has so many bytes in regions of at most so many; a region's IOVA says which it is. All lie at one place, where nobody writes.
struct FakeMemory {
  Result<DmaRegion> allocate_dma(std::uint64_t bytes) {
    if (bytes > region_bytes_max || bytes > bytes_left) {
      return fail(Errc::out_of_memory);
    }
    bytes_left -= bytes;
    regions.push_back({place.data(), bytes, Iova{0x1000 * ++made}});
    return regions.back();
  }
  void free_dma(DmaRegion region) {
    const auto found = std::ranges::find(regions, region.iova, &DmaRegion::iova);
    ASSERT_NE(found, regions.end());
    ASSERT_EQ(found->bytes, region.bytes) << "whole";
    bytes_left += region.bytes;
    regions.erase(found);
  }

  std::uint64_t region_bytes_max = 0;
  std::uint64_t bytes_left = 0;
  std::uint64_t made = 0;
  std::array<std::byte, 4096> place = {};
  std::vector<DmaRegion> regions = {};
};

std::vector<Iova> addresses(std::span<const DmaRegion> buffers) {
  std::vector<Iova> all;
  for (const DmaRegion& buffer : buffers) {
    EXPECT_EQ(buffer.bytes, 512u);
    all.push_back(buffer.iova);
  }
  return all;
}

TEST(PerfBuffers, lie_one_after_the_other_in_one_region) {
  FakeMemory memory{.region_bytes_max = 4096, .bytes_left = 4096};
  {
    PerfBuffers buffers(memory);
    ASSERT_TRUE(buffers.allocate(3, 512));
    EXPECT_EQ(addresses(buffers.buffers()), (std::vector{Iova{0x1000}, Iova{0x1200}, Iova{0x1400}}));
  }
  EXPECT_EQ(memory.bytes_left, 4096u);
}

TEST(PerfBuffers, lie_in_regions_of_their_own_where_none_is_large_enough) {
  FakeMemory memory{.region_bytes_max = 1024, .bytes_left = 4096};
  {
    PerfBuffers buffers(memory);
    ASSERT_TRUE(buffers.allocate(3, 512));
    EXPECT_EQ(addresses(buffers.buffers()), (std::vector{Iova{0x1000}, Iova{0x2000}, Iova{0x3000}}));
  }
  EXPECT_EQ(memory.bytes_left, 4096u);
}

TEST(PerfBuffers, go_back_when_there_are_too_few) {
  FakeMemory memory{.region_bytes_max = 512, .bytes_left = 1024};
  {
    PerfBuffers buffers(memory);
    EXPECT_EQ(buffers.allocate(3, 512).error(), Errc::out_of_memory);
    EXPECT_TRUE(buffers.buffers().empty());
  }
  EXPECT_EQ(memory.bytes_left, 1024u);
}

}  // namespace
}  // namespace phasebit::cli
