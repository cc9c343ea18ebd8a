// One emulated drive in its slot: function, IOMMU, controller and media wired together, and whether the host can reach it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <utility>

#include "sim/controller/controller.hpp"
#include "sim/faults/fault_plan.hpp"
#include "sim/media/media.hpp"
#include "sim/memory/controller_memory.hpp"
#include "sim/memory/dma_ledger.hpp"
#include "sim/memory/dma_port.hpp"
#include "sim/memory/host_memory.hpp"
#include "sim/memory/iommu.hpp"
#include "sim/pci/function.hpp"
#include "sim/stream/stream.hpp"
#include "sim/world/completion_watch.hpp"
#include "sim/world/posted_writes.hpp"
#include "sim/world/world_options.hpp"

namespace phasebit::sim {

/// Whether the host can reach the function.
enum class Presence : std::uint8_t { present, link_down, gone };

/// Holds no rule of the specification: it carries accesses to where they belong. What happens to it as a whole (power, removal, link) is
/// told to it by the world.
class Drive final : private InterruptSink {
 public:
  Drive(std::uint8_t index, const WorldOptions& options, HostMemory& host, FaultPlan& faults, Stream& stream,
        std::pmr::memory_resource* memory);
  Drive(const Drive&) = delete;
  Drive& operator=(const Drive&) = delete;
  ~Drive() override = default;

  std::uint8_t index() const { return index_; }
  PciAddress address() const { return function_.options().address; }
  Function& function() { return function_; }
  const Function& function() const { return function_; }
  Iommu& iommu() { return iommu_; }
  const Iommu& iommu() const { return iommu_; }
  const DmaLedger& ledger() const { return ledger_; }
  Media& media() { return media_; }
  const Media& media() const { return media_; }
  Controller& controller() { return controller_; }
  CompletionWatch& watch() { return watch_; }

  Presence presence() const { return presence_; }
  /// Counts each time that the function came back as a new one: a handle of an older one reaches nothing.
  std::uint32_t generation() const { return generation_; }
  /// Configuration space answers.
  bool answers() const { return presence_ == Presence::present && faults_.active(index_, Verb::all_ones) == nullptr; }
  /// The device can move data: only then does what it owns matter. What reads as all ones has no link to move it over.
  bool can_reach_memory() const { return answers() && function_.bus_master_enabled(); }
  bool owns(Iova iova, std::uint64_t bytes) const { return can_reach_memory() && ledger_.overlapping(iova, bytes) != nullptr; }

  /// What a load from BAR0 gives now; all ones where nothing answers. Changes nothing.
  std::uint64_t read(std::uint32_t offset, std::uint32_t bytes) const;
  /// The host's store is on its way and lands after `delay`.
  void post(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes, Duration delay);
  /// Records a store that has no effect.
  void lose(const PostedWrite& write);
  /// Lands every store that is on its way, as a load does; true if there was one.
  bool push_posted();

  std::uint32_t config_read32(std::uint32_t offset) const;
  void config_write16(std::uint32_t offset, std::uint16_t value);

  /// As HasControllerMemory says, for a host that has the function open.
  Result<DmaRegion> controller_memory(const BarRange& range);
  /// As HasInterrupts says, for a host that has the function open.
  std::uint32_t enable_interrupts(std::uint32_t wanted);
  /// An interrupt was sent that nobody has taken yet.
  bool has_interrupt() const { return has_interrupt_; }
  void take_interrupt() { has_interrupt_ = false; }

  // What the world does to it.
  void lose_power(std::uint64_t cut_outcome, std::uint32_t removal);  ///< removal: 0 none, 1 surprise, 2 orderly
  void regain_power();
  void drop_link();
  void restore_link();

  /// Stores that have landed by now take effect; the controller works.
  void land_due();
  void work();
  Instant next_due() const;

  void fingerprint(Hasher& hasher) const;

 private:
  static FunctionOptions function_options(std::uint8_t index, const DriveOptions& options);
  Wiring wiring(const WorldOptions& options, std::pmr::memory_resource* memory);
  void raise(std::uint16_t vector) override;
  void send_unmasked();
  void send(std::uint16_t vector);
  void land(const PostedWrite& write);
  void lose_posted();
  std::optional<std::size_t> own_memory_at(std::uint32_t offset) const;
  bool registers_answer() const { return answers() && function_.memory_space_enabled(); }
  void update_bus_master() { port_.set_bus_master(can_reach_memory()); }

  std::uint8_t index_;
  FaultPlan& faults_;
  Stream& stream_;
  Function function_;
  Iommu iommu_;
  DmaLedger ledger_;
  DmaPort port_;
  ControllerMemory own_memory_;
  BarRange own_place_;                                       ///< where own_memory_ lies
  std::optional<std::pair<BarRange, DmaRegion>> own_shown_;  ///< what the host was last shown of it
  CompletionWatch watch_;
  Media media_;
  Controller controller_;
  PostedWrites posted_;
  Presence presence_ = Presence::present;
  bool has_interrupt_ = false;
  bool removed_ = false;  ///< gone by removal, not for want of power
  std::uint32_t generation_ = 0;
};

}  // namespace phasebit::sim
