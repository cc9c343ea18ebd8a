#include "scenarios/engine/yaml_document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <vector>

#include "scenarios/engine/plain_text.hpp"

namespace phasebit::scenarios {
namespace {

constexpr char aliases_are_not_read[] = "aliases (*name) are not read; write the value out";
constexpr char is_empty[] = "is empty; a scenario has at least a name, an about and a workload";

/// Thrown out of the parser's callbacks and caught in read_yaml; never leaves this file.
struct Refusal {
  Place place;
  std::string text;
};

Place place_of(const YAML::Mark& mark) {
  return {static_cast<unsigned>(mark.line + 1), static_cast<unsigned>(mark.column + 1)};
}

/// Builds the tree from the parser's events. A frame is a collection that is still open.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Document& document) : document_(document) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      throw Refusal{place_of(mark), "a second document starts here; a file holds one scenario"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (frames_.empty()) {
      throw Refusal{{}, is_empty};
    }
    throw Refusal{frames_.back().has_key ? document_.keys[pointer_of_next()] : place_of(mark),
                  "a value is missing here; write one, or leave the key out"};
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { throw Refusal{place_of(mark), aliases_are_not_read}; }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (value.size() > scalar_bytes_max) {
      throw Refusal{place_of(mark), fmt::format("text of more than {} bytes", scalar_bytes_max)};
    }
    if (expects_key()) {
      begin_key(mark, value);
    } else {
      add(place_of(mark), scalar_value(mark, tag, value));
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Json::array());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Json::object());
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Json value;
    std::string pointer;
    Place place;
    std::string key;
    bool has_key = false;
  };

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      throw Refusal{place_of(mark), "anchors (&name) are not read; write the value out where it is needed"};
    }
  }

  /// The parser says "?" of plain and "!" of quoted words; anything else was written in the text.
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag != "?" && tag != "!" && !tag.empty()) {
      throw Refusal{place_of(mark), fmt::format("tags ({}) are not read; quote a word to make it text", tag)};
    }
  }

  static Json scalar_value(const YAML::Mark& mark, const std::string& tag, const std::string& value) {
    if (tag == "!") {
      return Json(value);
    }
    tl::expected<Json, std::string> scalar = plain_scalar(value);
    if (!scalar) {
      throw Refusal{place_of(mark), scalar.error()};
    }
    return *scalar;
  }

  bool expects_key() const { return !frames_.empty() && frames_.back().value.is_object() && !frames_.back().has_key; }

  void begin_key(const YAML::Mark& mark, const std::string& key) {
    Frame& frame = frames_.back();
    const std::string pointer = step_into(frame.pointer, key);
    const auto [first, is_new] = document_.keys.emplace(pointer, place_of(mark));
    if (!is_new) {
      throw Refusal{place_of(mark), fmt::format("key \"{}\" is written twice; the first is on line {}", key, first->second.line)};
    }
    if (frame.value.size() >= keys_max) {
      throw Refusal{place_of(mark), fmt::format("more than {} keys in one mapping", keys_max)};
    }
    frame.key = key;
    frame.has_key = true;
  }

  std::string pointer_of_next() const {
    if (frames_.empty()) {
      return {};
    }
    const Frame& frame = frames_.back();
    return frame.value.is_object() ? step_into(frame.pointer, frame.key) : step_into(frame.pointer, frame.value.size());
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Json empty) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (expects_key()) {
      throw Refusal{place_of(mark), "a key must be a word"};
    }
    if (frames_.size() >= nesting_max) {
      throw Refusal{place_of(mark), fmt::format("nested too deeply; at most {} levels are read", nesting_max)};
    }
    frames_.push_back({std::move(empty), pointer_of_next(), place_of(mark), {}, false});
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    add(frame.place, std::move(frame.value));
  }

  void add(Place place, Json value) {
    document_.values[pointer_of_next()] = place;
    if (frames_.empty()) {
      document_.tree = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.value.is_object()) {
      frame.value[frame.key] = std::move(value);
      frame.has_key = false;
    } else {
      frame.value.push_back(std::move(value));
    }
  }

  Document& document_;
  std::vector<Frame> frames_;
  int documents_ = 0;
};

Checked<void> check_before_parsing(std::string_view text, const std::string& file) {
  if (text.size() > document_bytes_max) {
    return refuse(file, {}, fmt::format("is larger than {} bytes", document_bytes_max));
  }
  return check_text(text, file).and_then([&] { return check_nesting(text, file, nesting_max); });
}

}  // namespace

Place Document::place(std::string pointer) const {
  for (;;) {
    if (const auto found = values.find(pointer); found != values.end()) {
      return found->second;
    }
    if (pointer.empty()) {
      return {};
    }
    pointer.resize(pointer.rfind('/'));
  }
}

Place Document::key_place(const std::string& pointer) const {
  const auto found = keys.find(pointer);
  return found == keys.end() ? place(pointer) : found->second;
}

std::string step_into(const std::string& pointer, std::string_view key) {
  std::string deeper = pointer + '/';
  for (const char c : key) {
    deeper += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return deeper;
}

std::string step_into(const std::string& pointer, std::size_t index) {
  return pointer + '/' + std::to_string(index);
}

Checked<Document> read_yaml(std::string_view text, const std::string& file) {
  if (text.starts_with("\xef\xbb\xbf")) {
    text.remove_prefix(3);
  }
  if (Checked<void> checked = check_before_parsing(text, file); !checked) {
    return tl::unexpected(checked.error());
  }
  Document document;
  document.file = file;
  try {
    // The parser takes the end of the text for the end of an open quote, but not an end-of-document line.
    std::istringstream stream{std::string(text) + (text.ends_with('\n') ? "...\n" : "\n...\n")};
    YAML::Parser parser(stream);
    TreeBuilder builder(document);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refusal& refusal) {
    return refuse(file, refusal.place, refusal.text);
  } catch (const YAML::Exception& error) {
    // An alias without its anchor is refused by the parser, before anybody asks us.
    const bool is_alias = error.msg.starts_with("the referenced anchor is not defined");
    return refuse(file, place_of(error.mark), is_alias ? aliases_are_not_read : fmt::format("is no YAML: {}", error.msg));
  }
  if (document.tree.is_null()) {
    return refuse(file, {}, is_empty);
  }
  return document;
}

}  // namespace phasebit::scenarios
