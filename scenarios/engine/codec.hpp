// How single values stand in a scenario file: each codec reads, writes, says what it wants, and describes itself to editors.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "scenarios/engine/scalar.hpp"
#include "scenarios/engine/units.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"

namespace phasebit::scenarios {

/// The integer inside a plain or a strong integer.
template <class T>
constexpr auto& representation(T& value) {
  if constexpr (std::is_integral_v<std::remove_const_t<T>>) {
    return value;
  } else {
    return value.value;
  }
}

/// The largest value that a plain or strong integer can hold.
template <class T>
constexpr std::uint64_t highest_of() {
  return std::numeric_limits<std::remove_cvref_t<decltype(representation(std::declval<T&>()))>>::max();
}

/// Without a maximum that most JSON tools could not hold.
Json number_schema(std::uint64_t lowest, std::uint64_t highest);

/// A whole number between two bounds, both included.
struct Whole {
  std::uint64_t lowest = 0;
  std::uint64_t highest = ~0ull;

  template <class T>
  bool read(const Json& json, T& value) const {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() < lowest ||
        json.get<std::uint64_t>() > std::min(highest, highest_of<T>())) {
      return false;
    }
    representation(value) = static_cast<std::remove_reference_t<decltype(representation(value))>>(json.get<std::uint64_t>());
    return true;
  }
  template <class T>
  Json write(const T& value) const {
    return Json(static_cast<std::uint64_t>(representation(value)));
  }
  std::string wanted() const { return fmt::format("a whole number from {} to {}", lowest, highest); }
  Json schema() const { return number_schema(lowest, highest); }
};

/// true or false.
struct Truth {
  bool read(const Json& json, bool& value) const {
    value = json.is_boolean() ? json.get<bool>() : value;
    return json.is_boolean();
  }
  Json write(bool value) const { return Json(value); }
  std::string wanted() const { return "true or false"; }
  Json schema() const { return {{"type", "boolean"}}; }
};

/// Text of a bounded length; `pattern` (ECMAScript, anchored by itself) is told to editors and checked by `accepts`.
struct Text {
  std::size_t bytes_min = 1;
  std::size_t bytes_max = 200;
  bool word = false;  ///< lower case letters, digits and dashes only

  bool read(const Json& json, std::string& value) const;
  Json write(const std::string& value) const { return Json(value); }
  std::string wanted() const;
  Json schema() const;
};

/// A number of bytes, with or without a unit.
struct Size {
  std::uint64_t lowest = 0;
  std::uint64_t highest = ~0ull;

  template <class T>
  bool read(const Json& json, T& value) const {
    std::uint64_t bytes = 0;
    if (!read_bytes(json, bytes) || bytes > highest_of<T>()) {
      return false;
    }
    representation(value) = static_cast<std::remove_reference_t<decltype(representation(value))>>(bytes);
    return true;
  }
  template <class T>
  Json write(const T& value) const {
    return write_bytes(representation(value));
  }
  std::string wanted() const;
  Json schema() const;

 private:
  bool read_bytes(const Json& json, std::uint64_t& bytes) const;
  static Json write_bytes(std::uint64_t bytes);
};

/// A length of time, with its unit.
struct Time {
  Duration shortest{0};
  Duration longest{~0ull};

  bool read(const Json& json, Duration& value) const;
  Json write(Duration value) const;
  std::string wanted() const;
  Json schema() const;
};

/// `FIRST..LAST` or one number.
struct Range {
  bool read(const Json& json, NumberRange& value) const;
  Json write(const NumberRange& value) const;
  std::string wanted() const { return "a range such as 0..63, both ends included, or one number"; }
  Json schema() const;
};

/// A seed as it is written on the command line; a commit's digits stand in quotes.
struct Seed {
  bool read(const Json& json, std::uint64_t& value) const;
  Json write(std::uint64_t value) const { return Json(value); }
  std::string wanted() const { return "a seed: a whole number, decimal or 0x..., or the 40 digits of a commit in quotes"; }
  Json schema() const;
};

/// The hash of a stream, as `--trace-hash` prints it.
struct Hash {
  bool read(const Json& json, std::uint64_t& value) const;
  Json write(std::uint64_t value) const;
  std::string wanted() const { return "a hash: a whole number, decimal or 0x..., with or without quotes"; }
  Json schema() const;
};

/// One name of a list.
template <class E>
struct Named {
  std::string_view name;
  E value;
};

/// An enumerator by its name.
template <class E>
struct Choice {
  std::span<const Named<E>> names;

  bool read(const Json& json, E& value) const {
    for (const Named<E>& named : names) {
      if (json.is_string() && json.get_ref<const std::string&>() == named.name) {
        value = named.value;
        return true;
      }
    }
    return false;
  }
  Json write(const E& value) const {
    for (const Named<E>& named : names) {
      if (named.value == value) {
        return Json(std::string(named.name));
      }
    }
    return Json();
  }
  std::string wanted() const {
    std::string list = "one of ";
    for (const Named<E>& named : names) {
      list += (&named == names.data() ? "" : ", ") + std::string(named.name);
    }
    return list;
  }
  Json schema() const {
    Json words = Json::array();
    for (const Named<E>& named : names) {
      words.push_back(std::string(named.name));
    }
    return {{"enum", words}};
  }
};

/// The word that stands for `value`, for messages.
template <class E, std::size_t N>
constexpr std::string_view word_of(const Named<E> (&names)[N], E value) {
  for (const Named<E>& named : names) {
    if (named.value == value) {
      return named.name;
    }
  }
  return "unknown";
}

}  // namespace phasebit::scenarios
