#include "sim/media/power_cut.hpp"

#include <algorithm>

#include "src/base/random.hpp"

namespace phasebit::sim {

std::uint64_t tear_points(const Extent& extent, std::uint32_t unit_blocks) {
  return (extent.blocks - 1) / unit_blocks;
}

// Without writes every outcome is the same; one write has no subsets of its own.
std::uint64_t count_cut_outcomes(std::span<const VolatileWrite> writes, std::uint32_t unit_blocks) {
  if (writes.empty()) {
    return 1;
  }
  std::uint64_t tears = 0;
  for (const VolatileWrite& write : writes) {
    tears += tear_points(write.extent, unit_blocks);
  }
  return writes.size() == 1 ? 2 + tears : 2 + writes.size() + CutOutcome::subsets + tears;
}

CutOutcome cut_outcome(std::uint64_t number, std::span<const VolatileWrite> writes, std::uint32_t unit_blocks) {
  std::uint64_t rest = number % count_cut_outcomes(writes, unit_blocks);
  if (rest < 2) {
    return {rest == 0 ? CutKind::nothing : CutKind::everything, 0, 0, 0};
  }
  rest -= 2;
  if (writes.size() > 1) {
    if (rest < writes.size()) {
      return {CutKind::single, rest, 0, 0};
    }
    rest -= writes.size();
    if (rest < CutOutcome::subsets) {
      return {CutKind::subset, 0, 0, rest};
    }
    rest -= CutOutcome::subsets;
  }
  std::uint64_t index = 0;
  while (rest >= tear_points(writes[index].extent, unit_blocks)) {
    rest -= tear_points(writes[index].extent, unit_blocks);
    ++index;
  }
  return {CutKind::torn, index, rest + 1, 0};
}

std::uint64_t CutOutcome::blocks_kept(const VolatileWrite& of, std::uint64_t index, std::uint64_t seed, std::uint32_t unit_blocks) const {
  const std::uint64_t all = of.extent.blocks;
  switch (kind) {
    case CutKind::nothing:
      return 0;
    case CutKind::everything:
      return all;
    case CutKind::single:
      return index == write ? all : 0;
    case CutKind::subset:
      return (keyed(seed, subset, of.number) & 1) != 0 ? all : 0;
    case CutKind::torn:
      return index < write ? all : index == write ? std::min(all, units * unit_blocks) : 0;
  }
  return 0;
}

}  // namespace phasebit::sim
