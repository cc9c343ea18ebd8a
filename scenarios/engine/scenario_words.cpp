#include "scenarios/engine/scenario_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/monitor/rule.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::array<std::string_view, 8> judge_words{"data_integrity", "exactly_once", "liveness",    "memory",
                                                      "durability",     "conformance",  "allocations", "expect"};

constexpr std::string_view count_words[] = {
    // What the drivers count, all attachments together.
    "operations_accepted", "operations_ended", "commands_pushed", "commands_completed", "commands_stopped", "retries", "timeouts",
    "aborts_asked", "sqlite_transactions", "power_cuts", "databases_opened", "databases_lost", "doorbells", "completions_bogus",
    "queue_heads_bogus", "resets", "async_events", "queues_in_controller_memory",
    // How operations ended.
    "ok", "failed", "aborted", "timed_out", "reset", "gone", "rejected",
    // What comparisons found.
    "compared_equal", "compared_unequal",
    // What drivers told of their own accord, and how often one was attached.
    "event_namespace_changed", "event_smart_warning", "event_device_error", "event_notice", "event_bogus_completion", "event_reset_started",
    "event_reset_finished", "event_failed", "event_removed", "event_removal_asked", "event_events_lost", "event_async_events_off",
    "attached", "attach_refused"};

}  // namespace

std::span<const std::string_view> judge_names() {
  return judge_words;
}

std::span<const std::string_view> count_names() {
  return count_words;
}

bool Judge::read(const Json& json, std::string& value) const {
  if (!json.is_string()) {
    return false;
  }
  const std::string& word = json.get_ref<const std::string&>();
  const bool is_judge = !rules_only && std::find(judge_words.begin(), judge_words.end(), word) != judge_words.end();
  value = word;
  return is_judge || sim::find_rule(word) != nullptr;
}

std::string Judge::wanted() const {
  return rules_only ? "the id of a rule (`phasebit rules` lists them)"
                    : fmt::format("one of {}, or the id of a rule (`phasebit rules` lists them)", fmt::join(judge_words, ", "));
}

bool SizeRange::read(const Json& json, NumberRange& value) const {
  const std::string text = json.is_string() ? json.get<std::string>() : json.dump();
  const std::size_t dots = text.find("..");
  const std::optional<std::uint64_t> first = parse_size(text.substr(0, dots));
  const std::optional<std::uint64_t> last = dots == std::string::npos ? first : parse_size(text.substr(dots + 2));
  if (!first || !last || *first > *last || *first == 0) {
    return false;
  }
  value = {*first, *last};
  return true;
}

Json SizeRange::write(const NumberRange& value) const {
  return Json(fmt::format("{}..{}", size_text(value.first), size_text(value.last)));
}

Json SizeRange::schema() const {
  const char* const size = "[0-9]+([kmgtKMGT]([iI]([bB])?)?)?";
  return {{"type", "string"}, {"pattern", fmt::format("^{0}\\.\\.{0}$", size)}};
}

bool Times::read(const Json& json, TimeRange& value) const {
  const std::string text = json.is_string() ? json.get<std::string>() : std::string();
  const std::size_t dots = text.find("..");
  return dots != std::string::npos && Time{}.read(Json(text.substr(0, dots)), value.shortest) &&
         Time{}.read(Json(text.substr(dots + 2)), value.longest) && value.shortest <= value.longest;
}

Json Times::write(const TimeRange& value) const {
  return Json(fmt::format("{}..{}", duration_text(value.shortest), duration_text(value.longest)));
}

Json Times::schema() const {
  const char* const time = "(0|[0-9]+(ns|us|ms|s|min))";
  return {{"type", "string"}, {"pattern", fmt::format("^{0}\\.\\.{0}$", time)}};
}

}  // namespace phasebit::scenarios
