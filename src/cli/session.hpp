// One drive of a bus, found by its address and used one step at a time: for verbs that talk to a drive by hand.
#pragma once

#include <algorithm>
#include <array>
#include <memory_resource>
#include <optional>

#include "scenarios/engine/interrupt.hpp"
#include "src/backend/bus.hpp"
#include "src/cli/driver_instances.hpp"
#include "src/driver/probe.hpp"

namespace phasebit::cli {

/// Time as a verb needs it: what it is, and letting some pass (of virtual time, or of the machine's).
template <class C>
concept Clock = requires(C clock, Instant until) {
  { clock.now() } -> std::same_as<Instant>;
  { clock.pass(until) } -> std::same_as<void>;
};

/// Every call returns when its step has ended. An error of a step is an Errc; a device's verdict is in the result. Only attach, which may
/// take a minute, leaves off when the program is asked to stop: a command has to come back before its buffer can go, and the driver bounds
/// that.
template <CanWait BusType, Clock C>
class Session final : private driver::ProbeListener {
 public:
  Session(BusType& bus, C& clock, PciAddress address, const driver::Options& options = {})
      : bus_(bus), clock_(clock), allowed_{address}, probe_(bus, options, {.allowed = allowed_}, *this, std::pmr::get_default_resource()) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { (void)detach(); }

  /// Nothing if there is no NVMe controller at the address. Touches nothing.
  std::optional<PciFunction> find() {
    probe_.probe(clock_.now());
    return function_;
  }
  /// Attaches what was found. If the program is asked to stop meanwhile, nothing is attached.
  tl::expected<void, driver::AttachFailure> attach() {
    pump_until([&] { return probe_.is_settled() || scenarios::interrupt_seen() != 0; });
    if (!probe_.is_settled()) {
      probe_.detach_all(clock_.now());
      pump_until([&] { return probe_.is_idle(); });
    }
    return driver_ == nullptr ? tl::expected<void, driver::AttachFailure>(tl::unexpect, failure_)
                              : tl::expected<void, driver::AttachFailure>();
  }

  driver::AnyDriver& driver() { return *driver_; }
  /// For memory that the drive shall reach.
  typename BusType::BackendType& backend() { return *probe_.backend(allowed_[0]); }

  /// An admin command; its buffers are the caller's.
  Result<driver::OperationResult> admin(const driver::RawCommand& command) {
    if (const Result<void> submitted = driver_->submit_admin(command, clock_.now()); !submitted) {
      return fail(submitted.error());
    }
    return wait_for([&](driver::OperationResult& result) { return driver_->reap_admin({&result, 1}); });
  }

  Result<void> open_channel(const driver::ChannelOptions& options = {}) {
    const Result<driver::ChannelId> made = driver_->create_channel(options, clock_.now());
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

  driver::ChannelId channel() const { return channel_; }
  /// The control plane's turn, for a verb that keeps the data plane busy itself; returns when it next wants one.
  Instant poll() { return probe_.poll(clock_.now()); }
  /// Until an interrupt, if the driver has interrupts, or until then.
  void sleep_until(Instant until) {
    if (until > clock_.now()) {
      bus_.wait(until);
    } else {
      clock_.pass(clock_.now() + nanoseconds(500));
    }
  }
  /// Somebody wants the drive, and waits until it is detached: a verb that takes long has to end.
  bool is_asked_for() const { return is_asked_for_; }
  /// The driver has come to an end by itself.
  bool is_over() const {
    const driver::State state = driver_->state();
    return state == driver::State::detached || state == driver::State::failed || state == driver::State::gone;
  }

  /// Orderly; the driver is gone afterwards in any case.
  Result<void> detach() {
    if (driver_ == nullptr) {
      return {};
    }
    detaches_ = true;
    probe_.detach_all(clock_.now());
    pump_until([&] { return driver_ == nullptr; });
    return end_ == driver::State::detached ? Result<void>() : fail(end_ == driver::State::gone ? Errc::device_gone : Errc::device_failed);
  }

 private:
  bool found(const PciFunction& function, driver::Options&) override {
    function_ = function;
    return true;
  }
  void attached(const PciFunction&, driver::AnyDriver& driver) override { driver_ = &driver; }
  void failed(const PciFunction&, const driver::AttachFailure& failure) override { failure_ = failure; }
  void removal_asked(const PciFunction&, driver::AnyDriver&) override { is_asked_for_ = true; }
  /// The verb may have results to fetch: a driver that it has got stays until it is detached.
  bool ended(const PciFunction&, driver::AnyDriver& driver) override {
    if (driver_ != nullptr && !detaches_) {
      return false;
    }
    end_ = driver.state();
    driver_ = nullptr;
    return true;
  }

  template <class Done>
  void pump_until(Done done) {
    while (!done()) {
      const Instant now = clock_.now();
      const Instant wake = probe_.poll(now);
      clock_.pass(wake > now ? std::min(wake, now + microseconds(20)) : now + nanoseconds(500));
    }
  }

  /// The driver bounds every wait: each operation ends, if need be as timed out or gone.
  template <class Reap>
  Result<driver::OperationResult> wait_for(Reap reap) {
    driver::OperationResult result;
    pump_until([&] { return reap(result) == 1; });
    return result;
  }

  BusType& bus_;
  C& clock_;
  std::array<PciAddress, 1> allowed_;
  driver::Probe<BusType> probe_;
  std::optional<PciFunction> function_;
  driver::AttachFailure failure_;
  driver::AnyDriver* driver_ = nullptr;  ///< from ready to the end
  driver::State end_ = driver::State::detached;
  bool detaches_ = false;
  bool is_asked_for_ = false;
  driver::ChannelId channel_;
};

}  // namespace phasebit::cli
