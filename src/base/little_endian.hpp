// Little-endian integers for wire structures: the bytes in memory are the wire's, on every machine.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace phasebit {

/// Host order to little endian and back (the same operation).
template <std::unsigned_integral T>
constexpr T swap_if_big_endian(T value) {
  if constexpr (std::endian::native == std::endian::little) {
    return value;
  } else {
    T swapped = 0;
    for (unsigned i = 0; i < sizeof(T); ++i) {
      swapped = static_cast<T>((swapped << 8) | ((value >> (8 * i)) & 0xff));
    }
    return swapped;
  }
}

/// An unsigned integer stored little-endian; reads and assigns as a value in host order.
template <std::unsigned_integral T>
class LittleEndian {
 public:
  constexpr LittleEndian() = default;
  constexpr LittleEndian(T value) : stored_(swap_if_big_endian(value)) {}  // NOLINT(google-explicit-constructor)
  constexpr operator T() const { return swap_if_big_endian(stored_); }     // NOLINT(google-explicit-constructor)
  constexpr T get() const { return swap_if_big_endian(stored_); }
  /// The bits as they lie in memory; only for atomic access by a backend.
  constexpr T& raw() { return stored_; }
  constexpr const T& raw() const { return stored_; }

 private:
  T stored_ = 0;
};

using Le16 = LittleEndian<std::uint16_t>;
using Le32 = LittleEndian<std::uint32_t>;
using Le64 = LittleEndian<std::uint64_t>;
static_assert(sizeof(Le16) == 2 && sizeof(Le32) == 4 && sizeof(Le64) == 8);

}  // namespace phasebit
