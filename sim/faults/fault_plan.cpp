#include "sim/faults/fault_plan.hpp"

#include <algorithm>
#include <cstring>

#include "src/base/assert.hpp"

namespace phasebit::sim {
namespace {

spec::Sqe sqe_from(std::span<const std::byte, 64> bytes) {
  spec::Sqe sqe;
  std::memcpy(&sqe, bytes.data(), sizeof sqe);
  return sqe;
}

std::uint32_t machine_key(std::uint8_t drive, std::uint16_t machine) {
  return static_cast<std::uint32_t>(drive) << 16 | machine;
}

}  // namespace

const Fault* FiredFaults::find(Verb verb) const {
  const auto found = std::find_if(all().begin(), all().end(), [&](const Fault* fault) { return fault->what == verb; });
  return found == all().end() ? nullptr : *found;
}

FaultPlan::FaultPlan(std::span<const Fault> faults, Stream& stream, std::pmr::memory_resource* memory)
    : entries_(memory), timed_(memory), carried_(memory), driver_states_(memory), stream_(stream) {
  for (const Fault& fault : faults) {
    PHASEBIT_ASSERT(validate(fault).empty());
    Entry entry;
    entry.fault = fault;
    entry.site = site_of(fault);
    entry.pending = entry.site == Site::time && !fault.when.state;
    entry.drive = fault.when.drive.value_or(0);
    entries_.push_back(entry);
  }
}

FiredFaults FaultPlan::on_register_read(const RegisterPlace& place) {
  return ask_register(Site::register_read, place);
}

FiredFaults FaultPlan::on_register_write(const RegisterPlace& place) {
  return ask_register(Site::register_write, place);
}

FiredFaults FaultPlan::on_access(const RegisterPlace& place) {
  return ask_register(Site::access, place);
}

FiredFaults FaultPlan::ask_register(Site site, const RegisterPlace& register_place) {
  FaultPlace place{site, register_place.drive, register_place.offset};
  place.counted = register_place.counted;
  place.register_offset = register_place.offset;
  place.register_bytes = register_place.bytes;
  return ask(place);
}

FiredFaults FaultPlan::on_fetch(const CommandPlace& place) {
  CarriedCommand& carried = carried_[key(place.drive, place.queue.value, place.cid.value)];
  carried.fetched = true;
  std::memcpy(carried.sqe.data(), place.sqe.data(), carried.sqe.size());
  return ask_command(Site::fetch, place);
}

FiredFaults FaultPlan::on_command(const CommandPlace& place) {
  return ask_command(Site::command, place);
}

FiredFaults FaultPlan::on_completion(const CommandPlace& place) {
  return ask_command(Site::completion, place);
}

FiredFaults FaultPlan::ask_command(Site site, const CommandPlace& command) {
  FaultPlace place{site, command.drive, static_cast<std::uint64_t>(command.queue.value) << 16 | command.cid.value};
  place.queue = command.queue.value;
  place.carried = carried_by(command.drive, command.queue, command.cid);
  place.sqe = sqe_from(command.sqe);
  return ask(place);
}

FiredFaults FaultPlan::on_dma(const DmaPlace& burst) {
  FaultPlace place{Site::dma, burst.drive, burst.iova.value};
  place.queue = burst.queue.value;
  place.carried = carried_by(burst.drive, burst.queue, burst.cid);
  if (place.carried != nullptr && place.carried->fetched) {
    place.sqe = sqe_from(place.carried->sqe);
  }
  return ask(place);
}

FiredFaults FaultPlan::on_controller_state(std::uint8_t drive, ControllerMoment moment) {
  FaultPlace place{Site::controller_state, drive, static_cast<std::uint64_t>(moment)};
  place.moment = moment;
  return ask(place);
}

const CarriedCommand* FaultPlan::carried_by(std::uint8_t drive, Qid queue, Cid cid) const {
  const auto found = carried_.find(key(drive, queue.value, cid.value));
  return found == carried_.end() ? nullptr : &found->second;
}

FiredFaults FaultPlan::ask(const FaultPlace& place) {
  FiredFaults fired;
  if (healed_) {
    return fired;
  }
  for (std::size_t index = 0; index < entries_.size() && !fired.full(); ++index) {
    Entry& entry = entries_[index];
    if (entry.over || entry.site != place.site || !matches(entry, place) || !may_strike(entry, place.counted)) {
      continue;
    }
    strike(index, place);
    if (info(entry.fault.what).of_world) {
      timed_.push_back({index, place.drive});
    } else {
      fired.add(entry.fault);
    }
  }
  return fired;
}

bool FaultPlan::matches(const Entry& entry, const FaultPlace& place) const {
  const Trigger& when = entry.fault.when;
  const Instant now = stream_.now();
  return (!when.drive || *when.drive == place.drive) && when.not_before <= now && now <= when.not_after && fits(entry.fault.what, place) &&
         (!when.register_offset || when.register_offset == place.register_offset) && matches_state(when, place.drive) &&
         names_command(when, place);
}

bool FaultPlan::matches_state(const Trigger& when, std::uint8_t drive) const {
  if (!when.state) {
    return true;
  }
  const auto found = driver_states_.find(machine_key(drive, when.state->machine));
  return found != driver_states_.end() && found->second.row == when.state->row &&
         (!when.state->visit || *when.state->visit == found->second.visit);
}

bool FaultPlan::may_strike(Entry& entry, bool counted) const {
  const Fault& fault = entry.fault;
  const bool is_state = info(fault.what).lasts;
  if ((is_state && entry.underway) || (fault.times != 0 && entry.fired >= fault.times)) {
    return false;
  }
  if (entry.underway) {
    return true;
  }
  if (!counted) {
    return fault.when.nth == 0 && (fault.when.state || fault.when.not_before > Instant{});
  }
  ++entry.matched;
  return entry.matched >= fault.when.nth;
}

void FaultPlan::strike(std::size_t index, const FaultPlace& place) {
  Entry& entry = entries_[index];
  const bool is_state = info(entry.fault.what).lasts;
  ++entry.fired;
  entry.drive = place.drive;
  if (!entry.underway && (is_state || entry.fault.lasts.ns != 0)) {
    entry.underway = true;
    entry.until = stream_.now() + lasting_of(entry.fault);
  }
  stream_.append(make_event(EventKind::fault_fired, place.drive, static_cast<std::uint16_t>(entry.fault.what),
                            static_cast<std::uint32_t>(index), place.detail));
}

TimedFault FaultPlan::next_timed() {
  for (std::size_t index = 0; index < entries_.size() && !healed_; ++index) {
    Entry& entry = entries_[index];
    if (entry.site == Site::time && due_of(entry) <= stream_.now()) {
      entry.pending = false;
      if (stream_.now() <= entry.fault.when.not_after) {
        strike(index, {Site::time, entry.drive});
        timed_.push_back({index, entry.drive});
      }
    }
  }
  if (timed_.empty()) {
    return {};
  }
  const Timed first = timed_.front();
  timed_.erase(timed_.begin());
  return {&entries_[first.index].fault, first.drive};
}

Instant FaultPlan::due_of(const Entry& entry) const {
  return entry.pending && !entry.over && !entry.underway ? entry.fault.when.not_before : never;
}

Instant FaultPlan::next_due() const {
  if (!timed_.empty()) {
    return stream_.now();
  }
  Instant due = never;
  for (const Entry& entry : entries_) {
    due = std::min({due, healed_ ? never : due_of(entry), entry.underway ? entry.until : never});
  }
  return due;
}

void FaultPlan::lift_expired() {
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    if (entries_[index].underway && entries_[index].until <= stream_.now()) {
      end(index);
    }
  }
}

void FaultPlan::end(std::size_t index) {
  Entry& entry = entries_[index];
  const Fault& fault = entry.fault;
  entry.underway = false;
  entry.until = never;
  // A state may come again, as often as `times` says; an episode of strikes happens once.
  entry.over = !info(fault.what).lasts || (fault.times != 0 && entry.fired >= fault.times);
  stream_.append(make_event(EventKind::fault_lifted, entry.drive, 0, static_cast<std::uint32_t>(index)));
}

const Fault* FaultPlan::active(std::uint8_t drive, Verb verb) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.underway && entry.fault.what == verb && entry.drive == drive; });
  return found == entries_.end() ? nullptr : &found->fault;
}

void FaultPlan::heal() {
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    if (entries_[index].underway) {
      end(index);
    }
    entries_[index].over = true;
  }
  timed_.clear();
  healed_ = true;
}

void FaultPlan::on_event(std::uint64_t, const Event& event) {
  if (event.kind == EventKind::command_pushed) {
    const auto cid = static_cast<std::uint16_t>(event.a & 0xffff);
    carried_[key(event.drive, event.queue, cid)] = {true, event.b, static_cast<std::uint16_t>(event.a >> 16), false, {}};
  } else if (event.kind == EventKind::driver_state) {
    on_driver_state(event);
  }
}

void FaultPlan::on_driver_state(const Event& event) {
  const auto row = static_cast<std::uint16_t>(event.a & 0xffff);
  const auto visit = static_cast<std::uint16_t>(event.a >> 16);
  const bool entered = event.b == 0;
  if (!entered) {
    driver_states_.erase(machine_key(event.drive, event.queue));
    return;
  }
  driver_states_[machine_key(event.drive, event.queue)] = {row, visit};
  for (Entry& entry : entries_) {
    const Trigger& when = entry.fault.when;
    const bool meant = entry.site == Site::time && !entry.over && when.state && when.state->machine == event.queue &&
                       (!when.drive || *when.drive == event.drive) && matches_state(when, event.drive);
    if (meant && may_strike(entry, true)) {
      entry.pending = true;
      entry.drive = event.drive;
    }
  }
}

std::uint64_t FaultPlan::key(std::uint8_t drive, std::uint16_t queue, std::uint16_t cid) {
  return static_cast<std::uint64_t>(drive) << 32 | static_cast<std::uint64_t>(queue) << 16 | cid;
}

}  // namespace phasebit::sim
