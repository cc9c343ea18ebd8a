#include "scenarios/interpose/interposition.hpp"

#include <algorithm>
#include <string>

#include "scenarios/interpose/can.hpp"
#include "src/base/assert.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::scenarios {
namespace {

using sim::ControllerMoment;
using sim::Fault;
using sim::FiredFaults;
using sim::RegisterPlace;
using sim::Verb;
namespace offset = spec::offset;

constexpr std::uint32_t lost = 1u << 8;

constexpr std::uint64_t all_ones(std::uint32_t bytes) {
  return bytes == 8 ? spec::all_ones64 : spec::all_ones32;
}

}  // namespace

Interposition::Interposition(sim::Stream& stream, sim::FaultPlan& faults, Clock& clock, std::uint8_t drive,
                             std::pmr::memory_resource* memory)
    : recorder_(stream, clock, drive),
      faults_(faults),
      regions_(memory),
      registers_(recorder_),
      status_(faults, drive),
      facts_(recorder_, regions_, memory),
      trace_(recorder_, regions_),
      queues_(recorder_, regions_, memory),
      commands_(memory),
      held_(memory) {
  for (std::size_t i = 0; i < faults.size(); ++i) {
    std::string reason;
    PHASEBIT_ASSERT(can(faults.fault(i), reason));
  }
}

void Interposition::let_time_pass() {
  if (faults_.size() == 0) {
    return;
  }
  recorder_.tick();
  if (faults_.next_due() <= recorder_.now()) {
    faults_.lift_expired();
    carry_out_faults();
  }
}

Instant Interposition::next_due() const {
  return std::min({faults_.next_due(), held_.next_due(), queues_.next_due(), status_.next_due(recorder_.now())});
}

Interposition::CutOff Interposition::take_cut_off() {
  const CutOff wanted = cut_off_;
  cut_off_ = {};
  return wanted;
}

void Interposition::carry_out_faults() {
  for (sim::TimedFault struck = faults_.next_timed(); struck.fault != nullptr; struck = faults_.next_timed()) {
    const Fault& fault = *struck.fault;
    if (struck.drive != recorder_.drive()) {
      continue;
    }
    if (fault.what == Verb::surprise_removal) {
      remove();
    } else if (fault.what == Verb::all_ones && fault.lasts.ns == 0) {
      cut_off_.wanted = true;  // The host will take its memory back, as from a function that is gone.
    } else if (fault.what == Verb::fatal) {
      status_.become_fatal(fault.lasts.ns == 0 ? never : recorder_.now() + fault.lasts);
    }
  }
}

void Interposition::remove() {
  if (gone_) {
    return;
  }
  cut_off_.wanted = true;
  if (registers_.cc().get(spec::Cc::en)) {
    cut_off_.configuration = registers_.cc().with(spec::Cc::en, false).raw;
  }
  vanish();
}

void Interposition::vanish() {
  if (gone_) {
    return;
  }
  gone_ = true;
  recorder_.append(EventKind::function_gone, 0, 1);
  while (const auto write = held_.take(never)) {
    lose(write->offset, write->bytes, write->value);
  }
  queues_.freeze_all();
  commands_.clear();
  registers_.forget_writes();
}

bool Interposition::absent() const {
  return gone_ || faults_.active(recorder_.drive(), Verb::all_ones) != nullptr;
}

bool Interposition::keeps_bus_master(std::uint32_t offset) const {
  return offset == spec::pci::config::command && faults_.active(recorder_.drive(), Verb::bus_master_stuck) != nullptr;
}

std::uint32_t Interposition::shown_status(std::uint32_t device) {
  const bool nothing = absent() || device == spec::all_ones32;
  return nothing ? spec::all_ones32 : status_.shown(spec::Csts{device}, recorder_.now()).raw;
}

void Interposition::begin_status_read(std::uint32_t device) {
  recorder_.tick();
  const bool quiet = status_known_ && shown_status(device) == status_shown_;
  const RegisterPlace place{recorder_.drive(), offset::csts, 4, !quiet};
  faults_.on_access(place);
  faults_.on_register_read(place);
  carry_out_faults();
}

std::uint32_t Interposition::end_status_read(std::uint32_t device) {
  const std::uint32_t value = shown_status(device);
  if (status_known_ && value == status_shown_) {
    return value;
  }
  status_known_ = true;
  status_shown_ = value;
  if (value != spec::all_ones32 && value != status_told_) {
    status_told_ = value;
    recorder_.append(EventKind::register_changed, 0, offset::csts, value);
  }
  recorder_.append(EventKind::register_read, 0, offset::csts, value, 4);
  return value;
}

Interposition::ReadWay Interposition::begin_read(std::uint32_t at, std::uint32_t bytes) {
  recorder_.tick();
  const RegisterPlace place{recorder_.drive(), at, bytes, true};
  faults_.on_access(place);
  const FiredFaults fired = faults_.on_register_read(place);
  carry_out_faults();
  if (absent()) {
    return ReadWay::absent;
  }
  return fired.has(Verb::torn_register_read) ? ReadWay::torn : ReadWay::whole;
}

void Interposition::end_read(std::uint32_t at, std::uint32_t bytes, std::uint64_t value) {
  if (value != all_ones(bytes)) {
    registers_.on_read(at, bytes, value);
  }
  recorder_.append(EventKind::register_read, 0, at, value, bytes);
}

Interposition::WriteWay Interposition::begin_write(std::uint32_t at, std::uint32_t bytes, std::uint64_t value) {
  recorder_.tick();
  const RegisterPlace place{recorder_.drive(), at, bytes, true};
  faults_.on_access(place);
  const FiredFaults fired = faults_.on_register_write(place);
  carry_out_faults();
  if (absent() || fired.has(Verb::lost_doorbell)) {
    lose(at, bytes, value);
    return WriteWay::lost;
  }
  const Fault* late = fired.find(Verb::late_doorbell);
  if (late == nullptr && held_.empty()) {
    return WriteWay::lands;
  }
  const Duration delay = late == nullptr ? Duration{} : late->delay.ns != 0 ? late->delay : milliseconds(1);
  held_.hold({at, bytes, value, recorder_.now() + delay});
  return WriteWay::held;
}

void Interposition::lose(std::uint32_t at, std::uint32_t bytes, std::uint64_t value) {
  recorder_.append(EventKind::register_write, 0, at, value, bytes | lost);
}

std::optional<std::uint64_t> Interposition::land(std::uint32_t at, std::uint32_t bytes, std::uint64_t value) {
  if (absent()) {
    lose(at, bytes, value);
    return std::nullopt;
  }
  recorder_.append(EventKind::register_write, 0, at, value, bytes);
  const spec::Cc before = registers_.cc();
  registers_.on_write(at, bytes, value);
  if (at == offset::cc) {
    land_configuration(before, registers_.cc());
  }
  return at >= offset::doorbells ? land_doorbell(at, value) : value;
}

void Interposition::landed() {
  carry_out_faults();
}

void Interposition::land_configuration(spec::Cc before, spec::Cc after) {
  const std::uint8_t drive = recorder_.drive();
  const bool was_enabled = before.get(spec::Cc::en);
  const bool enabled = after.get(spec::Cc::en);
  if (!was_enabled && enabled) {
    queues_.close_all();  // those of an earlier life, which the host may not have looked through yet, included
    commands_.clear();
    queues_.make_admin(registers_.aqa(), registers_.asq(), registers_.acq());
    status_.on_enabling(faults_.on_controller_state(drive, ControllerMoment::enabling));
  } else if (was_enabled && !enabled) {
    queues_.close_all();
    status_.on_disabling(faults_.on_controller_state(drive, ControllerMoment::disabling));
  }
  const spec::Shn shn = after.get(spec::Cc::shn);
  if (shn != before.get(spec::Cc::shn) && shn != spec::Shn::none) {
    status_.on_shutting_down(faults_.on_controller_state(drive, ControllerMoment::shutting_down));
  }
}

std::optional<std::uint64_t> Interposition::land_doorbell(std::uint32_t at, std::uint64_t value) {
  const auto name = registers_.doorbell(at);
  if (!name) {
    return value;
  }
  if (name->kind == spec::DoorbellKind::completion_head) {
    CompletionView* view = queues_.completion(name->qid);
    return view == nullptr ? value : view->translate_head(static_cast<std::uint32_t>(value));
  }
  const auto tail = static_cast<std::uint32_t>(value & 0xffff);
  SubmissionView* queue = queues_.submission(name->qid);
  const bool ready = spec::Csts{status_told_}.get(spec::Csts::rdy);  // else no controller fetches, as far as its host knows
  if (queue != nullptr && ready && tail < queue->entries) {
    hand_over(name->qid, *queue, tail);
  }
  return value;
}

void Interposition::allocated(const DmaRegion& region) {
  regions_.add(region);
  recorder_.append(EventKind::dma_allocated, 0, 0, region.iova.value, region.bytes);
}

void Interposition::freed(const DmaRegion& region) {
  if (regions_.find(region.span()) != nullptr) {
    recorder_.append(EventKind::dma_freed, 0, 0, region.iova.value, region.bytes);
    queues_.forget_memory(region.span());
    regions_.remove(region.span());
  }
}

void Interposition::mapped(std::span<std::byte> memory, DmaRights rights, Iova iova) {
  if (regions_.add({memory.data(), memory.size(), iova}) == 1) {
    recorder_.append(EventKind::dma_mapped, 0, static_cast<std::uint32_t>(rights), iova.value, memory.size());
  }
}

void Interposition::unmapped(std::span<std::byte> memory, const Result<void>& result) {
  const HostRegion* region = regions_.find(memory);
  if (region == nullptr) {
    return;
  }
  const bool refused = !result && result.error() == Errc::busy;
  if (refused || (result && region->count == 1)) {
    recorder_.append(EventKind::dma_unmapped, 0, refused ? 1 : 0, region->iova.value, region->bytes);
  }
  if (result) {
    if (region->count == 1) {
      queues_.forget_memory(memory);
    }
    regions_.remove(memory);
  }
}

}  // namespace phasebit::scenarios
