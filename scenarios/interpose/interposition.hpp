// What happens at the seam apart from the accesses themselves: events, faults, and what can be known of the device from outside.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>

#include "scenarios/interpose/command_table.hpp"
#include "scenarios/interpose/drive_facts.hpp"
#include "scenarios/interpose/held_writes.hpp"
#include "scenarios/interpose/host_regions.hpp"
#include "scenarios/interpose/queue_views.hpp"
#include "scenarios/interpose/recorder.hpp"
#include "scenarios/interpose/register_view.hpp"
#include "scenarios/interpose/status_view.hpp"
#include "scenarios/interpose/transfer_trace.hpp"
#include "sim/faults/fault_plan.hpp"
#include "src/base/error.hpp"

namespace phasebit::scenarios {

/// The part of Interposed<B> that does not depend on B. It never touches the backend: it says what to do there.
class Interposition {
 public:
  enum class ReadWay : std::uint8_t { whole, torn, absent };
  enum class WriteWay : std::uint8_t { lands, held, lost };

  Interposition(sim::Stream& stream, sim::FaultPlan& faults, Clock& clock, std::uint8_t drive, std::pmr::memory_resource* memory);
  Interposition(const Interposition&) = delete;
  Interposition& operator=(const Interposition&) = delete;

  // Before any access.
  /// Lets time pass: faults begin and end.
  void let_time_pass();
  /// A write that was held back long enough is to land; `by` never: any.
  std::optional<HeldWrite> take_held(Instant by) { return held_.take(by); }
  Instant now() const { return recorder_.now(); }
  /// Wanted once after the host was made to believe that the device cannot reach its memory any more: bus mastering is to be cleared, and
  /// CC to be written if there is a value for it.
  struct CutOff {
    bool wanted = false;
    std::optional<std::uint32_t> configuration;
  };
  CutOff take_cut_off();
  /// The device is not there any more.
  void vanish();
  Instant next_due() const;

  // Registers.
  bool absent() const;
  /// CSTS is read before the plan is asked, because a look that shows nothing new counts for less.
  void begin_status_read(std::uint32_t device);
  std::uint32_t end_status_read(std::uint32_t device);
  ReadWay begin_read(std::uint32_t at, std::uint32_t bytes);
  void end_read(std::uint32_t at, std::uint32_t bytes, std::uint64_t value);
  WriteWay begin_write(std::uint32_t at, std::uint32_t bytes, std::uint64_t value);
  /// The write takes effect; the value that the device is to be given, or nothing if it needs none.
  std::optional<std::uint64_t> land(std::uint32_t at, std::uint32_t bytes, std::uint64_t value);
  /// The device was given it.
  void landed();

  // Configuration space and memory.
  void record(const Event& event) { recorder_.append(event); }
  void config_read(std::uint32_t offset, std::uint32_t value) { recorder_.append(EventKind::config_read, 0, offset, value); }
  /// True if a write there leaves bus mastering as it is.
  bool keeps_bus_master(std::uint32_t offset) const;
  void config_write(std::uint32_t offset, std::uint16_t value) { recorder_.append(EventKind::config_write, 0, offset, value, 2); }
  void allocated(const DmaRegion& region);
  void freed(const DmaRegion& region);
  void mapped(std::span<std::byte> memory, DmaRights rights, Iova iova);
  void unmapped(std::span<std::byte> memory, const Result<void>& result);
  /// Memory of the device's own that queues may lie in.
  void knows(const DmaRegion& region) { regions_.add(region); }

  // Completion queues.
  CompletionView* queue_of(const Le32& dword) { return queues_.containing(dword); }
  /// The dword that the backend is to load for this one; nullptr if none.
  const Le32* behind(CompletionView& view, const Le32& dword);
  /// What the host is given where the backend gave `loaded` for the dword behind.
  std::uint32_t see(CompletionView& view, const Le32& dword, std::optional<std::uint32_t> loaded, bool acquire);
  /// The head doorbell to ring by itself so that the device has room again.
  struct Ring {
    std::uint32_t offset = 0;
    std::uint32_t value = 0;
  };
  std::optional<Ring> take_ring(CompletionView& view);

 private:
  void carry_out_faults();
  std::uint32_t shown_status(std::uint32_t device);
  void remove();
  void lose(std::uint32_t at, std::uint32_t bytes, std::uint64_t value);
  void land_configuration(spec::Cc before, spec::Cc after);
  std::optional<std::uint64_t> land_doorbell(std::uint32_t at, std::uint64_t value);

  void hand_over(Qid sqid, SubmissionView& queue, std::uint32_t tail);
  void hand_over_one(Qid sqid, const SubmissionView& queue, std::uint32_t slot);
  void trace_transfer(const OutstandingCommand& command);
  void decide_fate(OutstandingCommand& command);

  void take_entry(CompletionView& view);
  void learn(const OutstandingCommand& command, const spec::CqeDwords& dwords);
  void pass_on(CompletionView& view, const OutstandingCommand& command, ShownEntry entry);
  void show_or_hold(CompletionView& view, const ShownEntry& entry, Instant due, std::uint32_t later_entries);
  void show(CompletionView& view, const ShownEntry& entry);

  Recorder recorder_;
  sim::FaultPlan& faults_;
  HostRegions regions_;
  RegisterView registers_;
  StatusView status_;
  DriveFacts facts_;
  TransferTrace trace_;
  QueueViews queues_;
  CommandTable commands_;
  HeldWrites held_;

  bool gone_ = false;
  CutOff cut_off_;
  bool status_known_ = false;
  std::uint32_t status_shown_ = 0;  ///< CSTS as last read
  std::uint32_t status_told_ = 0;   ///< as register_changed last told
  std::uint64_t fetches_ = 0;
};

}  // namespace phasebit::scenarios
