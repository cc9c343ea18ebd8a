// What every part of a controller is connected to.
#pragma once

#include <cstdint>
#include <memory_resource>

#include "sim/controller/drive_options.hpp"
#include "sim/faults/fault_plan.hpp"
#include "sim/media/media.hpp"
#include "sim/memory/dma_port.hpp"
#include "sim/stream/stream.hpp"

namespace phasebit::sim {

/// The function's interrupts, as the controller sees them: whether a vector is masked is not its business.
struct InterruptSink {
  virtual ~InterruptSink() = default;
  virtual void raise(std::uint16_t vector) = 0;
};

/// All of it outlives the controller.
struct Wiring {
  std::uint8_t drive = 0;  ///< index of the drive in the world, for events
  const DriveOptions& options;
  DmaPort& dma;
  FaultPlan& faults;
  Stream& stream;
  Media& media;
  InterruptSink& interrupts;
  std::uint64_t seed = 0;
  std::pmr::memory_resource* memory = nullptr;

  void record(EventKind kind, std::uint16_t queue = 0, std::uint32_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) const {
    stream.append(make_event(kind, drive, queue, a, b, c));
  }
  void record(DriveFact fact, std::uint64_t b, std::uint64_t c = 0) const {
    record(EventKind::drive_fact, 0, static_cast<std::uint32_t>(fact), b, c);
  }
};

}  // namespace phasebit::sim
