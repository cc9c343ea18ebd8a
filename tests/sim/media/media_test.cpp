#include "sim/media/media.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace phasebit::sim {
namespace {

constexpr Nsid ns{1};
constexpr Nsid other_ns{2};

/// A block filled with one letter.
std::vector<std::byte> blocks_of(std::string_view letters, std::uint32_t block_bytes = 512) {
  std::vector<std::byte> data;
  for (const char letter : letters) {
    data.insert(data.end(), block_bytes, static_cast<std::byte>(letter == '0' ? 0 : letter));
  }
  return data;
}

/// Rebuilds the media from its events alone.
struct Rebuilt : StreamReader {
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> digests;
  std::uint64_t cuts = 0;
  std::uint64_t lost = 0;
  std::uint64_t flushed = 0;

  void on_event(std::uint64_t, const Event& event) override {
    if (event.kind == EventKind::media_changed) {
      digests[{event.a, event.b}] = event.c;
    } else if (event.kind == EventKind::power_cut) {
      ++cuts;
      lost += event.c;
    } else if (event.kind == EventKind::cache_flushed) {
      flushed += event.c;
    }
  }
};

class MediaTest : public testing::Test {
 protected:
  MediaTest() {
    stream.add_reader(rebuilt);
    media.add_namespace(ns, 512);
    media.add_namespace(other_ns, 4096);
  }

  void write(std::uint64_t lba, std::string_view letters, bool durable = false, const WriteFault& fault = {}) {
    media.land(media.stage(ns, Lba{lba}, blocks_of(letters)), durable, fault);
  }
  /// What reads give, one letter a block; '0' for zeroes, '!' for unreadable.
  std::string text(std::uint64_t lba, std::uint64_t count) {
    std::string letters;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::vector<std::byte> block(512);
      const bool failed = media.read(ns, Lba{lba + i}, block).has_value();
      letters += failed ? '!' : block[0] == std::byte{0} ? '0' : static_cast<char>(block[0]);
    }
    return letters;
  }

  Stream stream{std::pmr::get_default_resource()};
  Rebuilt rebuilt;
  Media media{{0, 7, 2, 256}, stream, std::pmr::get_default_resource()};
};

TEST_F(MediaTest, gives_back_what_was_written_and_zeroes_elsewhere) {
  write(10, "abc");
  EXPECT_EQ(text(9, 5), "0abc0");
  write(11, "x");
  EXPECT_EQ(text(9, 5), "0axc0");
}

TEST_F(MediaTest, keeps_namespaces_apart) {
  write(0, "a");
  media.land(media.stage(other_ns, Lba{0}, blocks_of("b", 4096)), true);
  std::vector<std::byte> block(4096);
  EXPECT_FALSE(media.read(other_ns, Lba{0}, block));
  EXPECT_EQ(block, blocks_of("b", 4096));
  EXPECT_EQ(text(0, 1), "a");
}

TEST_F(MediaTest, reaches_the_last_block_of_the_largest_namespace) {
  const std::uint64_t last = (1ull << 40) - 1;
  write(last, "z", true);
  EXPECT_EQ(text(last, 1), "z");
  media.write_zeroes(ns, Lba{0}, 1ull << 40, true);
  EXPECT_EQ(text(last, 1), "0");
  EXPECT_EQ(media.held_blocks(), 0u);
}

TEST_F(MediaTest, marks_blocks_uncorrectable_until_they_are_written) {
  write(0, "abc");
  media.write_uncorrectable(ns, Lba{1}, 1, false);
  EXPECT_EQ(text(0, 3), "a!c");
  EXPECT_EQ(media.first_unreadable(ns, Lba{0}, 3), Lba{1});
  std::vector<std::byte> three(3ull * 512);
  EXPECT_EQ(media.read(ns, Lba{0}, three), Lba{1});
  write(1, "x");
  EXPECT_EQ(text(0, 3), "axc");
  EXPECT_EQ(media.first_unreadable(ns, Lba{0}, 3), std::nullopt);
}

TEST_F(MediaTest, loses_all_or_nothing_of_the_cache_in_the_first_two_outcomes) {
  write(0, "aa", true);
  write(0, "b");
  write(1, "c");
  media.power_cut(0);
  EXPECT_EQ(text(0, 2), "aa");
  EXPECT_EQ(rebuilt.lost, 2u);
  write(0, "b");
  write(1, "c");
  media.power_cut(1);
  EXPECT_EQ(text(0, 2), "bc");
  EXPECT_EQ(rebuilt.lost, 2u);
  EXPECT_EQ(rebuilt.cuts, 2u);
  EXPECT_EQ(media.cached_writes(), 0u);
}

TEST_F(MediaTest, makes_durable_what_is_flushed_or_forced) {
  write(0, "a");
  media.flush(ns);
  EXPECT_EQ(rebuilt.flushed, 1u);
  write(1, "b", true);
  write(2, "c");
  media.power_cut(0);
  EXPECT_EQ(text(0, 3), "ab0");
}

// A later forced write must not be undone by an older cached one, whatever the cut leaves.
TEST_F(MediaTest, never_lets_an_older_write_surface_over_a_durable_one) {
  const auto play = [this] {
    write(0, "aaaa", true);
    write(0, "bb");
    write(1, "cc");
    write(2, "d", true);
    write(0, "ee");
  };
  play();
  const std::uint64_t outcomes = media.count_outcomes();
  for (std::uint64_t i = 0; i < outcomes; ++i) {
    media.power_cut(i);
    EXPECT_EQ(text(2, 2), "da");
    play();
  }
}

// Three cached writes of 1, 3 and 2 blocks with units of 2: 2 + 3 + 16 + (0 + 1 + 0) outcomes.
TEST_F(MediaTest, tries_each_single_write_sixteen_subsets_and_each_tear) {
  const auto play = [this] {
    media.write_zeroes(ns, Lba{0}, 8, true);
    write(0, "a");
    write(1, "bbb");
    write(4, "cc");
  };
  play();
  ASSERT_EQ(media.count_outcomes(), 22u);
  std::vector<std::string> seen;
  for (std::uint64_t i = 0; i < 22; ++i) {
    media.power_cut(i);
    seen.push_back(text(0, 6));
    play();
  }
  EXPECT_EQ(seen[0], "000000");
  EXPECT_EQ(seen[1], "abbbcc");
  EXPECT_EQ(seen[2], "a00000");
  EXPECT_EQ(seen[3], "0bbb00");
  EXPECT_EQ(seen[4], "0000cc");
  EXPECT_EQ(seen[21], "abb000");
  const std::set<std::string> subsets(seen.begin() + 5, seen.begin() + 21);
  EXPECT_GE(subsets.size(), 4u);
  for (const std::string& one : subsets) {
    EXPECT_TRUE((one[0] == 'a' || one[0] == '0') && (one.substr(1, 3) == "bbb" || one.substr(1, 3) == "000") &&
                (one.substr(4) == "cc" || one.substr(4) == "00"))
        << one;
  }
}

TEST_F(MediaTest, may_let_a_write_land_that_was_still_on_its_way) {
  media.stage(ns, Lba{0}, blocks_of("abc"));
  EXPECT_EQ(text(0, 3), "000");
  ASSERT_EQ(media.count_outcomes(), 3u);
  media.power_cut(2);
  EXPECT_EQ(text(0, 3), "ab0");
  EXPECT_EQ(media.staged_writes(), 0u);
}

TEST_F(MediaTest, forgets_a_write_that_is_discarded) {
  const StagedWrite staged = media.stage(ns, Lba{0}, blocks_of("abc"));
  media.discard(staged);
  EXPECT_EQ(text(0, 3), "000");
  EXPECT_EQ(media.count_outcomes(), 1u);
  EXPECT_EQ(media.held_blocks(), 0u);
}

TEST_F(MediaTest, bounds_its_cache_by_making_the_oldest_write_durable) {
  Media small({0, 7, 1, 2}, stream, std::pmr::get_default_resource());
  small.add_namespace(ns, 512);
  for (std::uint64_t lba = 0; lba < 4; ++lba) {
    small.land(small.stage(ns, Lba{lba}, blocks_of("a")), false);
  }
  EXPECT_EQ(small.cached_writes(), 2u);
  small.power_cut(0);
  EXPECT_NE(small.digest_of(ns, Lba{1}), 0u);
  EXPECT_EQ(small.digest_of(ns, Lba{2}), 0u);
}

TEST_F(MediaTest, lays_faults_over_the_content_and_lifts_them_again) {
  write(0, "aaaa");
  write(0, "b", false, {WriteFault::Kind::lose, 0});
  EXPECT_EQ(text(0, 4), "aaaa");
  write(1, "ccc", false, {WriteFault::Kind::tear, 1});
  EXPECT_EQ(text(0, 4), "acaa");
  media.lift_faults();
  EXPECT_EQ(text(0, 4), "bccc");
  write(0, "d", false, {WriteFault::Kind::misdirect, 2});
  EXPECT_EQ(text(0, 4), "bcdc");
  media.lift_faults();
  EXPECT_EQ(text(0, 4), "dccc");
  write(0, "e", false, {WriteFault::Kind::corrupt, 0x20});
  std::vector<std::byte> block(512);
  media.read(ns, Lba{0}, block);
  EXPECT_NE(block, blocks_of("e"));
  media.lift_faults();
  media.read(ns, Lba{0}, block);
  EXPECT_EQ(block, blocks_of("e"));
}

TEST_F(MediaTest, heals_an_unreadable_block_that_is_written_again) {
  write(0, "abc");
  media.make_unreadable(ns, Lba{0}, 2);
  EXPECT_EQ(text(0, 3), "!!c");
  write(0, "x");
  EXPECT_EQ(text(0, 3), "x!c");
  media.lift_faults();
  EXPECT_EQ(text(0, 3), "xbc");
}

TEST_F(MediaTest, can_be_rebuilt_from_its_events_alone) {
  for (std::uint64_t round = 0; round < 200; ++round) {
    const std::uint64_t draw = keyed(3, round);
    const std::uint64_t lba = draw % 24;
    const std::uint64_t count = 1 + (draw >> 8) % 6;
    switch ((draw >> 16) % 8) {
      case 0:
        media.write_zeroes(ns, Lba{lba}, count, (draw >> 24) % 2 == 0);
        break;
      case 1:
        media.write_uncorrectable(ns, Lba{lba}, 1, false);
        break;
      case 2:
        media.flush(ns);
        break;
      case 3:
        media.power_cut(draw >> 32);
        break;
      default:
        write(lba, std::string(count, static_cast<char>('a' + round % 26)), (draw >> 24) % 4 == 0);
    }
    for (std::uint64_t i = 0; i < 32; ++i) {
      const auto found = rebuilt.digests.find({1, i});
      ASSERT_EQ(media.digest_of(ns, Lba{i}), found == rebuilt.digests.end() ? 0 : found->second) << "round " << round << " LBA " << i;
    }
  }
}

TEST_F(MediaTest, forgets_what_lies_beyond_a_smaller_end) {
  write(0, "abcd");
  media.truncate(ns, Lba{2});
  EXPECT_EQ(text(0, 4), "ab00");
  media.power_cut(0);
  EXPECT_EQ(text(0, 4), "ab00");
}

TEST_F(MediaTest, holds_each_block_exactly_as_often_as_it_is_used) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    write(i % 5, "ab", i % 3 == 0, {i % 7 == 0 ? WriteFault::Kind::lose : WriteFault::Kind::none, 0});
    if (i % 11 == 0) {
      media.power_cut(i);
    }
  }
  media.flush_all();
  media.lift_faults();
  EXPECT_EQ(media.held_blocks(), 6u);
  media.write_zeroes(ns, Lba{0}, 6, true);
  EXPECT_EQ(media.held_blocks(), 0u);
}

TEST_F(MediaTest, has_a_fingerprint_that_tells_content_and_durability_apart) {
  const auto fingerprint = [this] {
    Hasher hasher;
    media.fingerprint(hasher);
    return hasher.value();
  };
  const std::uint64_t empty = fingerprint();
  write(0, "a");
  const std::uint64_t cached = fingerprint();
  media.flush(ns);
  const std::uint64_t durable = fingerprint();
  EXPECT_NE(empty, cached);
  EXPECT_NE(cached, durable);
  media.write_zeroes(ns, Lba{0}, 1, true);
  EXPECT_EQ(fingerprint(), empty);
}

}  // namespace
}  // namespace phasebit::sim
