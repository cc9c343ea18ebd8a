#include "src/driver/types.hpp"

namespace phasebit::driver {

Statistics& Statistics::operator+=(const Statistics& other) {
  operations_accepted += other.operations_accepted;
  operations_ended += other.operations_ended;
  commands_pushed += other.commands_pushed;
  commands_completed += other.commands_completed;
  commands_stopped += other.commands_stopped;
  retries += other.retries;
  timeouts += other.timeouts;
  aborts_asked += other.aborts_asked;
  doorbells += other.doorbells;
  completions_bogus += other.completions_bogus;
  queue_heads_bogus += other.queue_heads_bogus;
  resets += other.resets;
  async_events += other.async_events;
  queues_in_controller_memory += other.queues_in_controller_memory;
  return *this;
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::failed:
      return "failed";
    case Outcome::aborted:
      return "aborted";
    case Outcome::timed_out:
      return "timed_out";
    case Outcome::reset:
      return "reset";
    case Outcome::gone:
      return "gone";
    case Outcome::rejected:
      return "rejected";
  }
  return "unknown";
}

std::string_view name(State state) {
  switch (state) {
    case State::attaching:
      return "attaching";
    case State::ready:
      return "ready";
    case State::recovering:
      return "recovering";
    case State::shutting_down:
      return "shutting_down";
    case State::detached:
      return "detached";
    case State::failed:
      return "failed";
    case State::gone:
      return "gone";
  }
  return "unknown";
}

std::string_view name(DriverEvent::Kind kind) {
  switch (kind) {
    case DriverEvent::Kind::namespace_changed:
      return "namespace_changed";
    case DriverEvent::Kind::smart_warning:
      return "smart_warning";
    case DriverEvent::Kind::device_error:
      return "device_error";
    case DriverEvent::Kind::notice:
      return "notice";
    case DriverEvent::Kind::bogus_completion:
      return "bogus_completion";
    case DriverEvent::Kind::reset_started:
      return "reset_started";
    case DriverEvent::Kind::reset_finished:
      return "reset_finished";
    case DriverEvent::Kind::failed:
      return "failed";
    case DriverEvent::Kind::removed:
      return "removed";
    case DriverEvent::Kind::removal_asked:
      return "removal_asked";
    case DriverEvent::Kind::events_lost:
      return "events_lost";
    case DriverEvent::Kind::async_events_off:
      return "async_events_off";
  }
  return "unknown";
}

}  // namespace phasebit::driver
