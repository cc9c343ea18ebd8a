#include "scenarios/engine/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace phasebit::scenarios {
namespace {

std::optional<std::uint64_t> whole(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// From the largest to the smallest, so that the first that leaves no rest is the one to print.
constexpr std::array<Unit, 4> size_units{{{"t", 1ull << 40}, {"g", 1ull << 30}, {"m", 1ull << 20}, {"k", 1ull << 10}}};
constexpr std::array<Unit, 5> time_units{{{"min", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}}};

/// A decimal number and what stands behind it.
struct Measured {
  std::uint64_t count;
  std::string unit;
};

std::optional<Measured> parse_measured(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<std::uint64_t> count = whole(text.substr(0, digits), 10);
  if (!count) {
    return std::nullopt;
  }
  return Measured{*count, std::string(text.substr(digits))};
}

template <std::size_t N>
std::optional<std::uint64_t> scale(const Measured& measured, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (unit.name == measured.unit) {
      return measured.count > ~0ull / unit.factor ? std::nullopt : std::optional(measured.count * unit.factor);
    }
  }
  return std::nullopt;
}

template <std::size_t N>
std::string with_largest_unit(std::uint64_t value, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return fmt::format("{}{}", value / unit.factor, unit.name);
    }
  }
  return fmt::format("{}", value);
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  return text.starts_with("0x") ? whole(text.substr(2), 16) : whole(text, 10);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (const std::optional<std::uint64_t> bytes = parse_number(text)) {
    return bytes;
  }
  std::optional<Measured> measured = parse_measured(text);
  if (!measured || measured->unit.empty()) {
    return std::nullopt;
  }
  for (char& c : measured->unit) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (measured->unit.size() > 1 && (measured->unit.substr(1) == "i" || measured->unit.substr(1) == "ib")) {
    measured->unit.resize(1);
  }
  return scale(*measured, size_units);
}

std::string size_text(std::uint64_t bytes) {
  return with_largest_unit(bytes, size_units);
}

std::optional<Duration> parse_duration(std::string_view text) {
  const std::optional<Measured> measured = parse_measured(text);
  if (!measured) {
    return std::nullopt;
  }
  if (measured->count == 0 && measured->unit.empty()) {
    return Duration{0};
  }
  const std::optional<std::uint64_t> ns = scale(*measured, time_units);
  return ns ? std::optional(Duration{*ns}) : std::nullopt;
}

std::string duration_text(Duration duration) {
  return with_largest_unit(duration.ns, time_units);
}

std::optional<NumberRange> parse_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  const std::optional<std::uint64_t> first = parse_number(text.substr(0, dots));
  const std::optional<std::uint64_t> last = dots == std::string_view::npos ? first : parse_number(text.substr(dots + 2));
  if (!first || !last || *first > *last) {
    return std::nullopt;
  }
  return NumberRange{*first, *last};
}

std::string range_text(const NumberRange& range) {
  return range.first == range.last ? fmt::format("{}", range.first) : fmt::format("{}..{}", range.first, range.last);
}

std::optional<std::uint64_t> parse_seed(std::string_view text) {
  constexpr std::size_t commit_digits = 40;
  if (text.size() != commit_digits) {
    return parse_number(text);
  }
  const std::optional<std::uint64_t> parts[] = {whole(text.substr(0, 16), 16), whole(text.substr(16, 16), 16), whole(text.substr(32), 16)};
  if (!parts[0] || !parts[1] || !parts[2]) {
    return std::nullopt;
  }
  return *parts[0] ^ *parts[1] ^ *parts[2];
}

std::string seed_text(std::uint64_t seed) {
  return fmt::format("0x{:016x}", seed);
}

}  // namespace phasebit::scenarios
