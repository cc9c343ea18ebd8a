#include "src/cli/shell_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace phasebit::cli {
namespace {

constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:,+@%-";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// $'...': the line stays one line, whatever the name holds.
std::string dollar_quoted(std::string_view word) {
  std::string text = "$'";
  for (const char c : word) {
    if (is_control(c)) {
      text += fmt::format("\\{:03o}", static_cast<unsigned>(c));
    } else {
      text += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
  }
  return text + "'";
}

}  // namespace

std::string shell_text(std::string_view word) {
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) {
    return std::string(word);
  }
  if (std::any_of(word.begin(), word.end(), is_control)) {
    return dollar_quoted(word);
  }
  std::string text = "'";
  for (const char c : word) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

std::string shell_path(const std::string& path) {
  return shell_text(path.starts_with('-') ? "./" + path : path);
}

}  // namespace phasebit::cli
