#include "sim/controller/latency.hpp"

#include <algorithm>

namespace phasebit::sim {
namespace {

constexpr std::uint64_t all_parts = 1'000'000;

/// Where `parts` lies on the line from one quantile to the next.
Duration between(const LatencyQuantile& low, const LatencyQuantile& high, std::uint64_t parts) {
  const std::uint64_t width = high.parts_per_million - low.parts_per_million;
  const std::uint64_t rise = high.at_most.ns - low.at_most.ns;
  return low.at_most + Duration{rise / width * (parts - low.parts_per_million) + rise % width * (parts - low.parts_per_million) / width};
}

}  // namespace

LatencyTable LatencyTable::usual(Duration median) {
  return {{{0, {median.ns / 2}}, {500'000, median}, {900'000, median * 2}, {990'000, median * 4}, {1'000'000, median * 10}}};
}

Duration LatencyTable::draw(std::uint64_t bits) const {
  const std::uint64_t parts = (bits >> 32) * all_parts >> 32;
  const auto next = std::find_if(quantiles.begin(), quantiles.end(), [&](const LatencyQuantile& q) { return q.parts_per_million > parts; });
  return between(*(next - 1), *next, parts);
}

std::string validate(const LatencyTable& table) {
  const auto& points = table.quantiles;
  if (points.size() < 2 || points.front().parts_per_million != 0 || points.back().parts_per_million != all_parts) {
    return "goes from 0 to 1000000 parts per million, in at least two points";
  }
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i].parts_per_million <= points[i - 1].parts_per_million || points[i].at_most < points[i - 1].at_most) {
      return "ascends: each point has more parts and at least the time of the one before";
    }
  }
  return points.back().at_most > seconds(3600) ? "has no time above an hour" : "";
}

}  // namespace phasebit::sim
