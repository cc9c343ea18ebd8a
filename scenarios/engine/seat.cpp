#include "scenarios/engine/seat.hpp"

#include <optional>

#include "src/driver/make_any_driver.hpp"

namespace phasebit::scenarios {

Seat::Seat(sim::World& world, std::uint8_t drive, const driver::Options& options, std::pmr::memory_resource* memory)
    : world_(world),
      drive_(drive),
      address_(world.drive(drive).address()),
      options_(options),
      memory_(memory),
      backend_(world.backend(drive)) {}

/// A driver that has not ended may not be destroyed: it stays, with the rest of its world, in memory that is dropped as a whole.
Seat::~Seat() {
  if (has_ended()) {
    let_go();
  }
}

Result<void> Seat::attach() {
  if (driver_ != nullptr) {
    return {};
  }
  if (const Result<void> claimed = world_.bus().claim(address_); !claimed) {
    return claimed;
  }
  const Result<sim::EmulatedBackend*> opened = world_.bus().open(address_);
  if (!opened) {
    world_.bus().release(address_);
    return fail(opened.error());
  }
  const Result<driver::AnyDriver*> made = driver::make_any_driver(backend_, options_, memory_);
  if (!made) {
    world_.bus().close(address_);
    world_.bus().release(address_);
    lost_ = true;
    return fail(made.error());
  }
  driver_ = *made;
  lost_ = false;
  ++attachment_;
  ++past_["attached"];
  return {};
}

void Seat::let_go() {
  last_state_ = driver_->state();
  lost_ = last_state_ != driver::State::detached;
  add_statistics(past_);
  driver::destroy_any_driver(driver_);
  driver_ = nullptr;
  world_.bus().close(address_);
  world_.bus().release(address_);
}

Instant Seat::turn(Instant now) {
  if (driver_ == nullptr) {
    return never;
  }
  const AllocationGuard guard;
  const Instant wake = driver_->poll(now);
  allocations_ += guard.count();
  if (driver_->wants_rescan()) {
    const AllocationPause pause;
    (void)driver_->rescan(now);
  }
  const AllocationPause pause;
  while (const std::optional<driver::DriverEvent> event = driver_->next_event()) {
    ++past_["event_" + std::string(name(event->kind))];
  }
  return wake;
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
}

std::map<std::string, std::uint64_t> Seat::counts() const {
  std::map<std::string, std::uint64_t> counts = past_;
  if (driver_ != nullptr) {
    add_statistics(counts);
  }
  return counts;
}

}  // namespace phasebit::scenarios
