// What a controller may do with host memory: read and write it by IOVA, and say what it still needs. It never sees a host address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/faults/fault_plan.hpp"
#include "sim/memory/controller_memory.hpp"
#include "sim/memory/dma_ledger.hpp"
#include "sim/memory/iommu.hpp"
#include "sim/stream/stream.hpp"
#include "src/base/strong.hpp"

namespace phasebit::sim {

/// What is moved.
enum class DmaPurpose : std::uint8_t { submission_entry, completion_entry, prp_list, data };

/// For whom an access is made.
struct DmaContext {
  Qid queue;  ///< the submission queue; for completion entries the completion queue
  Cid cid;
  DmaPurpose purpose = DmaPurpose::data;
};

/// Somebody who wants to know which host bytes a device has just written.
struct DmaWatcher {
  virtual ~DmaWatcher() = default;
  virtual void on_device_write(std::span<const std::byte> host) = 0;
};

/// One per drive. Translates page by page. Data accesses are dma_access events and are asked of the fault plan; accesses to queue entries
/// and PRP lists, which have events of their own, are dma_access events only when they are refused. What begins in the drive's own memory
/// is no access to the host's: it needs no bus, and is an event only if it goes on where it is refused.
class DmaPort {
 public:
  DmaPort(std::uint8_t drive, Iommu& iommu, DmaLedger& ledger, FaultPlan& faults, Stream& stream)
      : drive_(drive), iommu_(iommu), ledger_(ledger), faults_(faults), stream_(stream) {}

  /// Host memory to the device. False if any byte was refused: bytes before it have been moved, the rest of `to` is unchanged.
  bool read(Iova iova, std::span<std::byte> to, DmaContext context);
  /// The device to host memory; as above.
  bool write(Iova iova, std::span<const std::byte> from, DmaContext context);

  /// From now on the memory belongs to the owner; the host may not unmap it (see DmaLedger).
  void own(const DmaOwner& owner, Iova iova, std::uint64_t bytes) { ledger_.take(owner, iova, bytes); }
  void disown(const DmaOwner& owner) { ledger_.release(owner); }
  void disown_all() { ledger_.release_all(); }

  /// The function's bus master bit: while it is off every access is refused.
  void set_bus_master(bool on) { bus_master_ = on; }
  void set_watcher(DmaWatcher* watcher) { watcher_ = watcher; }

  /// The drive's own memory; nullptr if there is none.
  void set_controller_memory(ControllerMemory* memory) { own_ = memory; }
  ControllerMemory* controller_memory() const { return own_; }
  bool is_own(Iova iova) const { return own_ != nullptr && own_->holds(iova); }

 private:
  Iommu::Translation translate(Iova iova, DmaDirection direction) const;
  template <class Move>
  DmaFault for_each_piece(Iova iova, std::uint64_t bytes, DmaDirection direction, Move move);
  void record(Iova iova, std::uint64_t bytes, DmaDirection direction, const DmaContext& context, DmaFault fault);
  FiredFaults ask(Iova iova, std::uint64_t bytes, DmaDirection direction, const DmaContext& context);

  std::uint8_t drive_;
  Iommu& iommu_;
  DmaLedger& ledger_;
  FaultPlan& faults_;
  Stream& stream_;
  DmaWatcher* watcher_ = nullptr;
  ControllerMemory* own_ = nullptr;
  bool bus_master_ = false;
};

}  // namespace phasebit::sim
