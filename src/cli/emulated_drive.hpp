// One emulated drive for verbs that need no more, with its virtual clock.
#pragma once

#include "sim/memory/region.hpp"
#include "sim/world/world.hpp"
#include "src/base/error.hpp"

namespace phasebit::cli {

/// Virtual time of a world.
class WorldClock {
 public:
  explicit WorldClock(sim::World& world) : world_(world) {}
  Instant now() const { return world_.now(); }
  void pass(Instant until) { world_.run_until(until); }

 private:
  sim::World& world_;
};

/// A world with one drive of the default kind, without faults.
class EmulatedDrive {
 public:
  static Result<EmulatedDrive> create();
  sim::World& world() { return *world_; }
  PciAddress address() { return world_->drive(0).address(); }

 private:
  explicit EmulatedDrive(sim::Region region);
  sim::Region region_;
  sim::WorldPointer world_;  ///< ends before its region
};

}  // namespace phasebit::cli
