// PRP lists against a walker that reads them as a controller would: every layout on pages of 64 bytes, and the edges of real pages.
#include "src/driver/prp.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/prp_walker.hpp"

namespace phasebit::driver {
namespace {

using testing::PrpPiece;
using testing::walk_prps;

constexpr std::uint64_t poison = 0xdead'beef'dead'beef;

/// List memory at an IOVA of its own, poisoned before each use.
class List {
 public:
  List(std::uint64_t bytes, std::uint64_t iova) : entries_(bytes / 8), iova_(iova) { clear(); }
  void clear() { std::fill(entries_.begin(), entries_.end(), Le64(poison)); }
  PrpListMemory memory() { return {entries_.data(), Iova{iova_}, entries_.size() * 8}; }
  std::uint64_t at(std::uint64_t iova) const {
    const std::uint64_t index = (iova - iova_) / 8;
    return iova % 8 == 0 && iova >= iova_ && index < entries_.size() ? entries_[index].get() : poison;
  }
  std::size_t written() const {
    return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [](Le64 e) { return e != poison; }));
  }

 private:
  std::vector<Le64> entries_;
  std::uint64_t iova_;
};

/// What the transfer is, said without pages.
std::vector<PrpPiece> expected(const std::vector<Extent>& extents, ExtentPosition position, std::uint64_t bytes) {
  std::vector<PrpPiece> pieces;
  while (bytes > 0) {
    const Extent& extent = extents[position.extent++];
    const std::uint64_t length = std::min(bytes, extent.bytes - position.offset);
    const std::uint64_t start = extent.iova.value + position.offset;
    if (!pieces.empty() && pieces.back().address + pieces.back().bytes == start) {
      pieces.back().bytes += length;
    } else {
      pieces.push_back({start, length});
    }
    bytes -= length;
    position.offset = 0;
  }
  return pieces;
}

/// Describes, walks, compares; says where it went wrong.
void check(const std::vector<Extent>& extents, ExtentPosition position, std::uint64_t bytes, std::uint64_t page, List& list) {
  list.clear();
  const DataPointer data = describe(extents, position, bytes, PageSize{page}, list.memory());
  const auto pieces = walk_prps(data.prp1, data.prp2, bytes, page, [&](std::uint64_t address) { return std::optional(list.at(address)); });
  ASSERT_TRUE(pieces.has_value()) << "extent " << position.extent << " offset " << position.offset << " bytes " << bytes;
  ASSERT_EQ(*pieces, expected(extents, position, bytes))
      << "extent " << position.extent << " offset " << position.offset << " bytes " << bytes << " page " << page;
}

constexpr std::uint64_t small_page = 64;

TEST(PrpList, every_offset_and_length_on_pages_of_64_bytes_up_to_four_lists) {
  constexpr std::uint64_t pages = 30;
  ASSERT_EQ(PrpListMemory::pages_max(4 * small_page, PageSize{small_page}), pages);
  List list(4 * small_page, 0x10000);
  for (std::uint64_t offset = 0; offset < small_page; offset += 4) {
    for (std::uint64_t bytes = 4; bytes <= pages * small_page - offset; bytes += 4) {
      check({{Iova{0x40000}, 1 << 16}}, {0, offset}, bytes, small_page, list);
    }
  }
}

TEST(PrpList, every_way_to_scatter_six_pages_with_every_start_and_length) {
  List list(2 * small_page, 0x10000);
  constexpr std::uint32_t boundaries = 5;
  for (std::uint32_t cuts = 0; cuts < 1u << boundaries; ++cuts) {
    std::vector<Extent> extents{{Iova{0x40000}, small_page}};
    for (std::uint32_t i = 0; i < boundaries; ++i) {
      if ((cuts >> i & 1) != 0) {
        extents.push_back({Iova{0x80000 - i * 0x1000ull}, small_page});  // elsewhere, and backwards
      } else {
        extents.back().bytes += small_page;
      }
    }
    constexpr std::uint64_t total = (boundaries + 1) * small_page;
    for (std::uint64_t start = 0; start < total; start += 4) {
      ExtentPosition position;
      position.advance(extents, start);
      for (std::uint64_t bytes = 4; bytes <= total - start; bytes += 4) {
        check(extents, position, bytes, small_page, list);
      }
    }
  }
}

TEST(PrpList, extents_that_adjoin_inside_a_page_are_one) {
  List list(2 * small_page, 0x10000);
  constexpr std::uint64_t total = 5 * small_page;
  for (std::uint64_t first = 4; first < total; first += 4) {
    for (std::uint64_t second = 4; first + second < total; second += 4) {
      const std::vector<Extent> extents{
          {Iova{0x40000}, first}, {Iova{0x40000 + first}, second}, {Iova{0x40000 + first + second}, total - first - second}};
      for (const std::uint64_t start : {0ull, 4ull, 60ull, 64ull}) {
        ExtentPosition position;
        position.advance(extents, start);
        check(extents, position, total - start, small_page, list);
      }
    }
  }
}

TEST(PrpList, a_list_smaller_than_a_page_is_used_to_its_last_entry) {
  // Four entries that end with their page: a chain pointer would be read there if a fifth were needed.
  List list(32, 0x10000 + 32);
  const std::uint64_t pages = PrpListMemory::pages_max(32, PageSize{small_page});
  ASSERT_EQ(pages, 5u);
  check({{Iova{0x40000}, 1 << 16}}, {0, 0}, pages * small_page, small_page, list);
  EXPECT_EQ(list.written(), 4u);
}

TEST(PrpList, one_page_needs_no_second_pointer_and_two_pages_no_list) {
  List list(small_page, 0x10000);
  const std::vector<Extent> extents{{Iova{0x40000}, 4096}};
  EXPECT_EQ(describe(extents, {0, 0}, 64, PageSize{small_page}, list.memory()).prp2, 0u);
  EXPECT_EQ(describe(extents, {0, 60}, 4, PageSize{small_page}, list.memory()).prp2, 0u);
  EXPECT_EQ(describe(extents, {0, 60}, 8, PageSize{small_page}, list.memory()).prp2, 0x40040u);
  EXPECT_EQ(describe(extents, {0, 0}, 128, PageSize{small_page}, list.memory()).prp2, 0x40040u);
  EXPECT_EQ(list.written(), 0u);
  EXPECT_EQ(describe(extents, {0, 4}, 128, PageSize{small_page}, list.memory()).prp2, 0x10000u);
  EXPECT_EQ(list.written(), 2u);
}

TEST(PrpList, ends_exactly_at_a_page_without_chaining) {
  List list(2 * small_page, 0x10000);
  const std::vector<Extent> extents{{Iova{0x40000}, 4096}};
  describe(extents, {0, 0}, 9 * small_page, PageSize{small_page}, list.memory());
  EXPECT_EQ(list.written(), 8u) << "PRP1 and a full list page of data";
  EXPECT_EQ(list.at(0x10000 + 56), 0x40000u + 8 * small_page);
  list.clear();
  describe(extents, {0, 0}, 9 * small_page + 4, PageSize{small_page}, list.memory());
  EXPECT_EQ(list.written(), 10u) << "seven data entries, the pointer to the next list page, two more data entries";
  EXPECT_EQ(list.at(0x10000 + 56), 0x10040u);
}

TEST(PrpList, the_edges_of_every_real_page_size) {
  for (std::uint32_t mps = 0; mps <= 15; ++mps) {
    const std::uint64_t page = 4096ull << mps;
    List list(4096, 0x7000'0000'0000);
    const std::uint64_t capacity = PrpListMemory::pages_max(4096, PageSize{page});
    ASSERT_EQ(capacity, 513u);
    for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{4}, std::uint64_t{512}, std::uint64_t{4092}, page - 512, page - 4}) {
      for (const std::uint64_t pages : {1u, 2u, 3u, 4u, 511u, 512u, 513u}) {
        for (const std::int64_t slack : {-512, -4, 0, 4, 512}) {
          const std::uint64_t bytes = pages * page - offset + static_cast<std::uint64_t>(slack);
          if (PageSize{page}.count(offset, bytes) <= capacity && bytes != 0 && bytes < 1ull << 62) {
            check({{Iova{0x1000'0000'0000}, 1ull << 42}}, {0, offset}, bytes, page, list);
          }
        }
      }
    }
  }
}

TEST(PrpList, the_edges_of_list_pages_of_every_real_page_size) {
  for (std::uint32_t mps = 0; mps <= 15; ++mps) {
    const std::uint64_t page = 4096ull << mps;
    const std::uint64_t unchained = 1 + page / 8;  // PRP1 and a list page that is full
    List list(2 * page, 0x7000'0000'0000);
    const std::uint64_t capacity = PrpListMemory::pages_max(2 * page, PageSize{page});
    ASSERT_EQ(capacity, page / 4);
    const bool quick = mps < 6;  // a list page of 128 MiB has 16 Mi entries
    const auto offsets = quick ? std::vector<std::uint64_t>{0, 4, page - 4} : std::vector<std::uint64_t>{4};
    const auto counts =
        quick ? std::vector{unchained - 1, unchained, unchained + 1, capacity - 1, capacity} : std::vector{unchained, unchained + 1};
    for (const std::uint64_t offset : offsets) {
      for (const std::uint64_t pages : counts) {
        check({{Iova{0x1000'0000'0000}, 1ull << 60}}, {0, offset}, pages * page - offset, page, list);
        EXPECT_EQ(list.written(), pages <= unchained ? pages - 1 : pages) << "one more for the pointer to the second list page";
      }
    }
  }
}

TEST(PrpJoin, needs_a_whole_page_on_both_sides_or_one_address) {
  const PageSize page{64};
  EXPECT_TRUE(prp_joins({Iova{0}, 64}, {Iova{128}, 4}, page));
  EXPECT_TRUE(prp_joins({Iova{60}, 4}, {Iova{256}, 4}, page));
  EXPECT_TRUE(prp_joins({Iova{0}, 4}, {Iova{4}, 4}, page)) << "adjoining in the middle of a page";
  EXPECT_FALSE(prp_joins({Iova{0}, 60}, {Iova{128}, 64}, page)) << "the first page is not used to its end";
  EXPECT_FALSE(prp_joins({Iova{0}, 64}, {Iova{132}, 64}, page)) << "the second extent does not begin a page";
}

}  // namespace
}  // namespace phasebit::driver
