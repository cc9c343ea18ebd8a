#include "scenarios/engine/codec.hpp"

#include <algorithm>
#include <optional>

namespace phasebit::scenarios {
namespace {

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/// A number with a unit is text in JSON, one without is a number.
Json number_or_text(const std::string& text) {
  const std::optional<std::uint64_t> number = parse_number(text);
  return number ? Json(*number) : Json(text);
}

/// The text of a word or of a plain number.
std::optional<std::string> text_of(const Json& json) {
  if (json.is_string()) {
    return json.get<std::string>();
  }
  return json.is_number_unsigned() ? std::optional(std::to_string(json.get<std::uint64_t>())) : std::nullopt;
}

Json number_or_pattern(Json number, const char* pattern) {
  return {{"anyOf", Json::array({std::move(number), {{"type", "string"}, {"pattern", pattern}}})}};
}

}  // namespace

Json number_schema(std::uint64_t lowest, std::uint64_t highest) {
  Json schema = {{"type", "integer"}, {"minimum", lowest}};
  if (highest <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    schema["maximum"] = highest;
  }
  return schema;
}

bool Text::read(const Json& json, std::string& value) const {
  if (!json.is_string()) {
    return false;
  }
  const std::string& text = json.get_ref<const std::string&>();
  if (text.size() < bytes_min || text.size() > bytes_max || (word && !std::all_of(text.begin(), text.end(), is_word_character))) {
    return false;
  }
  value = text;
  return true;
}

std::string Text::wanted() const {
  return fmt::format("{} of {} to {} bytes", word ? "a word of lower case letters, digits and dashes" : "text", bytes_min, bytes_max);
}

Json Text::schema() const {
  Json schema = {{"type", "string"}, {"minLength", bytes_min}, {"maxLength", bytes_max}};
  if (word) {
    schema["pattern"] = "^[a-z0-9-]*$";
  }
  return schema;
}

bool Size::read_bytes(const Json& json, std::uint64_t& bytes) const {
  const std::optional<std::string> text = text_of(json);
  const std::optional<std::uint64_t> parsed = text ? parse_size(*text) : std::nullopt;
  if (!parsed || *parsed < lowest || *parsed > highest) {
    return false;
  }
  bytes = *parsed;
  return true;
}

Json Size::write_bytes(std::uint64_t bytes) {
  return number_or_text(size_text(bytes));
}

std::string Size::wanted() const {
  return fmt::format("bytes as 4096 or 4k, from {} to {}", size_text(lowest), size_text(highest));
}

Json Size::schema() const {
  return number_or_pattern(number_schema(lowest, highest), "^[0-9]+([kmgtKMGT]([iI]([bB])?)?)?$");
}

bool Time::read(const Json& json, Duration& value) const {
  const std::optional<std::string> text = text_of(json);
  const std::optional<Duration> parsed = text ? parse_duration(*text) : std::nullopt;
  if (!parsed || *parsed < shortest || *parsed > longest) {
    return false;
  }
  value = *parsed;
  return true;
}

Json Time::write(Duration value) const {
  return number_or_text(duration_text(value));
}

std::string Time::wanted() const {
  const std::string upper = longest.ns == ~0ull ? "" : fmt::format(", at most {}", duration_text(longest));
  const std::string lower = shortest.ns == 0 ? "" : fmt::format(", at least {}", duration_text(shortest));
  return "a time with its unit as 500us, 10ms or 2s" + lower + upper;
}

Json Time::schema() const {
  return number_or_pattern(number_schema(0, 0), "^[0-9]+(ns|us|ms|s|min)$");
}

bool Range::read(const Json& json, NumberRange& value) const {
  const std::optional<std::string> text = text_of(json);
  const std::optional<NumberRange> parsed = text ? parse_range(*text) : std::nullopt;
  value = parsed.value_or(value);
  return parsed.has_value();
}

Json Range::write(const NumberRange& value) const {
  return number_or_text(range_text(value));
}

Json Range::schema() const {
  return number_or_pattern(number_schema(0, ~0ull), "^(0x[0-9a-fA-F]+|[0-9]+)\\.\\.(0x[0-9a-fA-F]+|[0-9]+)$");
}

bool Seed::read(const Json& json, std::uint64_t& value) const {
  const std::optional<std::string> text = text_of(json);
  const std::optional<std::uint64_t> parsed = text ? parse_seed(*text) : std::nullopt;
  value = parsed.value_or(value);
  return parsed.has_value();
}

Json Seed::schema() const {
  return number_or_pattern(number_schema(0, ~0ull), "^([0-9]+|0x[0-9a-fA-F]+|[0-9a-fA-F]{40})$");
}

bool Hash::read(const Json& json, std::uint64_t& value) const {
  const std::optional<std::string> text = text_of(json);
  const std::optional<std::uint64_t> parsed = text ? parse_number(*text) : std::nullopt;
  value = parsed.value_or(value);
  return parsed.has_value();
}

Json Hash::write(std::uint64_t value) const {
  return Json(fmt::format("0x{:016x}", value));
}

Json Hash::schema() const {
  return number_or_pattern(number_schema(0, ~0ull), "^([0-9]+|0x[0-9a-fA-F]+)$");
}

}  // namespace phasebit::scenarios
