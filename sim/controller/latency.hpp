// How long commands take: a table of quantiles in integers, drawn from by key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/base/time.hpp"

namespace phasebit::sim {

/// One point of a distribution: so many of a million commands take at most so long.
struct LatencyQuantile {
  std::uint32_t parts_per_million = 0;  ///< 0 to 1000000
  Duration at_most;
};

/// A distribution as its quantiles, ascending in both, from 0 to 1000000 parts. Between two points it is a straight line.
struct LatencyTable {
  std::vector<LatencyQuantile> quantiles;

  /// Always the same time.
  static LatencyTable fixed(Duration time) { return {{{0, time}, {1'000'000, time}}}; }
  /// Half of the commands around `median`, one in a hundred up to four times, and the slowest ten times as long.
  static LatencyTable usual(Duration median);

  /// The latency that 64 random bits stand for.
  Duration draw(std::uint64_t bits) const;
};

/// Empty if the table can be drawn from, else what is wrong with it and what would be right.
std::string validate(const LatencyTable& table);

}  // namespace phasebit::sim
