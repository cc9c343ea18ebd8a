#include "src/driver/queue_memory.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace phasebit::driver {
namespace {

/// The parts of a plan as [from, to) of IOVAs.
std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_of(const QueueMemoryPlan& plan, const QueueMemoryPlan::Parts& parts) {
  std::vector<DmaRegion> regions{parts.completion, parts.lists};
  regions.insert(regions.end(), parts.submissions.begin(), parts.submissions.begin() + plan.submission_count);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const DmaRegion& region : regions) {
    ranges.emplace_back(region.iova.value, region.iova.value + region.bytes);
  }
  return ranges;
}

TEST(QueueMemory, every_part_begins_a_page_of_the_controller_and_none_overlap) {
  for (const std::uint64_t page : {4096u, 8192u, 65536u}) {
    for (std::uint64_t base = 0x10000; base < 0x30000; base += 4096) {  // memory comes aligned to 4 KiB only
      const QueueMemoryPlan plan{PageSize{page}, 100, {7, 64, 300}, 3, 10, prp_list_bytes(1 << 20, PageSize{page})};
      const std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges = ranges_of(plan, plan.place({nullptr, plan.bytes(), Iova{base}}));
      ASSERT_EQ(ranges.size(), 5u);
      for (std::size_t i = 0; i < ranges.size(); ++i) {
        ASSERT_EQ(ranges[i].first % page, 0u);
        ASSERT_GE(ranges[i].first, base);
        ASSERT_LE(ranges[i].second, base + plan.bytes());
        for (std::size_t j = 0; j < i; ++j) {
          ASSERT_TRUE(ranges[i].second <= ranges[j].first || ranges[j].second <= ranges[i].first);
        }
      }
    }
  }
}

TEST(QueueMemory, the_parts_are_as_large_as_their_entries) {
  const QueueMemoryPlan plan{PageSize{4096}, 100, {7}, 1, 10, 4096};
  std::vector<std::byte> memory(plan.bytes());
  const QueueMemoryPlan::Parts parts = plan.place({memory.data(), memory.size(), Iova{0x1000}});
  EXPECT_EQ(parts.completion.bytes, 1600u);
  EXPECT_EQ(parts.submissions[0].bytes, 448u);
  EXPECT_EQ(parts.lists.bytes, 40960u);
  EXPECT_EQ(parts.lists.data - memory.data(), static_cast<std::int64_t>(parts.lists.iova.value - 0x1000));
}

TEST(PrpListBytes, hold_the_largest_transfer_at_the_worst_offset) {
  EXPECT_EQ(prp_list_bytes(512, PageSize{4096}), 4096u);
  EXPECT_EQ(prp_list_bytes(2 << 20, PageSize{4096}), 4096u) << "512 entries beside PRP1";
  EXPECT_EQ(prp_list_bytes((2 << 20) + 8, PageSize{4096}), 8192u) << "514 pages if it begins in the last dword of one";
  EXPECT_EQ(prp_list_bytes(2 << 20, PageSize{65536}), 4096u);
  EXPECT_EQ(prp_list_bytes(64 << 20, PageSize{65536}), 8192u);
  for (const std::uint64_t page : {64u, 4096u, 16384u}) {
    for (std::uint64_t bytes = 4; bytes < 3000 * page; bytes += 37 * page + 4) {
      const std::uint64_t list = prp_list_bytes(bytes, PageSize{page});
      ASSERT_GE(PrpListMemory::pages_max(list, PageSize{page}), PageSize{page}.count(page - 4, bytes));
      ASSERT_TRUE(list <= page ? page % list == 0 : list % page == 0) << "no list crosses a page unless it begins one";
    }
  }
}

}  // namespace
}  // namespace phasebit::driver
