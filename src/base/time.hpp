// Time as the driver and the emulated world see it: integer nanoseconds from an origin that the caller chooses.
#pragma once

#include <compare>
#include <cstdint>

namespace phasebit {

/// A length of time in nanoseconds, never negative.
struct Duration {
  std::uint64_t ns = 0;

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator*(Duration a, std::uint64_t n) { return {a.ns * n}; }
};

constexpr Duration nanoseconds(std::uint64_t n) {
  return {n};
}
constexpr Duration microseconds(std::uint64_t n) {
  return {n * 1'000};
}
constexpr Duration milliseconds(std::uint64_t n) {
  return {n * 1'000'000};
}
constexpr Duration seconds(std::uint64_t n) {
  return {n * 1'000'000'000};
}

/// A point in time: nanoseconds since the origin. `never` is later than every other.
struct Instant {
  std::uint64_t ns = 0;

  friend constexpr auto operator<=>(Instant, Instant) = default;
  /// Saturates at `never`.
  friend constexpr Instant operator+(Instant t, Duration d) { return t.ns + d.ns < t.ns ? Instant{~0ull} : Instant{t.ns + d.ns}; }
  /// Zero if b is later than a.
  friend constexpr Duration operator-(Instant a, Instant b) { return a.ns < b.ns ? Duration{0} : Duration{a.ns - b.ns}; }
};

inline constexpr Instant never{~0ull};

}  // namespace phasebit
