// One driver on one backend, used one step at a time: for verbs that talk to a drive by hand.
#pragma once

#include <algorithm>
#include <memory_resource>

#include "src/backend/backend.hpp"
#include "src/driver/any_driver.hpp"
#include "src/driver/make_any_driver.hpp"
#include "src/driver/options.hpp"

namespace phasebit::cli {

/// Time as a verb needs it: what it is, and letting some pass (of virtual time, or of the machine's).
template <class C>
concept Clock = requires(C clock, Instant until) {
  { clock.now() } -> std::same_as<Instant>;
  { clock.pass(until) } -> std::same_as<void>;
};

/// Every call returns when its step has ended. An error of a step is an Errc; a device's verdict is in the result.
template <Backend B, Clock C>
class Session {
 public:
  Session(B& backend, C& clock) : backend_(backend), clock_(clock) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { (void)detach(); }

  Result<void> attach(const driver::Options& options) {
    const Result<driver::AnyDriver*> made = driver::make_any_driver(backend_, options, std::pmr::get_default_resource());
    if (!made) {
      return fail(made.error());
    }
    driver_ = *made;
    pump_until([&] { return driver_->state() != driver::State::attaching; });
    if (driver_->state() != driver::State::ready) {
      return fail(driver_->failure().value_or(Errc::device_gone));
    }
    return {};
  }

  driver::AnyDriver& driver() { return *driver_; }

  /// An admin command; its buffers are the caller's.
  Result<driver::OperationResult> admin(const driver::RawCommand& command) {
    if (const Result<void> submitted = driver_->submit_admin(command, clock_.now()); !submitted) {
      return fail(submitted.error());
    }
    return wait_for([&](driver::OperationResult& result) { return driver_->reap_admin({&result, 1}); });
  }

  Result<void> open_channel() {
    const Result<driver::ChannelId> made = driver_->create_channel({}, clock_.now());
    channel_ = made.value_or(driver::ChannelId{});
    return made ? Result<void>() : fail(made.error());
  }

  /// An operation on the channel, which may still be on its way to the device.
  Result<driver::OperationResult> io(const driver::Operation& operation) {
    driver::SubmitResult submitted;
    pump_until([&] {
      submitted = driver_->submit(channel_, {&operation, 1}, clock_.now());
      return submitted.accepted == 1 || submitted.refusal != Errc::not_ready || is_over();
    });
    if (submitted.accepted == 0) {
      return fail(submitted.refusal);
    }
    return wait_for([&](driver::OperationResult& result) { return driver_->reap(channel_, clock_.now(), {&result, 1}); });
  }

  /// Orderly; the driver is gone afterwards in any case.
  Result<void> detach() {
    if (driver_ == nullptr) {
      return {};
    }
    driver_->shutdown(driver::Shutdown::orderly, clock_.now());
    pump_until([&] { return is_over(); });
    const driver::State end = driver_->state();
    driver::destroy_any_driver(driver_);
    driver_ = nullptr;
    return end == driver::State::detached ? Result<void>() : fail(end == driver::State::gone ? Errc::device_gone : Errc::device_failed);
  }

 private:
  bool is_over() const {
    const driver::State state = driver_->state();
    return state == driver::State::detached || state == driver::State::failed || state == driver::State::gone;
  }

  template <class Done>
  void pump_until(Done done) {
    while (!done()) {
      const Instant now = clock_.now();
      const Instant wake = driver_->poll(now);
      clock_.pass(std::min(wake, now + microseconds(20)));
    }
  }

  /// The driver bounds every wait: each operation ends, if need be as timed out or gone.
  template <class Reap>
  Result<driver::OperationResult> wait_for(Reap reap) {
    driver::OperationResult result;
    pump_until([&] { return reap(result) == 1; });
    return result;
  }

  B& backend_;
  C& clock_;
  driver::AnyDriver* driver_ = nullptr;
  driver::ChannelId channel_;
};

}  // namespace phasebit::cli
