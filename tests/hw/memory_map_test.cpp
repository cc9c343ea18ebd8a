#include "hw/memory_map.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>
#include <tuple>

#include "tests/support/property.hpp"

namespace phasebit::hw {
namespace {

constexpr std::uint64_t last_address = ~0ull;

TEST(MemoryMap, translates_every_byte_of_a_range_and_none_beside_it) {
  MemoryMap map;
  ASSERT_TRUE(map.set(1000, 50, Iova{7000}).has_value());
  EXPECT_EQ(std::nullopt, map.translate(999, 1));
  EXPECT_EQ((Translation{Iova{7000}, 50}), map.translate(1000, 1000));
  EXPECT_EQ((Translation{Iova{7049}, 1}), map.translate(1049, 1000));
  EXPECT_EQ(std::nullopt, map.translate(1050, 1));
  EXPECT_EQ((Translation{Iova{7010}, 5}), map.translate(1010, 5)) << "no more than is asked for";
  EXPECT_EQ(std::nullopt, map.translate(1010, 0));
}

TEST(MemoryMap, runs_on_through_ranges_that_adjoin_on_both_sides) {
  MemoryMap map;
  ASSERT_TRUE(map.set(0x2000, 0x1000, Iova{0x9000}).has_value());
  ASSERT_TRUE(map.set(0x3000, 0x1000, Iova{0xa000}).has_value());
  ASSERT_TRUE(map.set(0x1000, 0x1000, Iova{0x5000}).has_value());
  EXPECT_EQ((Translation{Iova{0x9800}, 0x1800}), map.translate(0x2800, 0x10000));
  EXPECT_EQ((Translation{Iova{0x5800}, 0x800}), map.translate(0x1800, 0x10000)) << "for the device it goes on elsewhere";
  ASSERT_TRUE(map.set(0x4001, 1, Iova{0xb001}).has_value());
  EXPECT_EQ((Translation{Iova{0xa000}, 0x1000}), map.translate(0x3000, 0x10000)) << "for the host there is a gap";
  ASSERT_TRUE(map.clear(0x3000, 0x1000).has_value());
  EXPECT_EQ((Translation{Iova{0x9800}, 0x800}), map.translate(0x2800, 0x10000));
}

TEST(MemoryMap, has_a_place_for_the_first_address_and_the_last) {
  MemoryMap map;
  ASSERT_TRUE(map.set(0, 1, Iova{1}).has_value());
  ASSERT_TRUE(map.set(last_address, 1, Iova{2}).has_value());
  EXPECT_EQ((Translation{Iova{1}, 1}), map.translate(0, last_address));
  EXPECT_EQ((Translation{Iova{2}, 1}), map.translate(last_address, last_address)) << "the range at 0 does not follow";
  EXPECT_EQ(std::nullopt, map.translate(last_address - 1, 1));
  EXPECT_EQ(Errc::invalid_argument, map.set(last_address - 1, 3, Iova{3}).error()) << "beyond the last address";
  ASSERT_TRUE(map.set(1, last_address - 1, Iova{2}).has_value()) << "all that lies between";
  EXPECT_EQ((Translation{Iova{1}, last_address}), map.translate(0, last_address));
}

TEST(MemoryMap, refuses_ranges_that_overlap_and_those_of_nothing) {
  MemoryMap map;
  ASSERT_TRUE(map.set(100, 10, Iova{0}).has_value());
  for (auto [address, bytes] :
       {std::pair<std::uint64_t, std::uint64_t>{100, 10}, {99, 2}, {109, 1}, {104, 2}, {0, 1000}, {100, 0}, {50, 0}}) {
    EXPECT_EQ(Errc::invalid_argument, map.set(address, bytes, Iova{0}).error()) << address << " " << bytes;
  }
  EXPECT_EQ(1u, map.ranges());
  EXPECT_TRUE(map.set(99, 1, Iova{0}).has_value());
  EXPECT_TRUE(map.set(110, 1, Iova{0}).has_value());
}

TEST(MemoryMap, clears_exactly_what_was_set) {
  MemoryMap map;
  ASSERT_TRUE(map.set(100, 10, Iova{0}).has_value());
  for (auto [address, bytes] :
       {std::pair<std::uint64_t, std::uint64_t>{100, 9}, {101, 9}, {99, 10}, {99, 11}, {0, 10}, {109, 1}, {100, 11}}) {
    EXPECT_EQ(Errc::not_found, map.clear(address, bytes).error()) << address << " " << bytes;
  }
  EXPECT_TRUE(map.clear(100, 10).has_value());
  EXPECT_EQ(std::nullopt, map.translate(100, 1));
  EXPECT_EQ(Errc::not_found, map.clear(100, 10).error());
}

/// Byte by byte, where the device finds it. Addresses count from a base, behind which there are `bytes_max`.
class ByteModel {
 public:
  explicit ByteModel(unsigned bytes_max) : bytes_max_(bytes_max) {}

  bool set(unsigned at, unsigned bytes, std::uint64_t iova) {
    if (bytes == 0 || at + bytes > bytes_max_) {
      return false;
    }
    for (unsigned i = 0; i < bytes; ++i) {
      if (iova_of_.contains(at + i)) {
        return false;
      }
    }
    for (unsigned i = 0; i < bytes; ++i) {
      iova_of_[at + i] = iova + i;
    }
    return starts_.emplace(at, bytes).second;
  }
  bool clear(unsigned at, unsigned bytes) {
    if (auto known = starts_.find(at); known == starts_.end() || known->second != bytes) {
      return false;
    }
    starts_.erase(at);
    for (unsigned i = 0; i < bytes; ++i) {
      iova_of_.erase(at + i);
    }
    return true;
  }
  std::optional<Translation> translate(unsigned at, unsigned bytes) const {
    std::uint64_t length = 0;
    while (length < bytes && iova_of_.contains(at + static_cast<unsigned>(length)) &&
           iova_of_.at(at + static_cast<unsigned>(length)) == iova_of_.at(at) + length) {
      ++length;
    }
    return length == 0 ? std::nullopt : std::optional(Translation{Iova{iova_of_.at(at)}, length});
  }

 private:
  unsigned bytes_max_;
  std::map<unsigned, std::uint64_t> iova_of_;
  std::map<unsigned, unsigned> starts_;
};

TEST(MemoryMap, agrees_with_a_model_that_knows_every_byte) {
  // Where ranges begin in 64 bytes: at the start, across the end of 47 bits, at the very end.
  for (const std::uint64_t base : {std::uint64_t{0}, (std::uint64_t{1} << 47) - 32, last_address - 63}) {
    testing::check_property(300, [base] {
      using Step = std::tuple<bool, unsigned, unsigned, bool>;
      const auto steps = *rc::gen::container<std::vector<Step>>(
          rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange(0u, 64u), rc::gen::inRange(0u, 9u), rc::gen::arbitrary<bool>()));
      MemoryMap map;
      ByteModel model(base > last_address - 64 ? 64 : 1000);
      std::vector<std::pair<unsigned, unsigned>> tried;
      for (const auto& [sets, at, bytes, elsewhere] : steps) {
        if (sets || tried.empty()) {
          const std::uint64_t iova = at + (elsewhere ? 1000 : 100);  // most ranges that adjoin for the host do so for the device
          RC_ASSERT(model.set(at, bytes, iova) == map.set(base + at, bytes, Iova{iova}).has_value());
          tried.emplace_back(at, bytes);
        } else {
          const auto [start, length] = tried[at % tried.size()];
          const auto other = length + (elsewhere && bytes == 0 ? 1 : 0);
          RC_ASSERT(model.clear(start, other) == map.clear(base + start, other).has_value());
        }
        for (unsigned look = 0; look < 64; ++look) {
          RC_ASSERT(model.translate(look, 64 - look) == map.translate(base + look, 64 - look));
          RC_ASSERT(model.translate(look, 3) == map.translate(base + look, 3));
        }
      }
    });
  }
}

TEST(MemoryMap, is_right_for_one_thread_while_another_changes_it) {
  constexpr std::uint64_t neighbours = 40;  // more than it has room for at first
  MemoryMap map;
  ASSERT_TRUE(map.set(1000, 10, Iova{5000}).has_value());
  std::atomic<bool> over = false;
  std::jthread writer([&] {  // joined however this ends
    for (int round = 0; round < 2000; ++round) {
      for (std::uint64_t i = 0; i < neighbours; ++i) {
        ASSERT_TRUE(map.set(10 * i, 10, Iova{20 * i}).has_value());
      }
      for (std::uint64_t i = 0; i < neighbours; ++i) {
        ASSERT_TRUE(map.clear(10 * i, 10).has_value());
      }
    }
    over = true;
  });
  while (!over) {
    ASSERT_EQ((Translation{Iova{5003}, 7}), map.translate(1003, 100)) << "it moves about among its neighbours";
    const auto neighbour = map.translate(205, 100);
    ASSERT_TRUE(!neighbour || *neighbour == (Translation{Iova{405}, 5}));
  }
  writer.join();
  EXPECT_EQ(1u, map.ranges());
}

}  // namespace
}  // namespace phasebit::hw
