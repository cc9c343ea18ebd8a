// Whether a stretch that a drive speaks of lies behind its BAR at all.
#pragma once

#include <cstdint>
#include <optional>

#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

inline constexpr std::uint64_t bar_page_bytes = 4096;

/// Why a stretch of a BAR of `bar_bytes` cannot be mapped; nothing if it can. Neither sum nor product of what a drive says is ever formed.
inline std::optional<Errc> refusal_of(const BarRange& range, std::uint64_t bar_bytes) {
  if (range.bytes == 0 || range.offset > bar_bytes || range.bytes > bar_bytes - range.offset) {
    return Errc::out_of_range;
  }
  const bool whole_pages = range.offset % bar_page_bytes == 0 && range.bytes % bar_page_bytes == 0;
  return whole_pages ? std::nullopt : std::optional(Errc::misaligned);
}

}  // namespace phasebit::hw
