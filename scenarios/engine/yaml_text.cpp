#include <fmt/format.h>

#include <algorithm>

#include "scenarios/engine/writer.hpp"

namespace phasebit::scenarios {
namespace {

/// True for text that stands for itself without quotes, to our reader and to any other.
bool is_plain(const std::string& text) {
  const bool harmless = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
  const bool looks_like_a_number = text.find_first_not_of("0123456789.") == std::string::npos;
  if (!harmless || looks_like_a_number) {
    return false;
  }
  const tl::expected<Json, std::string> scalar = plain_scalar(text);
  return scalar && scalar->is_string() && text.back() != '.';
}

/// A JSON string is a double-quoted YAML word too.
std::string leaf(const Json& json) {
  return json.is_string() && is_plain(json.get_ref<const std::string&>()) ? json.get<std::string>() : json.dump();
}

bool is_short_list(const Json& json) {
  return json.is_array() && std::none_of(json.begin(), json.end(), [](const Json& entry) { return entry.is_structured(); });
}

std::string flow_list(const Json& json) {
  std::string text = "[";
  for (const Json& entry : json) {
    text += (text.size() > 1 ? ", " : "") + leaf(entry);
  }
  return text + "]";
}

void append(std::string& text, const Json& json, std::size_t indent);

/// What follows `key:` or `-`: a leaf on the same line, or a block on the next ones.
void append_value(std::string& text, const Json& json, std::size_t indent) {
  if (json.is_object() && json.empty()) {
    text += " {}\n";
  } else if (is_short_list(json)) {
    text += fmt::format(" {}\n", flow_list(json));
  } else if (json.is_structured()) {
    text += "\n";
    append(text, json, indent + 2);
  } else {
    text += fmt::format(" {}\n", leaf(json));
  }
}

void append(std::string& text, const Json& json, std::size_t indent) {
  const std::string margin(indent, ' ');
  if (json.is_array()) {
    for (const Json& entry : json) {
      text += margin + "-";
      append_value(text, entry, indent);
    }
    return;
  }
  for (const auto& [key, value] : json.items()) {
    text += margin + (is_plain(key) ? key : Json(key).dump()) + ":";
    append_value(text, value, indent);
  }
}

}  // namespace

std::string yaml_text(const Json& tree) {
  std::string text;
  append(text, tree, 0);
  return text;
}

}  // namespace phasebit::scenarios
