#include "scenarios/engine/reader.hpp"

#include <algorithm>

namespace phasebit::scenarios {

const Json* Reader::find(const char* key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.emplace_back(key);
  }
  if (!node_.is_object()) {
    return nullptr;
  }
  const auto found = node_.find(key);
  return found == node_.end() ? nullptr : &*found;
}

std::vector<std::string> Reader::entry_pointers(const char* key, const Json& json, Counts counts) {
  const std::string pointer = step_into(pointer_, key);
  if (!json.is_array()) {
    complain(pointer, fmt::format("{} is {}; write a list, one entry per `- `", key, brief(json)));
    return {};
  }
  if (json.size() < counts.least || json.size() > counts.most) {
    complain(pointer, fmt::format("{} has {} entries; write {} to {}", key, json.size(), counts.least, counts.most));
    return {};
  }
  std::vector<std::string> pointers;
  for (std::size_t i = 0; i < json.size(); ++i) {
    pointers.push_back(step_into(pointer, i));
  }
  return pointers;
}

void Reader::complain(const std::string& pointer, std::string text) {
  complaints_.push_back({document_.file, document_.place(pointer), std::move(text)});
}

void Reader::complain_at_key(const char* key, std::string text) {
  complaints_.push_back({document_.file, document_.key_place(step_into(pointer_, key)), std::move(text)});
}

void Reader::complain_about_missing(const char* key, const std::string& wanted) {
  if (node_.is_object()) {
    complain(pointer_, fmt::format("{} is missing; write {}", key, wanted));
  }
}

void Reader::complain_about_unknown_keys() {
  if (!node_.is_object()) {
    return;
  }
  for (const auto& [key, value] : node_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) {
      continue;
    }
    const std::string meant = nearest_spelling(key, known_);
    const std::string offer =
        meant.empty() ? fmt::format("known here: {}", fmt::join(known_, ", ")) : fmt::format("did you mean \"{}\"?", meant);
    complain_at_key(key.c_str(), fmt::format("unknown key \"{}\"; {}", key, offer));
  }
}

std::string Reader::brief(const Json& json) {
  if (json.is_object()) {
    return "a mapping";
  }
  if (json.is_array()) {
    return "a list";
  }
  constexpr std::size_t bytes_max = 40;
  const std::string text = json.dump();
  return text.size() > bytes_max ? text.substr(0, bytes_max) + "..." : text;
}

}  // namespace phasebit::scenarios
