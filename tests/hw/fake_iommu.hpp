// An IOMMU for tests without one.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// Remembers what it was asked for, and takes as many mappings as it is told.
struct FakeIommu {
  struct Range {
    std::byte* page;
    Iova iova;
    std::uint64_t bytes;
    DmaRights rights;
  };

  Result<void> map(std::byte* page, Iova iova, std::uint64_t bytes, DmaRights rights) {
    if (ranges.size() >= mappings_max) {
      return fail(Errc::no_space);
    }
    ranges.push_back({page, iova, bytes, rights});
    return {};
  }
  void unmap(Iova iova, std::uint64_t bytes) {
    auto found = std::find_if(ranges.begin(), ranges.end(), [&](const Range& range) { return range.iova == iova && range.bytes == bytes; });
    ASSERT_NE(ranges.end(), found);
    ranges.erase(found);
  }

  std::vector<Range> ranges;
  std::size_t mappings_max = 1000;
};

}  // namespace phasebit::hw
