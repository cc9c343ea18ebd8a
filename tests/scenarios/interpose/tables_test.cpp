// The tables beneath: commands that are out, memory that the device may reach, and the two rings of a completion queue.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <vector>

#include "scenarios/interpose/command_table.hpp"
#include "scenarios/interpose/completion_view.hpp"
#include "scenarios/interpose/held_writes.hpp"
#include "scenarios/interpose/host_regions.hpp"
#include "src/base/random.hpp"
#include "src/base/ring_index.hpp"

namespace phasebit::scenarios {
namespace {

std::pmr::memory_resource* memory() {
  return std::pmr::get_default_resource();
}

TEST(CommandTable, finds_what_a_map_would_find_whatever_comes_and_goes) {
  CommandTable table(memory());
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::uint8_t> model;
  Random random(7);
  for (int turn = 0; turn < 200'000; ++turn) {
    // Few names and many in turn, so that the table grows, fills and empties.
    const auto sqid = static_cast<std::uint16_t>(random.below(4));
    const auto cid = static_cast<std::uint16_t>(random.below(turn % 50'000 < 25'000 ? 64 : 4096));
    const auto opcode = static_cast<std::uint8_t>(random.next());
    if (random.chance(1, 2)) {
      table.insert(Qid{sqid}, Cid{cid}).sqe.opcode = opcode;
      model[{sqid, cid}] = opcode;
    } else if (random.chance(1, 5'000)) {
      table.erase_queue(Qid{sqid});
      std::erase_if(model, [sqid](const auto& entry) { return entry.first.first == sqid; });
    } else {
      table.erase(Qid{sqid}, Cid{cid});
      model.erase({sqid, cid});
    }
    ASSERT_EQ(table.size(), model.size());
    const auto expected = model.find({sqid, static_cast<std::uint16_t>(cid ^ 1)});
    const OutstandingCommand* found = table.find(Qid{sqid}, Cid{static_cast<std::uint16_t>(cid ^ 1)});
    ASSERT_EQ(found != nullptr, expected != model.end());
    ASSERT_TRUE(found == nullptr || found->sqe.opcode == expected->second);
  }
  table.clear();
  EXPECT_EQ(table.size(), 0u);
}

TEST(HostRegions, translate_within_one_region_only) {
  std::vector<std::byte> first(100);
  std::vector<std::byte> second(50);
  HostRegions regions(memory());
  EXPECT_EQ(regions.add({second.data(), 50, Iova{1100}}), 1u);
  EXPECT_EQ(regions.add({first.data(), 100, Iova{1000}}), 1u);
  EXPECT_EQ(regions.host(Iova{1000}, 100), first.data());
  EXPECT_EQ(regions.host(Iova{1099}, 1), first.data() + 99);
  EXPECT_EQ(regions.host(Iova{1099}, 2), nullptr);
  EXPECT_EQ(regions.host(Iova{1100}, 50), second.data());
  EXPECT_EQ(regions.host(Iova{999}, 1), nullptr);
  EXPECT_EQ(regions.host(Iova{1150}, 1), nullptr);
  EXPECT_EQ(regions.bytes_from(Iova{1040}), 60u);
  EXPECT_EQ(regions.bytes_from(Iova{1150}), 0u);
}

TEST(HostRegions, count_mappings_of_the_same_range) {
  std::vector<std::byte> bytes(100);
  HostRegions regions(memory());
  EXPECT_EQ(regions.add({bytes.data(), 100, Iova{1000}}), 1u);
  EXPECT_EQ(regions.add({bytes.data(), 100, Iova{1000}}), 2u);
  regions.remove(bytes);
  EXPECT_NE(regions.find(bytes), nullptr);
  regions.remove(bytes);
  EXPECT_EQ(regions.find(bytes), nullptr);
  EXPECT_EQ(regions.add({bytes.data(), 100, Iova{1000}}), 1u);
  EXPECT_EQ(regions.add({bytes.data(), 60, Iova{1000}}), 1u) << "another range at the same place is another mapping";
}

TEST(HeldWrites, never_pass_one_another) {
  HeldWrites held(memory());
  EXPECT_FALSE(held.take(never));
  held.hold({8, 4, 1, Instant{100}});
  held.hold({16, 4, 2, Instant{50}});
  held.hold({8, 4, 3, Instant{120}});
  EXPECT_EQ(held.next_due(), Instant{100});
  EXPECT_FALSE(held.take(Instant{99}));
  EXPECT_EQ(held.take(Instant{100})->value, 1u);
  EXPECT_EQ(held.take(Instant{100})->value, 2u);
  EXPECT_FALSE(held.take(Instant{119}));
  EXPECT_EQ(held.take(never)->value, 3u);
  EXPECT_TRUE(held.empty());
  EXPECT_EQ(held.next_due(), never);
}

/// A device that fills its ring as far as its head allows, behind a view that drops, holds and doubles; and a host that takes what is
/// shown.
class TwoRings {
 public:
  TwoRings(std::uint32_t entries, std::uint64_t seed)
      : entries_(entries),
        random_(seed),
        ring_(std::uint64_t{entries} * spec::cqe_dwords),
        view_(Qid{1}, reinterpret_cast<std::byte*>(ring_.data()), entries, memory()) {}

  void device_posts() {
    if (posted_ - acknowledged_ == entries_ - 1) {
      return;
    }
    Le32* slot = &ring_[posted_ % entries_ * spec::cqe_dwords];
    slot[0] = static_cast<std::uint32_t>(posted_);
    slot[3] = spec::CqeDword3{}.with(spec::CqeDword3::phase, posted_ / entries_ % 2 == 0).raw;
    ++posted_;
  }

  void host_looks() {
    ++now_.ns;
    while (const auto entry = view_.take_due(now_)) {
      view_.show(*entry, now_);
    }
    const Le32& phase = ring_[head_ % entries_ * spec::cqe_dwords + 3];
    const auto place = view_.place(phase);
    const Le32* behind = view_.behind(phase);
    if (view_.has_new(place, behind == nullptr ? std::nullopt : std::optional<std::uint32_t>(*behind))) {
      take();
    }
    const std::uint32_t shown = view_.transparent() ? phase.get() : view_.dword(place);
    if (spec::phase_of(spec::CqeDword3{shown}) == (head_ / entries_ % 2 == 0)) {
      seen.push_back(view_.transparent() ? ring_[head_ % entries_ * spec::cqe_dwords].get() : view_.dword({place.slot, 0}));
      ++head_;
    }
    if (const auto head = view_.head_to_ring()) {
      device_hears(*head);
    }
  }

  void host_rings() {
    const auto value = static_cast<std::uint32_t>(head_ % entries_);
    if (head_ == rung_) {
      return;
    }
    rung_ = head_;
    if (const auto head = view_.translate_head(value)) {
      device_hears(*head);
    }
  }

  bool faults = true;
  std::vector<std::uint32_t> seen;
  std::map<std::uint32_t, int> expected;  ///< by entry: how often it is to be seen

 private:
  void take() {
    ShownEntry entry;
    entry.dwords = view_.take();
    const std::uint64_t kind = faults ? random_.below(8) : 7;
    expected[entry.dwords[0]] = kind == 0 ? 0 : kind == 2 ? 2 : 1;
    if (kind <= 2 || !view_.has_room()) {
      view_.end_transparency();
    }
    if (kind != 0 && (kind == 1 || !view_.has_room())) {
      view_.hold(entry, now_ + nanoseconds(random_.below(20)));
    } else if (kind != 0) {
      view_.show(entry, now_);
    }
    if (kind == 2) {
      view_.hold(entry, now_ + nanoseconds(random_.below(20)));
    }
  }
  /// Never a value that it knows, never beyond what it has posted.
  void device_hears(std::uint32_t value) {
    const auto before = static_cast<std::uint32_t>(acknowledged_ % entries_);
    ASSERT_LT(value, entries_);
    ASSERT_NE(value, before);
    acknowledged_ += slot_distance(before, value, entries_);
    ASSERT_LE(acknowledged_, posted_);
  }

  std::uint32_t entries_;
  Random random_;
  std::vector<Le32> ring_;
  CompletionView view_;
  Instant now_{1};
  std::uint64_t posted_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t head_ = 0;
  std::uint64_t rung_ = 0;
};

TEST(CompletionView, shows_each_entry_as_often_as_it_shall_and_never_stops_the_device) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TwoRings rings(static_cast<std::uint32_t>(2 + seed % 7), seed);
    Random random(seed ^ 0xabc);
    for (int turn = 0; turn < 3'000; ++turn) {
      switch (random.below(4)) {
        case 0:
          rings.device_posts();
          break;
        case 1:
          rings.host_rings();
          break;
        default:
          rings.host_looks();
      }
    }
    rings.faults = false;
    for (int turn = 0; turn < 500; ++turn) {  // what is held comes out, and the device goes on
      rings.device_posts();
      rings.host_looks();
      rings.host_rings();
    }
    for (int turn = 0; turn < 100; ++turn) {
      rings.host_looks();
      rings.host_rings();
    }
    std::map<std::uint32_t, int> seen;
    for (const std::uint32_t entry : rings.seen) {
      ++seen[entry];
    }
    std::erase_if(rings.expected, [](const auto& entry) { return entry.second == 0; });
    ASSERT_GT(seen.size(), 400u);
    ASSERT_EQ(seen, rings.expected);
  }
}

TEST(CompletionView, passes_a_hosts_wrong_heads_on) {
  std::vector<Le32> ring(4ull * 4);
  CompletionView view(Qid{1}, reinterpret_cast<std::byte*>(ring.data()), 4, memory());
  EXPECT_EQ(view.translate_head(4), 4u);
  EXPECT_EQ(view.translate_head(0xffff'ffff), 0xffff'ffffu);
  EXPECT_EQ(view.translate_head(0), 0u);
  EXPECT_EQ(view.translate_head(3), 3u) << "nothing was posted";
  view.end_transparency();
  EXPECT_EQ(view.translate_head(3), 3u) << "the same value again stays the same value again";
}

}  // namespace
}  // namespace phasebit::scenarios
