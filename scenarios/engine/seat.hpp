// One drive as the simulated host uses it: its driver while there is one, and what was counted of all that it had.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "scenarios/engine/guarded_backend.hpp"
#include "scenarios/engine/stage.hpp"
#include "src/base/time.hpp"
#include "src/driver/any_driver.hpp"
#include "src/driver/options.hpp"

namespace phasebit::scenarios {

class Seat {
 public:
  Seat(Stage& stage, std::uint8_t drive, const driver::Options& options, GuardedBackend& backend);
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  /// A driver begins to attach.
  void take(driver::AnyDriver& driver);
  /// After a poll of the driver: looks for namespaces that had no room, counts the driver's events.
  void turn(Instant now);
  /// The driver has ended and is about to be destroyed. Its channels have given everything back.
  void let_go();
  /// There is no driver for this drive, and will be none.
  void count_refusal(std::string_view why) {
    ++past_["attach_refused"];
    refusal_ = why;
  }
  /// Why the last one was refused, for a person; empty if none was.
  const std::string& refusal() const { return refusal_; }

  /// nullptr while nothing is attached.
  driver::AnyDriver* driver() const { return driver_; }
  bool is_ready() const { return driver_ != nullptr && driver_->state() == driver::State::ready; }
  /// The driver is on its way nowhere: there is none, or it is ready.
  bool is_settled() const { return driver_ == nullptr || is_ready(); }
  /// There is a driver, and nothing more will come of it.
  bool has_ended() const;
  /// Counts attachments: a channel belongs to one of them.
  std::uint32_t attachment() const { return attachment_; }

  std::uint8_t drive() const { return drive_; }
  PciAddress address() const { return address_; }
  Stage& stage() { return stage_; }
  const driver::Options& options() const { return options_; }
  GuardedBackend& backend() { return backend_; }
  /// The state of the driver, or the last one that it had.
  driver::State state() const { return driver_ != nullptr ? driver_->state() : last_state_; }

  /// Allocations within the driver's promised calls; adds those that a workload has caught.
  std::uint64_t allocations() const { return allocations_; }
  void add_allocations(std::uint64_t caught) { allocations_ += caught; }

  /// What was counted, attachments of the past included.
  std::map<std::string, std::uint64_t> counts() const;

 private:
  void count_events();
  void add_statistics(std::map<std::string, std::uint64_t>& counts) const;

  Stage& stage_;
  std::uint8_t drive_;
  PciAddress address_;
  const driver::Options& options_;
  GuardedBackend& backend_;
  driver::AnyDriver* driver_ = nullptr;
  driver::State last_state_ = driver::State::detached;
  std::uint32_t attachment_ = 0;
  std::uint64_t allocations_ = 0;
  std::string refusal_;
  std::map<std::string, std::uint64_t> past_;  ///< counts of attachments that have ended, and of events
};

}  // namespace phasebit::scenarios
