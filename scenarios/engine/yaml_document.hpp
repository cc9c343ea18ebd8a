// A YAML text as one JSON tree, with the line and column of everything in it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/scalar.hpp"

namespace phasebit::scenarios {

/// A tree and where its parts stand. Parts are named by JSON pointer (RFC 6901): `/faults/0/when`; the root is the empty string.
struct Document {
  std::string file;
  Json tree;
  std::map<std::string, Place> values;
  std::map<std::string, Place> keys;

  /// Where the value at `pointer` stands, or the nearest part around it that stands anywhere.
  Place place(std::string pointer) const;
  /// Where the key of the value at `pointer` stands.
  Place key_place(const std::string& pointer) const;
};

/// `pointer` with one more step: a key (escaped as RFC 6901 asks) or an index.
std::string step_into(const std::string& pointer, std::string_view key);
std::string step_into(const std::string& pointer, std::size_t index);

inline constexpr std::size_t document_bytes_max = 1 << 20;
inline constexpr unsigned nesting_max = 32;
inline constexpr std::size_t scalar_bytes_max = 4096;
inline constexpr std::size_t keys_max = 256;

/// Reads one document. Refused, each with a place: more than 1 MiB, bytes that are no text (NUL, control characters, no UTF-8), nothing
/// at all, a second document, anchors and aliases, tags, duplicate keys, keys that are no words, nesting beyond 32, missing values, and
/// words that readers disagree about (scalar.hpp). `file` only names the text in complaints.
Checked<Document> read_yaml(std::string_view text, const std::string& file);

}  // namespace phasebit::scenarios
