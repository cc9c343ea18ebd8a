// The remaining words of a scenario: judges, rules, driver states, ranges of sizes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/scenario.hpp"

namespace phasebit::scenarios {

inline constexpr Named<Need> need_names[] = {
    {"interposer", Need::interposer}, {"device", Need::device}, {"virtual_time", Need::virtual_time}};

inline constexpr Named<Pattern> pattern_names[] = {
    {"read", Pattern::read},         {"write", Pattern::write},         {"rw", Pattern::rw},
    {"randread", Pattern::randread}, {"randwrite", Pattern::randwrite}, {"randrw", Pattern::randrw}};

inline constexpr Named<SqliteJournal> sqlite_journal_names[] = {{"delete", SqliteJournal::delete_journal}, {"wal", SqliteJournal::wal}};

inline constexpr Named<driver::State> state_names[] = {{"attaching", driver::State::attaching},
                                                       {"ready", driver::State::ready},
                                                       {"recovering", driver::State::recovering},
                                                       {"shutting_down", driver::State::shutting_down},
                                                       {"detached", driver::State::detached},
                                                       {"failed", driver::State::failed},
                                                       {"gone", driver::State::gone}};

inline constexpr Named<Work> work_names[] = {{"all", Work::all}, {"some", Work::some}, {"none", Work::none}};

inline constexpr Named<spec::QueuePriority> priority_names[] = {{"urgent", spec::QueuePriority::urgent},
                                                                {"high", spec::QueuePriority::high},
                                                                {"medium", spec::QueuePriority::medium},
                                                                {"low", spec::QueuePriority::low}};

inline constexpr Named<spec::Ams> arbitration_names[] = {{"round_robin", spec::Ams::round_robin},
                                                         {"weighted_round_robin", spec::Ams::weighted_round_robin}};

inline constexpr Named<driver::ControllerMemoryUse> controller_memory_names[] = {
    {"none", driver::ControllerMemoryUse::none}, {"submission_queues", driver::ControllerMemoryUse::submission_queues}};

/// Oracles and other judges that a scenario may expect to object; rules go by their id.
std::span<const std::string_view> judge_names();

/// What a run counts, as results and `expect.counts` name it.
std::span<const std::string_view> count_names();

/// A judge's name or a rule's id.
struct Judge {
  bool rules_only = false;

  bool read(const Json& json, std::string& value) const;
  Json write(const std::string& value) const { return Json(value); }
  std::string wanted() const;
  Json schema() const { return {{"type", "string"}}; }
};

/// `FIRST..LAST` in bytes with or without units, as `4k..64k`.
struct SizeRange {
  bool read(const Json& json, NumberRange& value) const;
  Json write(const NumberRange& value) const;
  std::string wanted() const { return "a range of bytes such as 4k..64k"; }
  Json schema() const;
};

/// `SHORTEST..LONGEST`, each with its unit, as `200ms..1s`.
struct Times {
  bool read(const Json& json, TimeRange& value) const;
  Json write(const TimeRange& value) const;
  std::string wanted() const { return "two times such as 200ms..1s, both included"; }
  Json schema() const;
};

}  // namespace phasebit::scenarios
