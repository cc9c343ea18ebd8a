// The hash of a stream: XXH3 per block of 128 events, chained through the seed (docs/stream-format.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/backend/event.hpp"

namespace phasebit::sim {

/// Takes events one by one; `value()` may be asked at any time and covers everything so far, the count too.
class HashChain {
 public:
  static constexpr std::size_t block_events = 128;

  void add(const Event& event);
  std::uint64_t value() const;
  std::uint64_t count() const { return count_; }

 private:
  std::array<Event, block_events> block_{};
  std::uint64_t chain_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace phasebit::sim
