// An index into a ring of any size from 2 to 65536, with the phase that flips at each wrap.
#pragma once

#include <cstdint>

#include "src/base/assert.hpp"

namespace phasebit {

/// The slot that comes after `slot` in a ring of `entries`.
constexpr std::uint32_t next_slot(std::uint32_t slot, std::uint32_t entries) {
  return slot + 1 == entries ? 0 : slot + 1;
}

/// How many steps lead from `from` forward to `to` in a ring of `entries`.
constexpr std::uint32_t slot_distance(std::uint32_t from, std::uint32_t to, std::uint32_t entries) {
  return to >= from ? to - from : entries - from + to;
}

/// A consumer's place in a completion ring: the slot to look at and the phase that marks it new (Base 2.0 §3.3.3.2).
struct PhasedIndex {
  std::uint32_t slot = 0;
  bool phase = true;

  constexpr void advance(std::uint32_t entries) {
    slot = next_slot(slot, entries);
    phase = slot == 0 ? !phase : phase;
  }
};

}  // namespace phasebit
