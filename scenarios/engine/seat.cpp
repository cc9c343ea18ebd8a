#include "scenarios/engine/seat.hpp"

#include <optional>

namespace phasebit::scenarios {

Seat::Seat(Stage& stage, std::uint8_t drive, const driver::Options& options, GuardedBackend& backend)
    : stage_(stage), drive_(drive), address_(stage.address(drive)), options_(options), backend_(backend) {}

void Seat::take(driver::AnyDriver& driver) {
  driver_ = &driver;
  ++attachment_;
  ++past_["attached"];
}

void Seat::let_go() {
  count_events();
  last_state_ = driver_->state();
  add_statistics(past_);
  driver_ = nullptr;
}

void Seat::turn(Instant now) {
  if (driver_ == nullptr) {
    return;
  }
  if (driver_->wants_rescan()) {
    (void)driver_->rescan(now);
  }
  count_events();
}

void Seat::count_events() {
  while (const std::optional<driver::DriverEvent> event = driver_->next_event()) {
    ++past_["event_" + std::string(name(event->kind))];
  }
}

bool Seat::has_ended() const {
  if (driver_ == nullptr) {
    return false;
  }
  const driver::State state = driver_->state();
  return state == driver::State::detached || state == driver::State::failed || state == driver::State::gone;
}

void Seat::add_statistics(std::map<std::string, std::uint64_t>& counts) const {
  const driver::Statistics statistics = driver_->statistics();
  counts["operations_accepted"] += statistics.operations_accepted;
  counts["operations_ended"] += statistics.operations_ended;
  counts["commands_pushed"] += statistics.commands_pushed;
  counts["commands_completed"] += statistics.commands_completed;
  counts["commands_stopped"] += statistics.commands_stopped;
  counts["retries"] += statistics.retries;
  counts["timeouts"] += statistics.timeouts;
  counts["aborts_asked"] += statistics.aborts_asked;
  counts["doorbells"] += statistics.doorbells;
  counts["completions_bogus"] += statistics.completions_bogus;
  counts["queue_heads_bogus"] += statistics.queue_heads_bogus;
  counts["resets"] += statistics.resets;
  counts["async_events"] += statistics.async_events;
  counts["queues_in_controller_memory"] += statistics.queues_in_controller_memory;
}

std::map<std::string, std::uint64_t> Seat::counts() const {
  std::map<std::string, std::uint64_t> counts = past_;
  if (driver_ != nullptr) {
    add_statistics(counts);
  }
  return counts;
}

}  // namespace phasebit::scenarios
