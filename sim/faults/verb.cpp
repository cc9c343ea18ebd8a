#include "sim/faults/verb.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/assert.hpp"

namespace phasebit::sim {
namespace {

constexpr std::uint32_t at(Site site) {
  return 1u << static_cast<unsigned>(site);
}

constexpr std::uint32_t at_command = at(Site::command);
constexpr std::uint32_t at_completion = at(Site::completion);
constexpr std::uint32_t at_fetch = at(Site::fetch);
constexpr std::uint32_t at_dma = at(Site::dma);
constexpr std::uint32_t at_reads = at(Site::register_read);
constexpr std::uint32_t at_writes = at(Site::register_write);
constexpr std::uint32_t at_access = at(Site::access);
constexpr std::uint32_t at_state = at(Site::controller_state);
constexpr std::uint32_t at_time = at(Site::time);
constexpr std::uint32_t anywhere = at_command | at_completion | at_fetch | at_dma | at_reads | at_writes | at_access | at_state | at_time;

constexpr std::array verb_table{
    VerbInfo{Verb::status, "status", Site::command, at_command},
    VerbInfo{Verb::delay, "delay", Site::command, at_command | at_completion | at_fetch},
    VerbInfo{Verb::drop, "drop", Site::completion, at_command | at_completion},
    VerbInfo{Verb::duplicate, "duplicate", Site::completion, at_completion},
    VerbInfo{Verb::reorder, "reorder", Site::completion, at_completion},
    VerbInfo{Verb::wrong_cid, "wrong_cid", Site::completion, at_completion},
    VerbInfo{Verb::wrong_sqid, "wrong_sqid", Site::completion, at_completion},
    VerbInfo{Verb::wrong_sqhd, "wrong_sqhd", Site::completion, at_completion},
    VerbInfo{Verb::stale_phase, "stale_phase", Site::completion, at_completion},
    VerbInfo{Verb::early_phase, "early_phase", Site::completion, at_completion},
    VerbInfo{Verb::torn_cqe, "torn_cqe", Site::completion, at_completion},
    VerbInfo{Verb::corrupt, "corrupt", Site::dma, at_dma | at_command | at_fetch},
    VerbInfo{Verb::misdirect, "misdirect", Site::command, at_command},
    VerbInfo{Verb::lose, "lose", Site::command, at_command | at_dma},
    VerbInfo{Verb::tear, "tear", Site::command, at_command | at_dma},
    VerbInfo{Verb::lying_flush, "lying_flush", Site::command, at_command},
    VerbInfo{Verb::lost_interrupt, "lost_interrupt", Site::completion, at_completion},
    VerbInfo{Verb::all_ones, "all_ones", Site::access, anywhere, true, true},
    VerbInfo{Verb::torn_register_read, "torn_register_read", Site::register_read, at_reads},
    VerbInfo{Verb::lost_doorbell, "lost_doorbell", Site::register_write, at_writes},
    VerbInfo{Verb::late_doorbell, "late_doorbell", Site::register_write, at_writes},
    VerbInfo{Verb::ready_late, "ready_late", Site::controller_state, at_state},
    VerbInfo{Verb::ready_never, "ready_never", Site::controller_state, at_state, true},
    VerbInfo{Verb::ready_stuck, "ready_stuck", Site::controller_state, at_state, true},
    VerbInfo{Verb::fatal, "fatal", Site::time, anywhere, false, true},
    VerbInfo{Verb::shutdown_late, "shutdown_late", Site::controller_state, at_state},
    VerbInfo{Verb::shutdown_stuck, "shutdown_stuck", Site::controller_state, at_state, true},
    VerbInfo{Verb::surprise_removal, "surprise_removal", Site::access, anywhere, false, true},
    VerbInfo{Verb::orderly_removal, "orderly_removal", Site::time, anywhere, false, true},
    VerbInfo{Verb::return_after_removal, "return_after_removal", Site::access, anywhere, true, true},
    VerbInfo{Verb::link_flap, "link_flap", Site::time, anywhere, true, true},
    VerbInfo{Verb::power_cut, "power_cut", Site::time, anywhere, true, true},
    VerbInfo{Verb::namespace_attach, "namespace_attach", Site::time, anywhere, false, true},
    VerbInfo{Verb::namespace_detach, "namespace_detach", Site::time, anywhere, false, true},
    VerbInfo{Verb::namespace_resize, "namespace_resize", Site::time, anywhere, false, true},
    VerbInfo{Verb::async_event_storm, "async_event_storm", Site::time, anywhere, false, true},
    VerbInfo{Verb::thermal_throttle, "thermal_throttle", Site::time, anywhere, true, true},
    VerbInfo{Verb::bus_master_stuck, "bus_master_stuck", Site::time, anywhere, true, true},
};

constexpr std::array<std::pair<Site, std::string_view>, 10> site_names{{
    {Site::by_verb, "by_verb"},
    {Site::register_read, "register_read"},
    {Site::register_write, "register_write"},
    {Site::access, "access"},
    {Site::fetch, "fetch"},
    {Site::dma, "dma"},
    {Site::command, "command"},
    {Site::completion, "completion"},
    {Site::controller_state, "controller_state"},
    {Site::time, "time"},
}};

}  // namespace

std::span<const VerbInfo> verbs() {
  return verb_table;
}

const VerbInfo& info(Verb verb) {
  const auto found = std::find_if(verb_table.begin(), verb_table.end(), [&](const VerbInfo& entry) { return entry.verb == verb; });
  PHASEBIT_ASSERT(found != verb_table.end());
  return *found;
}

std::string_view name(Verb verb) {
  return info(verb).name;
}

std::string_view name(Site site) {
  const auto found = std::find_if(site_names.begin(), site_names.end(), [&](const auto& entry) { return entry.first == site; });
  PHASEBIT_ASSERT(found != site_names.end());
  return found->second;
}

std::optional<Verb> verb_from_name(std::string_view text) {
  const auto found = std::find_if(verb_table.begin(), verb_table.end(), [&](const VerbInfo& entry) { return entry.name == text; });
  return found == verb_table.end() ? std::nullopt : std::optional(found->verb);
}

std::optional<Site> site_from_name(std::string_view text) {
  const auto found = std::find_if(site_names.begin(), site_names.end(), [&](const auto& entry) { return entry.second == text; });
  return found == site_names.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace phasebit::sim
