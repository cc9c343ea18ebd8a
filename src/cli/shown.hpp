// Text of a device's that may be anything.
#pragma once

#include <array>
#include <string>

#include "src/spec/wide.hpp"

namespace phasebit::cli {

/// A device's text as it can be shown: without its padding, and with a dot for every byte that is no printable ASCII.
template <std::size_t bytes>
std::string shown(const std::array<char, bytes>& field) {
  std::string text(spec::unpadded(field));
  for (char& c : text) {
    c = c >= ' ' && c <= '~' ? c : '.';
  }
  return text;
}

}  // namespace phasebit::cli
