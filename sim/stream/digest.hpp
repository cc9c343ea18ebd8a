// Digests of content, and the hasher that fingerprints are made with. Both are XXH3 with 64 bits: the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "src/base/random.hpp"

namespace phasebit::sim {

/// XXH3 (64 bits, seed 0) of the bytes.
std::uint64_t digest(std::span<const std::byte> bytes);

/// As media events carry it: 0 for a block of zeros, else its digest.
std::uint64_t block_digest(std::span<const std::byte> block);

/// A fingerprint in the making: fields are added one by one, in canonical order, never as raw structures (padding) or addresses.
class Hasher {
 public:
  /// Adds one integer, enumerator or truth value.
  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void add(T value) {
    state_ = mix(state_ * 0x9e3779b97f4a7c15ull + static_cast<std::uint64_t>(value) + 1);
  }
  /// Adds the length and the digest of a run of bytes.
  void add_bytes(std::span<const std::byte> bytes) {
    add(bytes.size());
    add(digest(bytes));
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace phasebit::sim
