// A backend around another one, a real drive's included: it records what passes the seam, and makes things go wrong there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>

#include "scenarios/interpose/can.hpp"
#include "scenarios/interpose/interposition.hpp"
#include "sim/faults/fault_plan.hpp"
#include "sim/stream/stream.hpp"
#include "src/backend/backend.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::scenarios {

/// Satisfies Backend itself. Without faults it changes nothing: the same accesses reach the inner backend in the same order, and nothing
/// else does. What can go wrong here is said by `can` (scenarios/interpose/can.hpp); a plan with a fault that cannot is a broken promise.
///
/// The stream has the events that an emulated drive would have given for the same accesses, with the same conventions: a CSTS that has not
/// changed and an empty completion queue slot are none. Events of the device's own side are derived where they can be known from outside:
///
/// | event | when it is emitted |
/// |---|---|
/// | register_changed | of CSTS, when the host first reads the new value |
/// | drive_fact capabilities | when the host has read CAP, and again VS |
/// | drive_fact identify_limits, entry_sizes | when Identify Controller (CNS 01h) has completed |
/// | drive_fact namespace_state | when Identify Namespace (CNS 00h) has; inactive once the active list (CNS 02h) lacks it |
/// | drive_fact queue_grant | when Set Features, Number of Queues, has completed |
/// | sqe_fetched, sqe_part, prp_entry, dma_access | when the tail doorbell reaches the device: from then on the entry is the device's |
/// | queue_made, queue_deleted | the admin queues when CC.EN is set; others when the command has completed |
/// | cqe_posted | when the host first looks at the entry, as it is shown |
/// | function_gone | when a fault takes it away, or the caller knows that it `vanish`ed |
///
/// So host-side rules (sim/monitor) are judged by what the host has done and by what it can have known:
///
/// | rules | judged? |
/// |---|---|
/// | REG-04 05 09 10 15, INI-03 to 10, 20 23 24, QUE-01 to 07 11 to 13 16 to 18 20 21 24 25 27 32, CMD-01 10, RST-05 11 | yes |
/// | INI-01 02 18, RST-01 04 06 10 | yes, by the CSTS that the host has read: one that never looks is taken not to know |
/// | INI-27, QUE-15 | yes; a queue exists once the host was told that it does |
/// | CMD-06 09 11 12 15 16 | yes, once the host has identified controller and namespace; I/O to one that it never identified is CMD-06 |
/// | DMA-01 to 04 07 13 21 | yes, by following the addresses as a device would: of I/O to an identified namespace, Dataset Management, Identify, |
/// | | Get Log Page and those features whose data src/spec knows; of other commands the length is not known, of SGLs nothing |
/// | DMA-08 | only where the inner backend refuses to unmap, as the emulated drive's does: what a real device still uses is not known |
/// | QUE-19 | no: what the device has fetched is not known (QUE-21, the stricter one, is judged) |
///
/// Everything runs on one thread: events have one order. A plan serves one Interposed and reads its stream (the caller adds it as a
/// reader). The inner backend's own stream, if it has one, is another one.
template <Backend B>
class Interposed {
 public:
  /// All of it outlives this. `memory` is used when queues are made and when more than ever is outstanding, mapped or held back.
  Interposed(B& inner, sim::Stream& stream, sim::FaultPlan& faults, Clock& clock, std::pmr::memory_resource* memory, std::uint8_t drive = 0)
      : inner_(inner), core_(stream, faults, clock, drive, memory) {}
  Interposed(const Interposed&) = delete;
  Interposed& operator=(const Interposed&) = delete;

  B& inner() { return inner_; }

  std::uint64_t bar_bytes() { return inner_.bar_bytes(); }
  std::uint32_t read32(std::uint32_t offset) {
    return offset == spec::offset::csts ? read_status() : static_cast<std::uint32_t>(read(offset, 4));
  }
  std::uint64_t read64(std::uint32_t offset) { return read(offset, 8); }
  void write32(std::uint32_t offset, std::uint32_t value) { write(offset, 4, value); }
  void write64(std::uint32_t offset, std::uint64_t value) { write(offset, 8, value); }

  std::uint32_t config_read32(std::uint32_t offset) {
    push();
    const std::uint32_t value = core_.absent() ? spec::all_ones32 : inner_.config_read32(offset);
    core_.config_read(offset, value);
    return value;
  }
  void config_write16(std::uint32_t offset, std::uint16_t value) {
    push();
    core_.config_write(offset, value);
    if (!core_.absent()) {
      inner_.config_write16(offset, core_.keeps_bus_master(offset) ? with_present_bus_master(value) : value);
    }
  }

  Result<DmaRegion> allocate_dma(std::uint64_t bytes) {
    const Result<DmaRegion> region = inner_.allocate_dma(bytes);
    if (region) {
      core_.allocated(*region);
    }
    return region;
  }
  void free_dma(const DmaRegion& region) {
    core_.freed(region);
    inner_.free_dma(region);
  }
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights) {
    const Result<Iova> iova = inner_.map(memory, rights);
    if (iova) {
      core_.mapped(memory, rights, *iova);
    }
    return iova;
  }
  Result<void> unmap(std::span<std::byte> memory) {
    const Result<void> result = inner_.unmap(memory);
    core_.unmapped(memory, result);
    return result;
  }

  std::uint32_t load_acquire32(const Le32& dword) { return load(dword, true); }
  std::uint32_t load32(const Le32& dword) { return load(dword, false); }

  void record(const Event& event) {
    core_.record(event);
    inner_.record(event);
  }

  /// What the host writes there is read back, as what it writes to its own memory is.
  Result<DmaRegion> controller_memory(const BarRange& range)
    requires HasControllerMemory<B>
  {
    const Result<DmaRegion> region = inner_.controller_memory(range);
    if (region) {
      core_.knows(*region);
    }
    return region;
  }

  /// What is due by the clock: faults begin and end, writes that were held back land. Every access does this first; a caller that makes
  /// none for a while calls it at `next_due`.
  void work() {
    core_.let_time_pass();
    cut_off();
    land_held(core_.now());
  }
  /// The inner function is gone, and what the host does from here on reaches nothing.
  void vanish() { core_.vanish(); }
  /// When something happens here by itself; `never` if nothing does.
  Instant next_due() const { return core_.next_due(); }

 private:
  std::uint32_t inner_load(const Le32& dword, bool acquire) { return acquire ? inner_.load_acquire32(dword) : inner_.load32(dword); }

  std::uint32_t load(const Le32& dword, bool acquire) {
    CompletionView* view = core_.queue_of(dword);
    if (view == nullptr) {
      return inner_load(dword, acquire);
    }
    work();
    const Le32* behind = core_.behind(*view, dword);
    const auto loaded = behind == nullptr ? std::nullopt : std::optional(inner_load(*behind, acquire));
    const std::uint32_t value = core_.see(*view, dword, loaded, acquire);
    if (const auto ring = core_.take_ring(*view)) {
      inner_.write32(ring->offset, ring->value);
    }
    cut_off();
    return value;
  }

  std::uint32_t read_status() {
    push();
    const std::uint32_t device = core_.absent() ? spec::all_ones32 : inner_.read32(spec::offset::csts);
    core_.begin_status_read(device);
    cut_off();
    return core_.end_status_read(device);
  }

  std::uint64_t read(std::uint32_t offset, std::uint32_t bytes) {
    push();
    const Interposition::ReadWay way = core_.begin_read(offset, bytes);
    cut_off();
    const std::uint64_t value = read_inner(offset, bytes, way);
    core_.end_read(offset, bytes, value);
    return value;
  }

  std::uint64_t read_inner(std::uint32_t offset, std::uint32_t bytes, Interposition::ReadWay way) {
    switch (way) {
      case Interposition::ReadWay::absent:
        return bytes == 8 ? spec::all_ones64 : spec::all_ones32;
      case Interposition::ReadWay::torn: {
        const std::uint64_t low = inner_.read32(offset);
        return low | static_cast<std::uint64_t>(inner_.read32(offset + 4)) << 32;
      }
      case Interposition::ReadWay::whole:
        break;
    }
    return bytes == 8 ? inner_.read64(offset) : inner_.read32(offset);
  }

  void write(std::uint32_t offset, std::uint32_t bytes, std::uint64_t value) {
    work();
    const Interposition::WriteWay way = core_.begin_write(offset, bytes, value);
    cut_off();
    if (way != Interposition::WriteWay::lands) {
      return;
    }
    land(offset, bytes, value);
  }

  void land_held(Instant by) {
    while (const auto write = core_.take_held(by)) {
      land(write->offset, write->bytes, write->value);
    }
  }
  /// As `work`, for an access that pushes the writes before it.
  void push() {
    core_.let_time_pass();
    cut_off();
    land_held(never);
  }

  void land(std::uint32_t offset, std::uint32_t bytes, std::uint64_t value) {
    if (const auto given = core_.land(offset, bytes, value)) {
      if (bytes == 8) {
        inner_.write64(offset, *given);
      } else {
        inner_.write32(offset, static_cast<std::uint32_t>(*given));
      }
    }
    core_.landed();
    cut_off();
  }

  /// The host will reuse its memory: the device must not reach it.
  void cut_off() {
    const Interposition::CutOff wanted = core_.take_cut_off();
    if (!wanted.wanted) [[likely]] {
      return;
    }
    const spec::pci::Command command = present_command();
    inner_.config_write16(spec::pci::config::command, command.with(spec::pci::Command::bus_master, false).raw);
    if (wanted.configuration) {
      inner_.write32(spec::offset::cc, *wanted.configuration);
    }
  }

  spec::pci::Command present_command() const {
    return spec::pci::Command{static_cast<std::uint16_t>(inner_.config_read32(spec::pci::config::command))};
  }
  std::uint16_t with_present_bus_master(std::uint16_t command) const {
    using spec::pci::Command;
    return Command{command}.with(Command::bus_master, present_command().get(Command::bus_master)).raw;
  }

  B& inner_;
  Interposition core_;
};

}  // namespace phasebit::scenarios
