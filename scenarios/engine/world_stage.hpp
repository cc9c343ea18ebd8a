// A world as a stage: emulated drives under virtual time.
#pragma once

#include <deque>

#include "scenarios/engine/stage.hpp"
#include "sim/world/world.hpp"

namespace phasebit::scenarios {

class WorldStage final : public Stage {
 public:
  /// The world outlives it.
  explicit WorldStage(sim::World& world);

  Instant now() override { return world_.now(); }
  void run_until(Instant until) override { world_.run_until(until); }
  void sleep_until(Instant until) override { world_.bus().wait(until); }
  Instant next_due() override { return world_.next_due(); }
  Duration cycle() const override { return world_.options().cycle; }

  sim::Stream& stream() override { return world_.stream(); }
  sim::FaultPlan& faults() override { return world_.faults(); }
  void heal() override;

  std::uint8_t drives() const override { return world_.drives(); }
  PciAddress address(std::uint8_t drive) const override { return world_.drive(drive).address(); }
  AnyBackend& backend(std::uint8_t drive) override { return backends_[drive]; }

  std::vector<PciFunction> enumerate() override { return world_.bus().enumerate(); }
  Result<void> claim(PciAddress address) override { return world_.bus().claim(address); }
  void release(PciAddress address) override { world_.bus().release(address); }
  Result<void> open(PciAddress address) override;
  void close(PciAddress address) override { world_.bus().close(address); }
  bool has_event() override { return world_.bus().has_event(); }
  std::optional<BusEvent> next_event() override { return world_.bus().next_event(); }

  Result<std::span<std::byte>> allocate_buffer(std::uint64_t bytes) override { return world_.allocate_buffer(bytes); }
  Result<void> free_buffer(std::span<std::byte> buffer) override { return world_.free_buffer(buffer); }

 private:
  sim::World& world_;
  std::deque<BackendOf<sim::EmulatedBackend>> backends_;  ///< by the drive's index
};

}  // namespace phasebit::scenarios
