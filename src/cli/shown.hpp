// Text of a device's that may be anything.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "src/spec/wide.hpp"

namespace phasebit::cli {

/// A device's text as it can be shown: with a dot for every byte that is no printable ASCII.
inline std::string shown(std::string_view field) {
  std::string text(field);
  for (char& c : text) {
    c = c >= ' ' && c <= '~' ? c : '.';
  }
  return text;
}

/// Likewise, and without its padding.
template <std::size_t bytes>
std::string shown(const std::array<char, bytes>& field) {
  return shown(spec::unpadded(field));
}

}  // namespace phasebit::cli
