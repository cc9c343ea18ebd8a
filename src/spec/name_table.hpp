// A table of values and their names, looked up from either side.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace phasebit::spec {

template <class Value>
struct Named {
  Value value;
  std::string_view name;
};

/// The name of a value; empty if the table has none.
template <class Value>
constexpr std::string_view name_in(std::span<const Named<Value>> table, std::type_identity_t<Value> value) {
  for (const auto& row : table) {
    if (row.value == value) {
      return row.name;
    }
  }
  return {};
}

/// The value that a name stands for.
template <class Value>
constexpr std::optional<Value> value_in(std::span<const Named<Value>> table, std::string_view name) {
  for (const auto& row : table) {
    if (row.name == name) {
      return row.value;
    }
  }
  return std::nullopt;
}

}  // namespace phasebit::spec
