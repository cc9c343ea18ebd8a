// A probe on a bus of model drives.
#pragma once

#include <algorithm>
#include <memory>
#include <memory_resource>
#include <vector>

#include "src/driver/probe.hpp"
#include "tests/support/driver_bench.hpp"
#include "tests/support/model_bus.hpp"
#include "tests/support/probe_diary.hpp"

namespace phasebit::testing {

/// Drives of ours and a probe, which go on together.
struct ProbeBench {
  ModelBus bus;
  ProbeDiary diary;
  std::vector<PciAddress> allowed;
  std::vector<PciAddress> blocked;
  std::pmr::memory_resource* memory = std::pmr::new_delete_resource();
  std::unique_ptr<driver::Probe<ModelBus>> probe;
  Instant now{};

  void start() {
    probe = std::make_unique<driver::Probe<ModelBus>>(bus, DriverBench::quick(), driver::ProbeFilter{allowed, blocked}, diary, memory);
    probe->probe(now);
  }
  void run(Duration time = seconds(2)) {
    for (const Instant end = now + time; now < end;) {
      const Instant wake = probe->poll(now);
      for (auto& [address, slot] : bus.slots) {
        slot.drive->now = now;
        slot.drive->step();
      }
      now = std::min(std::max(wake, now + microseconds(1)), now + milliseconds(1));
    }
  }
  ~ProbeBench() {
    if (probe != nullptr) {
      probe->detach_all(now);
      run(seconds(5));
    }
  }
  Lines take() { return diary.take(); }
};

/// Where ModelBus puts a device.
constexpr PciAddress model_address(std::uint8_t device) {
  return {0, 0, device, 0};
}

}  // namespace phasebit::testing
