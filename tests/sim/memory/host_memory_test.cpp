#include "sim/memory/host_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

namespace phasebit::sim {
namespace {

bool is_all(std::span<const std::byte> memory, std::byte value) {
  return std::all_of(memory.begin(), memory.end(), [&](std::byte byte) { return byte == value; });
}

struct Arena {
  explicit Arena(std::uint64_t seed = 1, std::uint64_t bytes = 1 << 20) : host(seed, bytes, region) {}
  Region region = Region::create(8 << 20).value();
  HostMemory host;
};

TEST(HostMemory, pages_are_aligned_and_zeroed_even_where_somebody_wrote_before) {
  Arena arena;
  const auto first = arena.host.allocate_pages(10'000).value();
  std::memset(first.data(), 0xff, first.size());
  ASSERT_TRUE(arena.host.free(first).has_value());
  const auto second = arena.host.allocate_pages(10'000).value();
  EXPECT_EQ(second.data(), first.data()) << "the first gap is taken again";
  EXPECT_EQ(arena.host.offset_of(second.data()) % 4096, 0u);
  EXPECT_TRUE(is_all(second, std::byte{0}));
}

TEST(HostMemory, buffers_begin_at_any_dword_of_a_page_and_some_on_a_page) {
  std::set<std::uint64_t> offsets;
  bool on_a_page = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Arena arena(seed);
    const auto buffer = arena.host.allocate_buffer(512).value();
    const std::uint64_t offset = arena.host.offset_of(buffer.data()) % 4096;
    EXPECT_EQ(offset % 4, 0u);
    on_a_page |= offset == 0;
    offsets.insert(offset);
  }
  EXPECT_TRUE(on_a_page);
  EXPECT_GT(offsets.size(), 100u);
}

TEST(HostMemory, buffers_are_handed_on_with_what_was_in_them_or_with_poison) {
  bool old_content = false;
  bool poison = false;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    Arena arena(seed);
    const auto pages = arena.host.allocate_pages(64 << 10).value();
    std::memset(pages.data(), 0x11, pages.size());
    ASSERT_TRUE(arena.host.free(pages).has_value());
    const auto buffer = arena.host.allocate_buffer(4096).value();
    old_content |= is_all(buffer, std::byte{0x11});
    poison |= is_all(buffer, std::byte{0xdb});
  }
  EXPECT_TRUE(old_content && poison);
}

TEST(HostMemory, allocations_do_not_touch_and_leave_a_page_between) {
  Arena arena;
  std::vector<std::span<std::byte>> taken;
  for (int i = 0; i < 20; ++i) {
    taken.push_back(i % 2 == 0 ? arena.host.allocate_pages(5000).value() : arena.host.allocate_buffer(5000).value());
  }
  std::sort(taken.begin(), taken.end(), [](auto a, auto b) { return a.data() < b.data(); });
  for (std::size_t i = 1; i < taken.size(); ++i) {
    EXPECT_GE(taken[i].data() - (taken[i - 1].data() + taken[i - 1].size()), 4096);
  }
}

TEST(HostMemory, says_out_of_memory_and_has_it_all_again_when_everything_is_given_back) {
  Arena arena(3, 256 << 10);
  std::vector<std::span<std::byte>> taken;
  for (auto got = arena.host.allocate_buffer(9000); got; got = arena.host.allocate_buffer(9000)) {
    taken.push_back(*got);
  }
  EXPECT_EQ(arena.host.allocate_pages(1 << 20).error(), Errc::out_of_memory);
  ASSERT_GT(taken.size(), 4u);
  for (const std::size_t parity : {1u, 0u}) {  // Every second one first, so that gaps meet on both sides.
    for (std::size_t i = parity; i < taken.size(); i += 2) {
      ASSERT_TRUE(arena.host.free(taken[i]).has_value());
    }
  }
  EXPECT_EQ(arena.host.allocations(), 0u);
  EXPECT_TRUE(arena.host.allocate_pages(240 << 10).has_value()) << "the gaps have grown together";
}

TEST(HostMemory, takes_back_only_what_it_gave_and_only_once) {
  Arena arena;
  const auto buffer = arena.host.allocate_buffer(100).value();
  EXPECT_EQ(arena.host.free(buffer.first(50)).error(), Errc::not_found);
  EXPECT_EQ(arena.host.free(buffer.subspan(4)).error(), Errc::not_found);
  std::byte elsewhere{};
  EXPECT_EQ(arena.host.free({&elsewhere, 1}).error(), Errc::not_found);
  EXPECT_TRUE(arena.host.free(buffer).has_value());
  EXPECT_EQ(arena.host.free(buffer).error(), Errc::not_found);
  EXPECT_EQ(arena.host.allocate_buffer(0).error(), Errc::invalid_argument);
}

}  // namespace
}  // namespace phasebit::sim
