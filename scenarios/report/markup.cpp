#include "scenarios/report/markup.hpp"

#include <fmt/format.h>

namespace phasebit::scenarios {
namespace {

/// XML 1.0 §2.2: of the characters below 20h only tab, line feed and carriage return exist, not even as references.
bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text;
}

/// Nor do U+FFFE and U+FFFF exist.
bool begins_with_noncharacter(std::string_view text) {
  return text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf");
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (begins_with_noncharacter(text.substr(at))) {
      safe += hex_of(text.substr(at, 3));
      at += 2;
      continue;
    }
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      case '\t':
      case '\n':
      case '\r':
        safe += fmt::format("&#{};", static_cast<int>(c));
        break;
      default:
        safe += is_forbidden(c) ? hex_of(text.substr(at, 1)) : std::string(1, c);
    }
  }
  return safe;
}

}  // namespace phasebit::scenarios
