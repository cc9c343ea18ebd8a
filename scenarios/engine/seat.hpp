// One drive as the simulated host uses it: found on the bus, attached, lost, attached again.
#pragma once

#include <cstdint>
#include <map>
#include <memory_resource>
#include <string>

#include "scenarios/engine/guarded_backend.hpp"
#include "sim/world/world.hpp"
#include "src/base/time.hpp"
#include "src/driver/any_driver.hpp"
#include "src/driver/options.hpp"

namespace phasebit::scenarios {

class Seat {
 public:
  Seat(sim::World& world, std::uint8_t drive, const driver::Options& options, std::pmr::memory_resource* memory);
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat();

  /// The control plane's turn: the driver is polled, its events are counted. Returns when it next wants one.
  Instant turn(Instant now);

  /// Claims, opens and begins to attach; without effect while something is attached. An error leaves nothing behind.
  Result<void> attach();
  /// Lets go of a driver that has ended. Its channels have given everything back.
  void let_go();

  /// nullptr while nothing is attached.
  driver::AnyDriver* driver() const { return driver_; }
  bool is_ready() const { return driver_ != nullptr && driver_->state() == driver::State::ready; }
  /// There is a driver, and nothing more will come of it.
  bool has_ended() const;
  /// The driver gave up or is gone; a later attach may do better.
  bool was_lost() const { return lost_; }
  /// Counts attachments: a channel belongs to one of them.
  std::uint32_t attachment() const { return attachment_; }

  std::uint8_t drive() const { return drive_; }
  PciAddress address() const { return address_; }
  sim::World& world() { return world_; }
  GuardedBackend& backend() { return backend_; }
  /// The state of the driver, or the last one that it had.
  driver::State state() const { return driver_ != nullptr ? driver_->state() : last_state_; }

  /// Allocations within the driver's promised calls; adds those that a workload has caught.
  std::uint64_t allocations() const { return allocations_; }
  void add_allocations(std::uint64_t caught) { allocations_ += caught; }

  /// What was counted, attachments of the past included.
  std::map<std::string, std::uint64_t> counts() const;

 private:
  void add_statistics(std::map<std::string, std::uint64_t>& counts) const;

  sim::World& world_;
  std::uint8_t drive_;
  PciAddress address_;
  const driver::Options& options_;
  std::pmr::memory_resource* memory_;
  GuardedBackend backend_;
  driver::AnyDriver* driver_ = nullptr;
  driver::State last_state_ = driver::State::detached;
  std::uint32_t attachment_ = 0;
  bool lost_ = false;
  std::uint64_t allocations_ = 0;
  std::map<std::string, std::uint64_t> past_;  ///< counts of attachments that have ended, and of events
};

}  // namespace phasebit::scenarios
