// A world: drives, host memory, clock, faults and stream wired together. One seed, one world, one stream.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>

#include "sim/faults/fault_plan.hpp"
#include "sim/memory/host_memory.hpp"
#include "sim/memory/region.hpp"
#include "sim/stream/stream.hpp"
#include "sim/world/drive.hpp"
#include "sim/world/emulated_backend.hpp"
#include "sim/world/emulated_bus.hpp"
#include "sim/world/world_options.hpp"

namespace phasebit::sim {

class World;
struct DestroyWorld {
  void operator()(World* world) const;
};
using WorldPointer = std::unique_ptr<World, DestroyWorld>;

/// Makes a world in the region, which has nothing else of another world in it. The options are valid.
WorldPointer make_world(const WorldOptions& options, Region& region);

/// Holds no rule of the specification. One cycle is always: faults begin and end; stores that are due reach the registers; the controllers
/// pick, fetch, execute and complete; what happened stands in the stream.
class World {
 public:
  World(const WorldOptions& options, Region& region);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  EmulatedBus& bus() { return bus_; }
  Stream& stream() { return stream_; }
  FaultPlan& faults() { return faults_; }
  HostMemory& host() { return host_; }
  const WorldOptions& options() const { return options_; }
  std::uint64_t seed() const { return options_.seed; }
  std::uint8_t drives() const { return static_cast<std::uint8_t>(slots_.size()); }
  Drive& drive(std::uint8_t index) { return slots_[index].drive; }
  EmulatedBackend& backend(std::uint8_t index) { return slots_[index].backend; }

  // Time.
  Instant now() const { return stream_.now(); }
  /// One cycle.
  void step() { advance_to(now() + options_.cycle); }
  /// Every cycle up to the first one that is not before `until`. Of cycles in which nothing is due only as many are gone through as
  /// step_idle_cycles says; the stream is the same.
  void run_until(Instant until);
  /// The same, but no further than to where an interrupt was sent or the bus has something to tell; true if so. The interrupts that were
  /// sent so far, before the call too, are thereby taken.
  bool run_until_interrupt(Instant until);
  void step_cycles(std::uint64_t cycles) { run_until(now() + options_.cycle * cycles); }
  /// Up to `most` of each run of idle cycles are stepped through before the rest is skipped. Without it none is.
  void step_idle_cycles(std::uint64_t most) { idle_cycles_stepped_ = most; }
  /// The earliest instant at which something happens by itself; it may be now, and `never` for a world at rest.
  Instant next_due() const;

  // Power and presence, from outside; the fault plan does the same by itself.
  /// Everything that is not durable may be lost: `outcome` counts as Media::count_outcomes says.
  void power_cut(std::uint8_t drive, std::uint64_t outcome);
  void power_on(std::uint8_t drive);
  void remove(std::uint8_t drive);
  void give_back(std::uint8_t drive);
  /// Lifts every fault, those of the media too: links and power that a fault took come back.
  void heal();

  /// For the simulated host: memory for user data, at drawn offsets, with old content (HostMemory::allocate_buffer).
  Result<std::span<std::byte>> allocate_buffer(std::uint64_t bytes) { return host_.allocate_buffer(bytes); }
  /// `busy` while any drive has a mapping of a byte of it.
  Result<void> free_buffer(std::span<const std::byte> buffer);

  // Within accesses of the host.
  /// As many cycles as the seed says for the event just recorded; none if that is switched off.
  void interleave();
  /// Carries out what has struck and is not the site's own business.
  void carry_out_faults();
  void released(std::uint8_t drive);

  /// Everything that decides the future, field by field, in canonical order.
  std::uint64_t fingerprint() const;

  /// The region's bytes, which hold this world and whatever else its user placed there.
  RegionSnapshot snapshot() const;
  void restore(const RegionSnapshot& snapshot);

 private:
  struct Slot {
    Slot(std::uint8_t index, World& world, std::pmr::memory_resource* memory)
        : drive(index, world.options_, world.host_, world.faults_, world.stream_, memory), backend(world, drive) {}
    Drive drive;
    EmulatedBackend backend;
    std::optional<Verb> down_by;  ///< the fault that took it away and will give it back
    Instant removal_due = never;  ///< of an orderly removal that was asked for
  };

  void advance_to(Instant instant);
  bool take_interrupts();
  void work();
  Instant tick(Instant instant) const;
  Instant due_of(const Slot& slot) const;
  void settle(Slot& slot);
  void carry_out(const Fault& fault, Slot& slot);
  void take_away(Slot& slot, std::uint64_t cut_outcome, std::uint32_t removal);
  void bring_back(Slot& slot);
  void flap_link(Slot& slot);
  void ask_for_removal(Slot& slot, Duration delay);

  const WorldOptions options_;
  Region& region_;
  Stream stream_;
  HostMemory host_;
  FaultPlan faults_;
  EmulatedBus bus_;
  std::pmr::deque<Slot> slots_;
  std::uint64_t idle_cycles_stepped_ = 0;
};

}  // namespace phasebit::sim
