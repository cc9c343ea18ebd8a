// Bytes as hexadecimal digits.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "scenarios/engine/scalar.hpp"

namespace phasebit::scenarios {

/// Exactly `bytes` bytes as text, two digits each.
template <std::size_t bytes>
struct Hex {
  bool read(const Json& json, std::array<std::uint8_t, bytes>& value) const {
    if (!json.is_string() || json.get_ref<const std::string&>().size() != 2 * bytes) {
      return false;
    }
    const std::string& text = json.get_ref<const std::string&>();
    if (text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
      return false;
    }
    for (std::size_t i = 0; i < bytes; ++i) {
      value[i] = static_cast<std::uint8_t>(std::stoul(text.substr(2 * i, 2), nullptr, 16));
    }
    return true;
  }
  Json write(const std::array<std::uint8_t, bytes>& value) const {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : value) {
      text += {digits[byte >> 4], digits[byte & 15]};
    }
    return Json(text);
  }
  std::string wanted() const { return std::to_string(2 * bytes) + " hexadecimal digits in quotes"; }
  Json schema() const { return {{"type", "string"}, {"pattern", "^[0-9a-fA-F]{" + std::to_string(2 * bytes) + "}$"}}; }
};

}  // namespace phasebit::scenarios
