#include "src/driver/command_slots.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phasebit::driver {
namespace {

std::pmr::memory_resource* heap() {
  return std::pmr::get_default_resource();
}

TEST(CommandSlots, every_slot_comes_back_however_the_order) {
  CommandSlots slots(5, true, heap());
  for (int lap = 0; lap < 3; ++lap) {
    std::set<std::uint32_t> taken;
    while (slots.available() > 0) {
      taken.insert(slots.take());
    }
    EXPECT_EQ(taken.size(), 5u);
    for (const std::uint32_t slot : taken) {
      slots.release(slot, false);
    }
    EXPECT_EQ(slots.available(), 5u);
  }
}

TEST(CommandSlots, a_cid_names_its_slot_only_while_it_is_live) {
  CommandSlots slots(4, true, heap());
  const std::uint32_t slot = slots.take();
  const Cid first = slots.enliven(slot);
  EXPECT_EQ(slots.find(first), slot);
  EXPECT_EQ(slots.live_count(), 1u);
  slots.hold(slot);
  EXPECT_EQ(slots.find(first), CommandSlots::none);
  EXPECT_EQ(slots.live_count(), 0u);
  const Cid second = slots.enliven(slot);
  EXPECT_NE(first, second);
  EXPECT_EQ(slots.find(first), CommandSlots::none) << "a stale completion must not match the slot's next command";
  EXPECT_EQ(slots.find(second), slot);
}

TEST(CommandSlots, a_generation_comes_round_after_sixteen_lives) {
  CommandSlots slots(1, true, heap());
  std::set<std::uint16_t> cids;
  const std::uint32_t slot = slots.take();
  for (int life = 0; life < 16; ++life) {
    cids.insert(slots.enliven(slot).value);
    slots.hold(slot);
  }
  EXPECT_EQ(cids.size(), 16u);
}

TEST(CommandSlots, no_cid_of_any_slot_and_generation_is_ffffh_and_none_is_shared) {
  CommandSlots slots(CommandSlots::slots_max, true, heap());
  std::set<std::uint16_t> live;
  for (std::uint32_t i = 0; i < CommandSlots::slots_max; ++i) {
    slots.take();
  }
  for (int life = 0; life < 40; ++life) {
    live.clear();
    for (std::uint32_t slot = 0; slot < CommandSlots::slots_max; ++slot) {
      live.insert(slots.enliven(slot).value);
    }
    EXPECT_EQ(live.size(), CommandSlots::slots_max);
    EXPECT_EQ(live.count(0xffff), 0u);
    for (std::uint32_t slot = 0; slot < CommandSlots::slots_max; ++slot) {
      slots.hold(slot);
    }
  }
}

TEST(CommandSlots, any_sixteen_bits_may_be_looked_up) {
  for (const bool generations : {true, false}) {
    CommandSlots slots(3, generations, heap());
    const Cid live = slots.enliven(slots.take());
    for (std::uint32_t cid = 0; cid <= 0xffff; ++cid) {
      EXPECT_EQ(slots.find(Cid{static_cast<std::uint16_t>(cid)}) != CommandSlots::none, cid == live.value);
    }
  }
}

TEST(CommandSlots, without_generations_the_cid_is_the_slot_and_doubtful_slots_rest_until_a_reset) {
  CommandSlots slots(2, false, heap());
  const std::uint32_t slot = slots.take();
  EXPECT_EQ(slots.enliven(slot).value, slot);
  slots.hold(slot);
  slots.release(slot, true);
  EXPECT_EQ(slots.available(), 1u);
  EXPECT_EQ(slots.quarantined(), 1u);
  const std::uint32_t other = slots.take();
  EXPECT_NE(other, slot);
  EXPECT_EQ(slots.available(), 0u);
  slots.lift_quarantine();
  EXPECT_EQ(slots.available(), 1u) << "the slot that is still taken stays taken";
  EXPECT_EQ(slots.take(), slot);
}

TEST(CommandSlots, with_generations_a_doubtful_slot_is_as_good_as_any) {
  CommandSlots slots(1, true, heap());
  const std::uint32_t slot = slots.take();
  slots.release(slot, true);
  EXPECT_EQ(slots.available(), 1u);
}

}  // namespace
}  // namespace phasebit::driver
