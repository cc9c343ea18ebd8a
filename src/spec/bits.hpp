// Words made of bit fields: a register, a command dword, a status. A field belongs to one word and fits no other.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "src/base/assert.hpp"

namespace phasebit::spec {

/// What a field of `width` bits reads as unless it says otherwise: a truth value, or the smallest of two plain integers.
template <unsigned width>
using FieldValue = std::conditional_t<width == 1, bool, std::conditional_t<(width <= 32), std::uint32_t, std::uint64_t>>;

/// Bits `shift + width - 1 : shift` of a word of type Owner, read and written as Value (an integer, bool or enumeration).
template <class Owner, unsigned shift, unsigned width, class Value = FieldValue<width>>
struct Field {
  static_assert(width > 0 && shift + width <= 64);
  static constexpr std::uint64_t value_max = width == 64 ? ~0ull : (1ull << (width % 64)) - 1;
  static constexpr std::uint64_t mask = value_max << shift;
};

/// A word of fields in host order; `Self` derives from it and declares the fields. Reading never fails.
template <class Self, std::unsigned_integral Raw>
struct Bits {
  using Word = Raw;

  Raw raw = 0;

  constexpr Bits() = default;
  constexpr explicit Bits(Raw word) : raw(word) {}

  template <unsigned shift, unsigned width, class Value>
  constexpr Value get(Field<Self, shift, width, Value> field) const {
    static_assert(shift + width <= 8 * sizeof(Raw));
    return static_cast<Value>((raw >> shift) & field.value_max);
  }

  /// The value has to fit: a wider one is a mistake of ours, not of a device.
  template <unsigned shift, unsigned width, class Value>
  constexpr void set(Field<Self, shift, width, Value> field, std::type_identity_t<Value> value) {
    static_assert(shift + width <= 8 * sizeof(Raw));
    const auto bits = static_cast<std::uint64_t>(value);
    PHASEBIT_ASSERT(bits <= field.value_max);
    raw = static_cast<Raw>((raw & ~field.mask) | (bits << shift));
  }

  /// A copy in which one field is another value.
  template <unsigned shift, unsigned width, class Value>
  constexpr Self with(Field<Self, shift, width, Value> field, std::type_identity_t<Value> value) const {
    Self copy{raw};
    copy.set(field, value);
    return copy;
  }

  friend constexpr bool operator==(Bits, Bits) = default;
};

}  // namespace phasebit::spec
