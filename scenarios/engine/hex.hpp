// Bytes as hexadecimal digits.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "scenarios/engine/scalar.hpp"

namespace phasebit::scenarios {

inline bool is_hex(const std::string& text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

/// `text` is two digits for each byte.
inline void bytes_from_hex(const std::string& text, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(std::stoul(text.substr(2 * i, 2), nullptr, 16));
  }
}

inline std::string hex_text(std::span<const std::uint8_t> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

/// Exactly `bytes` bytes as text, two digits each.
template <std::size_t bytes>
struct Hex {
  bool read(const Json& json, std::array<std::uint8_t, bytes>& value) const {
    if (!json.is_string() || json.get_ref<const std::string&>().size() != 2 * bytes) {
      return false;
    }
    const std::string& text = json.get_ref<const std::string&>();
    if (!is_hex(text)) {
      return false;
    }
    bytes_from_hex(text, value);
    return true;
  }
  Json write(const std::array<std::uint8_t, bytes>& value) const { return Json(hex_text(value)); }
  std::string wanted() const { return std::to_string(2 * bytes) + " hexadecimal digits in quotes"; }
  Json schema() const { return {{"type", "string"}, {"pattern", "^[0-9a-fA-F]{" + std::to_string(2 * bytes) + "}$"}}; }
};

/// Between one and `bytes_max` bytes as text.
struct HexBytes {
  std::size_t bytes_max = 64;

  bool read(const Json& json, std::vector<std::uint8_t>& value) const {
    const std::string text = json.is_string() ? json.get<std::string>() : "";
    if (text.empty() || text.size() % 2 != 0 || text.size() > 2 * bytes_max || !is_hex(text)) {
      return false;
    }
    value.resize(text.size() / 2);
    bytes_from_hex(text, value);
    return true;
  }
  Json write(const std::vector<std::uint8_t>& value) const { return Json(hex_text(value)); }
  std::string wanted() const { return "2 to " + std::to_string(2 * bytes_max) + " hexadecimal digits in quotes, two for each byte"; }
  Json schema() const { return {{"type", "string"}, {"pattern", "^([0-9a-fA-F]{2}){1," + std::to_string(bytes_max) + "}$"}}; }
};

}  // namespace phasebit::scenarios
