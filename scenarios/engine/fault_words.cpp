#include "scenarios/engine/fault_words.hpp"

#include <fmt/format.h>

#include <vector>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/fault_fields.hpp"
#include "scenarios/engine/row_name.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::scenarios {
namespace {

std::string string_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : std::string();
}

Json enumeration(const std::vector<std::string>& words) {
  return {{"enum", words}};
}

std::string one_of(const std::vector<std::string>& words) {
  return fmt::format("one of {}", fmt::join(words, ", "));
}

std::vector<std::string> verb_words() {
  std::vector<std::string> words;
  for (const sim::VerbInfo& verb : sim::verbs()) {
    words.emplace_back(verb.name);
  }
  return words;
}

std::vector<std::string> site_words() {
  std::vector<std::string> words;
  for (unsigned site = 0; site <= static_cast<unsigned>(sim::Site::time); ++site) {
    words.emplace_back(name(static_cast<sim::Site>(site)));
  }
  return words;
}

/// A status flag behind a name: `+dnr`.
bool add_flag(const std::string& flag, spec::Status& status) {
  if (flag == "dnr") {
    status.set(spec::Status::dnr, true);
  } else if (flag == "more") {
    status.set(spec::Status::m, true);
  } else if (flag == "crd1" || flag == "crd2" || flag == "crd3") {
    status.set(spec::Status::crd, static_cast<std::uint32_t>(flag[3] - '0'));
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool VerbWord::read(const Json& json, sim::Verb& verb) const {
  const std::optional<sim::Verb> found = sim::verb_from_name(string_of(json));
  verb = found.value_or(verb);
  return found.has_value();
}
Json VerbWord::write(sim::Verb verb) const {
  return Json(std::string(name(verb)));
}
std::string VerbWord::wanted() const {
  return one_of(verb_words());
}
Json VerbWord::schema() const {
  return enumeration(verb_words());
}

bool SiteWord::read(const Json& json, sim::Site& site) const {
  const std::optional<sim::Site> found = sim::site_from_name(string_of(json));
  site = found.value_or(site);
  return found.has_value();
}
Json SiteWord::write(sim::Site site) const {
  return Json(std::string(name(site)));
}
std::string SiteWord::wanted() const {
  return one_of(site_words());
}
Json SiteWord::schema() const {
  return enumeration(site_words());
}

bool Opcode::read(const Json& json, OpcodeWord& word) const {
  const std::string text = string_of(json);
  if (const std::optional<spec::NvmOpcode> io = spec::nvm_opcode_from_name(text)) {
    word = {false, static_cast<std::uint8_t>(*io)};
    return true;
  }
  if (const std::optional<spec::AdminOpcode> admin = spec::admin_opcode_from_name(text)) {
    word = {true, static_cast<std::uint8_t>(*admin)};
    return true;
  }
  const std::size_t blank = text.find(' ');
  const std::string queue = text.substr(0, blank);
  const std::uint64_t number = blank == std::string::npos ? ~0ull : parse_number(text.substr(blank + 1)).value_or(~0ull);
  if ((queue != "io" && queue != "admin") || number > 0xff) {
    return false;
  }
  word = {queue == "admin", static_cast<std::uint8_t>(number)};
  return true;
}
Json Opcode::write(const OpcodeWord& word) const {
  const std::string_view known = word.admin ? spec::opcode_name(static_cast<spec::AdminOpcode>(word.opcode))
                                            : spec::opcode_name(static_cast<spec::NvmOpcode>(word.opcode));
  return known.empty() ? Json(fmt::format("{} 0x{:02x}", word.admin ? "admin" : "io", word.opcode)) : Json(std::string(known));
}

bool StatusWord::read(const Json& json, spec::Status& status) const {
  if (json.is_number_unsigned() && json.get<std::uint64_t>() <= 0x7fff) {
    status = spec::Status{static_cast<std::uint16_t>(json.get<std::uint64_t>())};
    return true;
  }
  std::string text = string_of(json);
  std::size_t plus = text.find('+');
  const std::optional<spec::Status> named = spec::status_from_name(text.substr(0, plus));
  if (!named) {
    return false;
  }
  status = *named;
  while (plus != std::string::npos) {
    const std::size_t next = text.find('+', plus + 1);
    if (!add_flag(text.substr(plus + 1, next == std::string::npos ? next : next - plus - 1), status)) {
      return false;
    }
    plus = next;
  }
  return true;
}
Json StatusWord::write(spec::Status status) const {
  std::string text(spec::status_identifier(status));
  if (text.empty()) {
    return Json(status.raw);
  }
  text += status.get(spec::Status::dnr) ? "+dnr" : "";
  text += status.get(spec::Status::m) ? "+more" : "";
  text += status.get(spec::Status::crd) != 0 ? fmt::format("+crd{}", status.get(spec::Status::crd)) : "";
  return Json(text);
}
Json StatusWord::schema() const {
  return {{"anyOf",
           Json::array({{{"type", "integer"}, {"minimum", 0}, {"maximum", 0x7fff}}, {{"type", "string"}, {"pattern", "^[a-z0-9_+]+$"}}})}};
}

bool Row::read(const Json& json, sim::StateMatch& state) const {
  const std::string text = string_of(json);
  const std::size_t hash = text.find('#');
  const std::uint64_t visit = hash == std::string::npos ? 1 : parse_number(text.substr(hash + 1)).value_or(~0ull);
  if (visit == 0 || visit > 0xffff) {
    return false;
  }
  for (const RowName& row : row_names()) {
    if (row.name == text.substr(0, hash)) {
      state = {row.machine, row.row, {}};
      if (hash != std::string::npos) {
        state.visit = static_cast<std::uint16_t>(visit);
      }
      return true;
    }
  }
  return false;
}
Json Row::write(const sim::StateMatch& state) const {
  for (const RowName& row : row_names()) {
    if (row.machine == state.machine && row.row == state.row) {
      return Json(state.visit ? fmt::format("{}#{}", row.name, *state.visit) : row.name);
    }
  }
  return Json();
}
std::string Row::wanted() const {
  std::vector<std::string> words;
  for (const RowName& row : row_names()) {
    words.push_back(row.name);
  }
  return one_of(words) + ", with # and a visit from 1 behind it if one is meant";
}

bool Clock::read(const Json& json, Instant& value) const {
  Duration since_start;
  if (json == "never") {
    value = never;
    return true;
  }
  if (!Time{}.read(json, since_start)) {
    return false;
  }
  value = Instant{since_start.ns};
  return true;
}
Json Clock::write(Instant value) const {
  return value == never ? Json("never") : Time{}.write(Duration{value.ns});
}
Json Clock::schema() const {
  Json schema = Time{}.schema();
  schema["anyOf"].push_back({{"enum", {"never"}}});
  return schema;
}

std::optional<OpcodeWord> opcode_word(const sim::Trigger& when) {
  return when.opcode ? std::optional(OpcodeWord{when.admin.value_or(false), *when.opcode}) : std::nullopt;
}

void set_opcode(sim::Trigger& when, const std::optional<OpcodeWord>& word) {
  if (word) {
    when.opcode = word->opcode;
    when.admin = when.admin.value_or(word->admin);
  }
}

std::optional<spec::Status> status_of(const sim::Fault& fault) {
  const bool fits = fault.what == sim::Verb::status && fault.value != 0 && fault.value <= 0x7fff;
  return fits ? std::optional(spec::Status{static_cast<std::uint16_t>(fault.value)}) : std::nullopt;
}

std::vector<DwordMatch> dword_matches(const std::optional<sim::SqeMatch>& sqe) {
  std::vector<DwordMatch> matches;
  for (std::uint32_t dword = 0; sqe && dword < 16; ++dword) {
    DwordMatch match{dword, 0, 0};
    for (std::size_t byte = 0; byte < 4; ++byte) {
      match.value |= static_cast<std::uint32_t>(sqe->value[std::size_t{4} * dword + byte]) << (8 * byte);
      match.mask |= static_cast<std::uint32_t>(sqe->mask[std::size_t{4} * dword + byte]) << (8 * byte);
    }
    if (match.mask != 0) {
      matches.push_back(match);
    }
  }
  return matches;
}

std::optional<sim::SqeMatch> sqe_match(const std::vector<DwordMatch>& matches) {
  sim::SqeMatch sqe;
  for (const DwordMatch& match : matches) {
    for (std::size_t byte = 0; byte < 4 && match.dword < 16; ++byte) {
      sqe.value[std::size_t{4} * match.dword + byte] = static_cast<std::byte>(match.value >> (8 * byte));
      sqe.mask[std::size_t{4} * match.dword + byte] = static_cast<std::byte>(match.mask >> (8 * byte));
    }
  }
  return matches.empty() ? std::nullopt : std::optional(sqe);
}

}  // namespace phasebit::scenarios
