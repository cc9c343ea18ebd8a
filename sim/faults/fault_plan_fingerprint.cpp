#include "sim/faults/fault_plan.hpp"

namespace phasebit::sim {

void FaultPlan::fingerprint(Hasher& hasher) const {
  hasher.add(healed_);
  for (const Entry& entry : entries_) {
    hasher.add(entry.matched);
    hasher.add(entry.fired);
    hasher.add(entry.until.ns);
    hasher.add(entry.underway);
    hasher.add(entry.pending);
    hasher.add(entry.over);
    hasher.add(entry.drive);
  }
  hasher.add(timed_.size());
  for (const Timed& timed : timed_) {
    hasher.add(timed.index);
    hasher.add(timed.drive);
  }
  fingerprint_host(hasher);
}

/// What triggers are compared with. The maps are in the order of their keys.
void FaultPlan::fingerprint_host(Hasher& hasher) const {
  hasher.add(carried_.size());
  for (const auto& [key, command] : carried_) {
    hasher.add(key);
    hasher.add(command.pushed);
    hasher.add(command.tag);
    hasher.add(command.attempt);
    hasher.add(command.fetched);
    hasher.add_bytes(command.sqe);
  }
  hasher.add(driver_states_.size());
  for (const auto& [key, state] : driver_states_) {
    hasher.add(key);
    hasher.add(state.row);
    hasher.add(state.visit);
  }
}

}  // namespace phasebit::sim
