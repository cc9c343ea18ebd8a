// What a host stands on: drives on a bus, time, memory for its data, faults, and the stream of all that happens. A world, or a real drive.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scenarios/engine/any_backend.hpp"
#include "sim/faults/fault_plan.hpp"
#include "sim/stream/stream.hpp"
#include "src/backend/bus.hpp"
#include "src/base/time.hpp"
#include "src/driver/any_driver.hpp"

namespace phasebit::scenarios {

class Stage {
 public:
  virtual ~Stage() = default;

  virtual Instant now() = 0;
  /// Lets time pass: up to `until`, or up to a moment at which the host may want to look again.
  virtual void run_until(Instant until) = 0;
  /// Lets time pass up to where a host that waits for interrupts wakes: CanWait in src/backend/bus.hpp.
  virtual void sleep_until(Instant until) = 0;
  /// When something happens by itself that is known beforehand; `never` only if nothing will.
  virtual Instant next_due() = 0;
  /// The grain of its time.
  virtual Duration cycle() const = 0;

  virtual sim::Stream& stream() = 0;
  virtual sim::FaultPlan& faults() = 0;
  /// Lifts every fault, for ever; what they had taken away is there again.
  virtual void heal() = 0;

  virtual std::uint8_t drives() const = 0;
  virtual PciAddress address(std::uint8_t drive) const = 0;
  /// Used only while the drive is open.
  virtual AnyBackend& backend(std::uint8_t drive) = 0;

  // The bus (contract: src/backend/bus.hpp).
  virtual std::vector<PciFunction> enumerate() = 0;
  virtual Result<void> claim(PciAddress address) = 0;
  virtual void release(PciAddress address) = 0;
  virtual Result<void> open(PciAddress address) = 0;
  virtual void close(PciAddress address) = 0;
  virtual bool has_event() = 0;
  virtual std::optional<BusEvent> next_event() = 0;

  /// Whether the drive of a driver that has become ready is the one that the story is for. If not, nothing is to be written to it.
  virtual bool is_meant(const driver::AnyDriver& /*driver*/) { return true; }
  /// Why the story has to end before its time; empty: it goes on.
  virtual std::string_view ends_because() { return {}; }

  /// Memory for user data, not mapped for any drive.
  virtual Result<std::span<std::byte>> allocate_buffer(std::uint64_t bytes) = 0;
  virtual Result<void> free_buffer(std::span<std::byte> buffer) = 0;
};

}  // namespace phasebit::scenarios
