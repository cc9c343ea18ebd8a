// The seam around an emulated drive: two streams of the same run, the world's own and the one that was put together from outside.
#pragma once

#include <memory_resource>
#include <utility>
#include <vector>

#include "scenarios/interpose/interposed.hpp"
#include "sim/monitor/monitor.hpp"
#include "sim/world/world.hpp"
#include "src/spec/pci.hpp"
#include "tests/scenarios/interpose/bench.hpp"
#include "tests/support/plain_host.hpp"

namespace phasebit::scenarios {

static_assert(Backend<Interposed<sim::EmulatedBackend>>);

struct WorldClock final : Clock {
  explicit WorldClock(sim::World& of) : world(of) {}
  Instant now() override { return world.now(); }
  sim::World& world;
};

/// Faults strike at the seam; the world has none.
class EmulatedBench {
 public:
  explicit EmulatedBench(const sim::WorldOptions& options, const std::vector<sim::Fault>& faults = {})
      : world(sim::make_world(options, region)),
        clock(*world),
        stream(std::pmr::get_default_resource()),
        plan(faults, stream, std::pmr::get_default_resource()),
        seam(open(), stream, plan, clock, std::pmr::get_default_resource()),
        listening(listen()) {}
  EmulatedBench(const EmulatedBench&) = delete;
  EmulatedBench& operator=(const EmulatedBench&) = delete;

  void let_time_pass() { world->run_until(world->now() + microseconds(2)); }

  sim::Region region = sim::Region::create(256ull << 20).value();
  sim::WorldPointer world;
  WorldClock clock;
  EventList inside;  ///< the world's stream
  sim::Monitor inside_monitor;
  sim::Stream stream;
  sim::FaultPlan plan;
  EventList outside;  ///< the seam's stream
  sim::Monitor outside_monitor;
  Interposed<sim::EmulatedBackend> seam;
  bool listening;
  tests::PlainHost<Interposed<sim::EmulatedBackend>> host{seam, [this] { let_time_pass(); }};

 private:
  sim::EmulatedBackend& open() {
    world->stream().add_reader(inside);
    world->stream().add_reader(inside_monitor);
    const PciAddress address = world->drive(0).address();
    PHASEBIT_ASSERT(world->bus().claim(address).has_value());
    sim::EmulatedBackend& backend = *world->bus().open(address).value();
    backend.config_write16(spec::pci::config::command, 0x0006);
    return backend;
  }
  bool listen() {
    stream.add_reader(plan);
    stream.add_reader(outside);
    stream.add_reader(outside_monitor);
    return true;
  }
};

}  // namespace phasebit::scenarios
