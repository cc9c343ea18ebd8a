// Writes a struct as the mapping that Reader reads: every field, also those that stand at their default.
#pragma once

#include <optional>
#include <vector>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/reader.hpp"

namespace phasebit::scenarios {

/// An archive that makes a JSON object of a struct's fields. Empty lists and absent options are left out.
class Writer {
 public:
  static constexpr bool reads = false;
  /// The mapping of everything that `value` has.
  template <class T>
  static Json write(const T& value) {
    Writer writer;
    T copy = value;
    fields(writer, copy);
    return std::move(writer.tree_);
  }

  template <class T, class Codec>
  void field(const char* key, const T& value, const Codec& codec, const char* = "") {
    tree_[key] = codec.write(value);
  }
  template <class T, class Codec>
  void field(const char* key, const std::optional<T>& value, const Codec& codec, const char* = "") {
    if (value) {
      tree_[key] = codec.write(*value);
    }
  }
  template <class T, class Codec>
  void must(const char* key, const T& value, const Codec& codec, const char* = "") {
    field(key, value, codec);
  }
  template <class T>
  void section(const char* key, const T& value, const char* = "") {
    if (Json mapping = write(value); !mapping.empty()) {
      tree_[key] = std::move(mapping);
    }
  }
  template <class T>
  void section(const char* key, const std::optional<T>& value, const char* = "") {
    if (value) {
      tree_[key] = write(*value);
    }
  }
  template <class T>
  void list(const char* key, const std::vector<T>& values, Counts, const char* = "") {
    for (const T& value : values) {
      tree_[key].push_back(write(value));
    }
  }
  template <class T, class Codec>
  void words(const char* key, const std::vector<T>& values, const Codec& codec, Counts, const char* = "") {
    for (const T& value : values) {
      tree_[key].push_back(codec.write(value));
    }
  }
  template <class T>
  void one_or_many(const char* one, const char* many, const std::vector<T>& values, Counts counts, const char* = "") {
    if (values.size() == 1) {
      section(one, values.front());
    } else {
      list(many, values, counts);
    }
  }

 private:
  Json tree_ = Json::object();
};

/// `tree` as YAML that read_yaml reads back to the same tree. Words that another reader could take for something else are quoted.
std::string yaml_text(const Json& tree);

}  // namespace phasebit::scenarios
