#include "scenarios/engine/timeline.hpp"

#include <fmt/format.h>

#include "scenarios/engine/row_name.hpp"
#include "sim/faults/verb.hpp"
#include "src/driver/types.hpp"
#include "src/driver/wait.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::size_t kept_each_side = 200;

std::string verb_name(std::uint16_t verb) {
  for (const sim::VerbInfo& each : sim::verbs()) {
    if (static_cast<std::uint16_t>(each.verb) == verb) {
      return std::string(each.name);
    }
  }
  return "?";
}

}  // namespace

void Timeline::on_event(std::uint64_t, const Event& event) {
  const std::string drive = fmt::format("drive {} ", event.drive);
  switch (event.kind) {
    case EventKind::phase_entered: {
      constexpr const char* phases[] = {"faulty", "heal", "drain", "end"};
      end("phase", event.instant(), false);
      return begin("phase", event.instant(), phases[event.a & 3], false);
    }
    case EventKind::driver_state:
      return driver_state(event);
    case EventKind::fault_fired:
      return moment("fault " + verb_name(event.queue), event.instant(), fmt::format("fault {} strikes", event.a.get()), true);
    case EventKind::fault_lifted:
      return moment("faults lifted", event.instant(), fmt::format("fault {} is over", event.a.get()), false);
    case EventKind::power_cut:
    case EventKind::function_gone:
      return begin(drive + "away", event.instant(), std::string(name(event.kind)), true);
    case EventKind::power_on:
    case EventKind::function_back:
      return end(drive + "away", event.instant(), true);
    case EventKind::operation_ended:
      if (event.queue != static_cast<std::uint16_t>(driver::Outcome::ok)) {
        const auto outcome = static_cast<driver::Outcome>(event.queue.get());
        moment(drive + "operations", event.instant(), fmt::format("operation {} {}", event.b.get(), name(outcome)), true);
      }
      return;
    default:
      return;
  }
}

void Timeline::driver_state(const Event& event) {
  const std::string lane = fmt::format("drive {} {}", event.drive, machine_name(event));
  const auto result = static_cast<driver::WaitResult>(event.b.get());
  if (result == driver::WaitResult::entered) {
    end(lane, event.instant(), false);
    begin(lane, event.instant(), row_name(event), false);
  } else {
    end(lane, event.instant(), result != driver::WaitResult::passed);
  }
}

void Timeline::begin(const std::string& lane, Instant at, std::string label, bool bad) {
  open_.emplace(lane, TimelineEntry{lane, at.ns, at.ns, std::move(label), bad});
}

void Timeline::end(const std::string& lane, Instant at, bool bad) {
  const auto open = open_.find(lane);
  if (open == open_.end()) {
    return;
  }
  open->second.to_ns = at.ns;
  open->second.bad = open->second.bad || bad;
  add(std::move(open->second));
  open_.erase(open);
}

void Timeline::moment(const std::string& lane, Instant at, std::string label, bool bad) {
  add({lane, at.ns, at.ns, std::move(label), bad});
}

void Timeline::add(TimelineEntry entry) {
  if (first_.size() < kept_each_side) {
    first_.push_back(std::move(entry));
    return;
  }
  if (last_.size() == kept_each_side) {
    last_.erase(last_.begin());
  }
  last_.push_back(std::move(entry));
}

std::vector<TimelineEntry> Timeline::entries(Instant end) const {
  std::vector<TimelineEntry> all = first_;
  all.insert(all.end(), last_.begin(), last_.end());
  for (auto [lane, entry] : open_) {
    entry.to_ns = end.ns;
    all.push_back(entry);
  }
  return all;
}

}  // namespace phasebit::scenarios
