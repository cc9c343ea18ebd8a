// The bus as the simulated host's driver sees it: behind the guarded seam, and told of by a kernel that takes its time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "scenarios/engine/guarded_backend.hpp"
#include "scenarios/engine/guarded_memory.hpp"
#include "scenarios/engine/stage.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::scenarios {

/// Contract: src/backend/bus.hpp. What it allocates is not the driver's doing. An event reaches the host at once or some drawn time after
/// it has come up, so that the driver finds out now by the bus and now by itself.
class HostBus {
 public:
  using BackendType = GuardedBackend;

  HostBus(Stage& stage, std::uint64_t seed, GuardedMemory& memory);

  std::vector<PciFunction> enumerate() const;
  Result<void> claim(PciAddress address);
  void release(PciAddress address);
  Result<GuardedBackend*> open(PciAddress address);
  void close(PciAddress address);
  std::optional<BusEvent> next_event();

  /// When the next event is told, if there is one.
  Instant next_due();
  /// What waits is told without delay.
  void catch_up() { prompt_ = true; }
  GuardedBackend& backend(std::uint8_t drive) { return backends_[drive]; }

 private:
  Duration draw_delay() const;

  Stage& stage_;
  std::uint64_t seed_;
  GuardedMemory& memory_;
  std::deque<GuardedBackend> backends_;  ///< by the drive's index
  std::uint64_t told_ = 0;               ///< events so far
  std::optional<Instant> told_at_;       ///< when the event that waits is told
  bool prompt_ = false;                  ///< until none waits
};

static_assert(Bus<HostBus>);

}  // namespace phasebit::scenarios
