#include "scenarios/engine/scalar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace phasebit::scenarios {
namespace {

using Scalar = tl::expected<Json, std::string>;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool all(std::string_view word, bool (*is)(char)) {
  return !word.empty() && std::all_of(word.begin(), word.end(), is);
}

std::string lower(std::string_view word) {
  std::string lowered(word);
  for (char& c : lowered) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lowered;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

tl::unexpected<std::string> no(std::string text) {
  return tl::unexpected<std::string>(std::move(text));
}

template <class T>
Scalar number(std::string_view digits, int base, std::string_view word) {
  T value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return no(fmt::format("{} does not fit into 64 bits", word));
  }
  return Json(value);
}

/// A number that two readers could read differently, and what to write instead.
Scalar ambiguous_number(std::string_view word) {
  return no(fmt::format("{} is no number that every reader reads alike; write decimal (8) or hexadecimal (0x8), or quote it if it is text",
                        word));
}

Scalar decimal(std::string_view word) {
  if (word.size() > 1 && word[0] == '0') {
    return ambiguous_number(word);
  }
  return number<std::uint64_t>(word, 10, word);
}

Scalar negative(std::string_view word) {
  const std::string_view digits = word.substr(1);
  if (!all(digits, is_digit) || digits[0] == '0') {
    return ambiguous_number(word);
  }
  return number<std::int64_t>(word, 10, word);
}

/// `4k`, `10ms`: digits without a leading zero, then one to five letters.
bool is_number_with_unit(std::string_view word) {
  const std::size_t digits = static_cast<std::size_t>(std::find_if_not(word.begin(), word.end(), is_digit) - word.begin());
  const std::string_view unit = word.substr(digits);
  return digits > 0 && word[0] != '0' && unit.size() <= 5 && all(unit, is_letter);
}

/// Numbers on both sides, with or without units, as in `0..63` and `4k..64k`.
bool is_range(std::string_view word) {
  const std::size_t dots = word.find("..");
  if (dots == std::string_view::npos) {
    return false;
  }
  const auto is_number = [](std::string_view side) {
    const Scalar value = side.empty() || !is_digit(side[0]) ? no("") : plain_scalar(side);
    return value && (value->is_number() || is_number_with_unit(side));
  };
  return is_number(word.substr(0, dots)) && is_number(word.substr(dots + 2));
}

/// `1.4`, `2.0.1`: a version. Nothing in a scenario file is a fraction.
bool is_version(std::string_view word) {
  const std::size_t dot = word.find('.');
  return dot != std::string_view::npos && all(word.substr(0, dot), is_digit) && (dot == 1 || word[0] != '0') &&
         (all(word.substr(dot + 1), is_digit) || is_version(word.substr(dot + 1)));
}

/// `1.5ms`: a version to no reader, and a number to none of ours.
bool is_fraction_with_unit(std::string_view word) {
  const std::size_t unit = word.find_first_not_of("0123456789.");
  return unit != std::string_view::npos && all(word.substr(unit), is_letter) && word[0] != '.' &&
         std::count(word.begin(), word.end(), '.') == 1 && is_digit(word[unit - 1]);
}

bool is_pci_address(std::string_view word) {
  return word.size() == 12 && word[4] == ':' && word[7] == ':' && word[10] == '.' && all(word.substr(0, 4), is_hex_digit) &&
         all(word.substr(5, 2), is_hex_digit) && all(word.substr(8, 2), is_hex_digit) && is_digit(word[11]);
}

Scalar numeric(std::string_view word) {
  if (all(word, is_digit)) {
    return decimal(word);
  }
  if (word.starts_with("0x") && all(word.substr(2), is_hex_digit)) {
    return number<std::uint64_t>(word.substr(2), 16, word);
  }
  if (word[0] == '-') {
    return negative(word);
  }
  if (is_number_with_unit(word) || is_range(word) || is_version(word) || is_pci_address(word)) {
    return Json(std::string(word));
  }
  if (is_fraction_with_unit(word)) {
    return no(fmt::format(
        "{} is a fraction, and there are none; write a whole number of a smaller unit, as 1500us for 1.5ms and 1536 for 1.5k", word));
  }
  return ambiguous_number(word);
}

}  // namespace

Scalar plain_scalar(std::string_view word) {
  if (word == "true" || word == "false") {
    return Json(word == "true");
  }
  const std::string lowered = lower(word);
  if (is_one_of(lowered, {"true", "false", "yes", "no", "on", "off", "y", "n"})) {
    return no(fmt::format("{} is a truth value to some readers and text to others; write true or false, or quote it if it is text", word));
  }
  if (word.empty() || is_one_of(lowered, {"~", "null"})) {
    return no("a value is missing here; write one, or leave the key out");
  }
  if (is_digit(word[0]) || is_one_of(word.substr(0, 1), {"-", "+", "."})) {
    return numeric(word);
  }
  return Json(std::string(word));
}

}  // namespace phasebit::scenarios
