// One emulated drive for verbs that need no more, with its virtual clock.
#pragma once

#include <string>

#include "scenarios/engine/diagnostic.hpp"
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

/// The drive of a scenario file, the first one if it has several; without a file the default one.
scenarios::Checked<sim::DriveOptions> drive_of(const std::string& file);

/// A world with one drive, without faults. The options are valid.
class EmulatedDrive {
 public:
  static Result<EmulatedDrive> create(const sim::DriveOptions& options = {});
  sim::World& world() { return *world_; }
  PciAddress address() { return world_->drive(0).address(); }

 private:
  EmulatedDrive(const sim::DriveOptions& options, sim::Region region);
  sim::Region region_;
  sim::WorldPointer world_;  ///< ends before its region
};

}  // namespace phasebit::cli
