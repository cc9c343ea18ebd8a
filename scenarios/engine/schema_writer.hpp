// Describes a struct's fields as JSON Schema (draft 7), for editors and for validators that are not ours.
#pragma once

#include <optional>
#include <vector>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/reader.hpp"

namespace phasebit::scenarios {

/// An archive that collects what Reader would accept.
class SchemaWriter {
 public:
  static constexpr bool reads = false;
  template <class T>
  static Json write() {
    SchemaWriter writer;
    T value{};
    fields(writer, value);
    Json schema = {{"type", "object"}, {"additionalProperties", false}};
    if (!writer.required_.empty()) {
      schema["required"] = writer.required_;
    }
    schema["properties"] = writer.properties_;
    return schema;
  }

  template <class T, class Codec>
  void field(const char* key, const T&, const Codec& codec, const char* about = "") {
    add(key, codec.schema(), about);
  }
  template <class T, class Codec>
  void must(const char* key, const T&, const Codec& codec, const char* about = "") {
    required_.push_back(key);
    add(key, codec.schema(), about);
  }
  template <class T>
  void section(const char* key, const T&, const char* about = "") {
    add(key, write<T>(), about);
  }
  template <class T>
  void section(const char* key, const std::optional<T>&, const char* about = "") {
    add(key, write<T>(), about);
  }
  template <class T>
  void list(const char* key, const std::vector<T>&, Counts counts, const char* about = "") {
    add(key, list_of(write<T>(), counts), about);
  }
  template <class T, class Codec>
  void words(const char* key, const std::vector<T>&, const Codec& codec, Counts counts, const char* about = "") {
    add(key, list_of(codec.schema(), counts), about);
  }
  template <class T>
  void one_or_many(const char* one, const char* many, const std::vector<T>&, Counts counts, const char* about = "") {
    add(one, write<T>(), about);
    add(many, list_of(write<T>(), counts), about);
  }

 private:
  static Json list_of(Json entry, Counts counts) {
    return {{"type", "array"}, {"minItems", counts.least}, {"maxItems", counts.most}, {"items", std::move(entry)}};
  }
  void add(const char* key, const Json& schema, const char* about) {
    Json described = Json::object();
    if (*about != '\0') {
      described["description"] = about;
    }
    described.update(schema);
    properties_[key] = std::move(described);
  }

  Json properties_ = Json::object();
  Json required_ = Json::array();
};

}  // namespace phasebit::scenarios
