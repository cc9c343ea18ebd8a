// The emulated PCI bus: which functions the host sees, whose they are, and what comes and goes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory_resource>
#include <optional>
#include <vector>

#include "sim/world/emulated_backend.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::sim {

/// Contract: src/backend/bus.hpp.
class EmulatedBus {
 public:
  using BackendType = EmulatedBackend;

  EmulatedBus(World& world, std::pmr::memory_resource* memory) : world_(world), claimed_(memory), waiting_(memory) {}
  EmulatedBus(const EmulatedBus&) = delete;
  EmulatedBus& operator=(const EmulatedBus&) = delete;

  std::vector<PciFunction> enumerate() const;
  /// `not_found` for an address without a function, `busy` for one that is claimed.
  Result<void> claim(PciAddress address);
  /// Ends the claim; a function whose removal was asked for may go now.
  void release(PciAddress address);
  /// `not_found` as above, `not_ready` without a claim.
  Result<EmulatedBackend*> open(PciAddress address);
  void close(PciAddress address);
  /// Recorded as a bus_event as it is told.
  std::optional<BusEvent> next_event();
  bool has_event() const { return !waiting_.empty(); }
  /// The world goes on meanwhile.
  bool wait(Instant until);

  bool is_claimed(std::uint8_t drive) const;
  /// The world tells the host of something, when it asks.
  void tell(BusEvent::Kind kind, PciAddress address) { waiting_.push_back({kind, address}); }
  void fingerprint(Hasher& hasher) const;

 private:
  Drive* at(PciAddress address) const;

  World& world_;
  std::pmr::vector<std::uint8_t> claimed_;  ///< indexes of drives
  std::pmr::deque<BusEvent> waiting_;
};

static_assert(CanWait<EmulatedBus>);

}  // namespace phasebit::sim
