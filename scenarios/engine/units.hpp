// Numbers with a unit, as they are written in scenario files and on the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/time.hpp"

namespace phasebit::scenarios {

/// Decimal or 0x hexadecimal, nothing around it; none if it is no number or needs more than 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// Bytes: a number, or a decimal one with k, m, g or t (powers of 1024, either case, `ki` and `kib` too).
std::optional<std::uint64_t> parse_size(std::string_view text);
/// The same with the largest unit that leaves no rest: 4096 is `4k`.
std::string size_text(std::uint64_t bytes);

/// A length of time: a decimal number with ns, us, ms, s or min, always with its unit (but `0` is 0).
std::optional<Duration> parse_duration(std::string_view text);
/// The same with the largest unit that leaves no rest: 2'000'000 ns is `2ms`.
std::string duration_text(Duration duration);

/// `FIRST..LAST`, both included, FIRST not above LAST; or one number for a range of one.
struct NumberRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};
std::optional<NumberRange> parse_range(std::string_view text);
std::string range_text(const NumberRange& range);

/// A seed: decimal, 0x..., or the 40 hexadecimal digits of a commit, which are folded by XOR of digits 1 to 16, 17 to 32 and 33 to 40,
/// each read as a hexadecimal number.
std::optional<std::uint64_t> parse_seed(std::string_view text);
/// 0x and 16 digits.
std::string seed_text(std::uint64_t seed);

}  // namespace phasebit::scenarios
