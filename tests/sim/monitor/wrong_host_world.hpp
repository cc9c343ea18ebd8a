// A world with one drive, a monitor and a plain host.
#pragma once

#include <functional>
#include <span>

#include "sim/monitor/monitor.hpp"
#include "sim/world/world.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"
#include "tests/support/any_backend.hpp"

namespace phasebit::tests {

class WrongHostWorld {
 public:
  using Plain = PlainHost<AnyBackend>;
  /// What the host is given in place of the drive's backend.
  using Seam = std::function<AnyBackend(sim::World&, sim::EmulatedBackend&)>;

  WrongHostWorld(const sim::DriveOptions& drive, std::vector<sim::Fault> faults, const Seam& seam = {});

 private:
  AnyBackend open(const Seam& seam);
  void pass_time();

  sim::Region region_;

 public:
  sim::Monitor monitor;
  sim::WorldPointer world;
  AnyBackend backend;
  Plain host;

  /// Memory of the host's own, to be mapped.
  std::span<std::byte> user_memory(std::uint64_t bytes);
  void remove_drive() { world->remove(0); }
};

}  // namespace phasebit::tests
