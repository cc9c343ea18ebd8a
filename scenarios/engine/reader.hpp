// Reads one mapping of a document into a struct, field by field, and complains about what is wrong or left over.
//
// Each struct of a scenario has one function `fields(archive, value)` that names its keys once. Reader, Writer (writer.hpp) and
// SchemaWriter (schema_writer.hpp) are the archives that it is called with, so that a key cannot be read but not written or described.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/yaml_document.hpp"

namespace phasebit::scenarios {

/// How many entries a list may have, both included.
struct Counts {
  std::size_t least = 0;
  std::size_t most = 4096;
};

class Reader {
 public:
  static constexpr bool reads = true;
  /// Reads the mapping at `pointer`; complaints are appended to `complaints`.
  Reader(const Document& document, std::string pointer, Diagnostics& complaints)
      : document_(document), pointer_(std::move(pointer)), complaints_(complaints), node_(at(pointer_)) {
    if (!node_.is_object()) {
      complain(pointer_, "must be a mapping, lines of `key: value`");
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  /// Everything that no field asked for is an unknown key.
  ~Reader() { complain_about_unknown_keys(); }

  /// A leaf that may be absent: then `value` stays as it is.
  template <class T, class Codec>
  void field(const char* key, T& value, const Codec& codec, const char* = "") {
    if (const Json* json = find(key); json != nullptr && !codec.read(*json, value)) {
      complain(step_into(pointer_, key), fmt::format("{} is {}; write {}", key, brief(*json), codec.wanted()));
    }
  }
  template <class T, class Codec>
  void field(const char* key, std::optional<T>& value, const Codec& codec, const char* about = "") {
    if (find(key) != nullptr) {
      field(key, value.emplace(), codec, about);
    }
  }

  /// A leaf that must be there.
  template <class T, class Codec>
  void must(const char* key, T& value, const Codec& codec, const char* about = "") {
    if (find(key) == nullptr) {
      complain_about_missing(key, codec.wanted());
    }
    field(key, value, codec, about);
  }

  /// A mapping inside; absent means "as it is".
  template <class T>
  void section(const char* key, T& value, const char* = "") {
    if (find(key) != nullptr) {
      read_mapping(step_into(pointer_, key), value);
    }
  }
  template <class T>
  void section(const char* key, std::optional<T>& value, const char* about = "") {
    if (find(key) != nullptr) {
      section(key, value.emplace(), about);
    }
  }

  /// A list of mappings.
  template <class T>
  void list(const char* key, std::vector<T>& values, Counts counts, const char* = "") {
    for (const std::string& entry : entries(key, counts, values)) {
      read_mapping(entry, values.emplace_back());
    }
  }

  /// A list of leaves.
  template <class T, class Codec>
  void words(const char* key, std::vector<T>& values, const Codec& codec, Counts counts, const char* = "") {
    for (const std::string& entry : entries(key, counts, values)) {
      if (!codec.read(at(entry), values.emplace_back())) {
        complain(entry, fmt::format("{} in {}; write {}", brief(at(entry)), key, codec.wanted()));
      }
    }
  }

  /// Either one mapping under `one` or a list of them under `many`.
  template <class T>
  void one_or_many(const char* one, const char* many, std::vector<T>& values, Counts counts, const char* about = "") {
    const bool has_one = find(one) != nullptr;
    if (has_one && find(many) != nullptr) {
      complain_at_key(many, fmt::format("both {} and {} are given; write one of them", one, many));
    }
    list(many, values, counts, about);
    if (has_one) {
      values.clear();
      section(one, values.emplace_back(), about);
    }
  }

 private:
  const Json& at(const std::string& pointer) const { return document_.tree.at(Json::json_pointer(pointer)); }

  template <class T>
  void read_mapping(const std::string& pointer, T& value) {
    Reader inner(document_, pointer, complaints_);
    fields(inner, value);
  }

  /// The pointers of the entries of a list; a list that is given replaces what stood in `values`.
  template <class T>
  std::vector<std::string> entries(const char* key, Counts counts, std::vector<T>& values) {
    const Json* json = find(key);
    if (json != nullptr) {
      values.clear();
    }
    return json == nullptr ? std::vector<std::string>{} : entry_pointers(key, *json, counts);
  }

  const Json* find(const char* key);
  std::vector<std::string> entry_pointers(const char* key, const Json& json, Counts counts);
  void complain(const std::string& pointer, std::string text);
  void complain_at_key(const char* key, std::string text);
  void complain_about_missing(const char* key, const std::string& wanted);
  void complain_about_unknown_keys();
  /// The value as it would be shown to a person: short, quoted if it is text.
  static std::string brief(const Json& json);

  const Document& document_;
  std::string pointer_;
  Diagnostics& complaints_;
  const Json& node_;
  std::vector<std::string> known_;
};

}  // namespace phasebit::scenarios
