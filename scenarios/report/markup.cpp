#include "scenarios/report/markup.hpp"

#include <fmt/format.h>

namespace phasebit::scenarios {
namespace {

/// XML 1.0 §2.2: of the characters below 20h only tab, line feed and carriage return exist, not even as references.
bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
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
        safe += is_forbidden(c) ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
  }
  return safe;
}

}  // namespace phasebit::scenarios
