// Small parts of wire structures: 128-bit counters and space-padded text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/base/little_endian.hpp"

namespace phasebit::spec {

/// A 128-bit unsigned integer on the wire; capacities in bytes and counters use it.
struct Le128 {
  Le64 low;
  Le64 high;

  /// The value, or 2^64 - 1 where 64 bits cannot hold it.
  constexpr std::uint64_t saturated() const { return high == 0 ? low.get() : ~0ull; }
};
static_assert(sizeof(Le128) == 16);

/// ASCII text padded with spaces to the right (Base 2.0 §1.4.2).
template <std::size_t bytes>
using PaddedText = std::array<char, bytes>;

/// The text without its padding; some drives pad with NULs. The bytes are the drive's and may be anything.
template <std::size_t bytes>
constexpr std::string_view unpadded(const PaddedText<bytes>& text) {
  std::size_t length = bytes;
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\0')) {
    --length;
  }
  return {text.data(), length};
}

/// The text as it goes on the wire; what does not fit is cut off.
template <std::size_t bytes>
constexpr PaddedText<bytes> padded(std::string_view text) {
  PaddedText<bytes> out{};
  for (std::size_t i = 0; i < bytes; ++i) {
    out[i] = i < text.size() ? text[i] : ' ';
  }
  return out;
}

}  // namespace phasebit::spec
