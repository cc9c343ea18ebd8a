#include "scenarios/engine/plain_text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace phasebit::scenarios {
namespace {

Place place_of(std::string_view text, std::size_t offset) {
  Place place{1, 1};
  for (const char c : text.substr(0, offset)) {
    place = c == '\n' ? Place{place.line + 1, 1} : Place{place.line, place.column + 1};
  }
  return place;
}

/// Bytes of the UTF-8 sequence that starts `text` (RFC 3629), or 0 if none does.
std::size_t sequence_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  if (byte(0) < 0x80) {
    return 1;
  }
  if (byte(0) >= 0xc2 && byte(0) <= 0xdf) {
    return continues(1) ? 2 : 0;
  }
  if ((byte(0) & 0xf0) == 0xe0) {
    const std::uint32_t point = (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6;
    return continues(1) && continues(2) && point >= 0x800 && (point < 0xd800 || point > 0xdfff) ? 3 : 0;
  }
  if (byte(0) >= 0xf0 && byte(0) <= 0xf4) {
    const std::uint32_t point = (byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12;
    return continues(1) && continues(2) && continues(3) && point >= 0x10000 && point <= 0x10ffff ? 4 : 0;
  }
  return 0;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

/// How deep the indicators at the start of a line can nest: spaces, dashes, question marks and colons in any order.
std::size_t leading_indicators(std::string_view line) {
  const std::size_t end = line.find_first_not_of(" -?:\t");
  return end == std::string_view::npos ? line.size() : end;
}

}  // namespace

Checked<void> check_text(std::string_view text, const std::string& file) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = sequence_bytes(text.substr(i));
    if (bytes == 0 || is_control(text[i])) {
      return refuse(file, place_of(text, i),
                    fmt::format("byte {:02x}h is no UTF-8 text; a scenario is a text file", static_cast<unsigned char>(text[i])));
    }
    i += bytes;
  }
  return {};
}

Checked<void> check_nesting(std::string_view text, const std::string& file, unsigned depth_max) {
  const std::size_t bound = std::size_t{4} * depth_max;
  std::size_t open = 0;
  for (std::size_t start = 0, line = 1; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    if (leading_indicators(text.substr(start, end - start)) > bound) {
      return refuse(file, {static_cast<unsigned>(line), 1}, fmt::format("nested too deeply; at most {} levels are read", depth_max));
    }
    for (std::size_t i = start; i < end; ++i) {
      open += text[i] == '[' || text[i] == '{' ? 1 : 0;
      open -= (text[i] == ']' || text[i] == '}') && open > 0 ? 1 : 0;
      if (open > bound) {
        return refuse(file, place_of(text, i), fmt::format("nested too deeply; at most {} levels are read", depth_max));
      }
    }
    start = end + 1;
  }
  return {};
}

}  // namespace phasebit::scenarios
