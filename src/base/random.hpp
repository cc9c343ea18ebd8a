// Random numbers that are the same on every compiler and machine: integers only, frozen by golden vectors.
#pragma once

#include <cstdint>

namespace phasebit {

/// Spreads every input bit over all output bits (the finaliser of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// One number for a seed and a list of keys: a draw that depends on what it is for, not on what was drawn before.
template <class... Keys>
constexpr std::uint64_t keyed(std::uint64_t seed, Keys... keys) {
  std::uint64_t state = mix(seed + 0x9e3779b97f4a7c15ull);
  ((state = mix(state + 0x9e3779b97f4a7c15ull + mix(static_cast<std::uint64_t>(keys) + 0x9e3779b97f4a7c15ull))), ...);
  return state;
}

/// A stream of numbers (SplitMix64). Two streams with different keys are independent.
class Random {
 public:
  constexpr explicit Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ull); }

  /// Uniform in [0, bound); bound > 0. Without division and without rejection: the bias is below bound / 2^64.
  constexpr std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

  /// Uniform in [low, high], both included.
  constexpr std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + (high - low == ~0ull ? next() : below(high - low + 1));
  }

  /// True `numerator` times in `denominator`.
  constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) { return below(denominator) < numerator; }

  /// For fingerprints and snapshots.
  constexpr std::uint64_t state() const { return state_; }

 private:
  std::uint64_t state_;
};

}  // namespace phasebit
