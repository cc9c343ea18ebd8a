// What goes through the queues: commands as they are handed over, completions as they are shown.
#include <cstring>

#include "scenarios/interpose/interposition.hpp"
#include "src/base/ring_index.hpp"
#include "src/spec/status.hpp"

namespace phasebit::scenarios {
namespace {

using sim::Fault;
using sim::FiredFaults;
using sim::Verb;
using spec::AdminOpcode;
using spec::CqeDword2;
using spec::CqeDword3;

constexpr std::uint32_t no_register = ~0u;

/// Where an emulated drive takes a cycle; two loads are hardly ever nearer to each other.
constexpr Duration shape_step = microseconds(1);

Duration delay_or(const Fault& fault, Duration otherwise) {
  return fault.delay.ns != 0 ? fault.delay : otherwise;
}

std::uint16_t mask_or(const Fault& fault, std::uint16_t otherwise) {
  return fault.value != 0 ? static_cast<std::uint16_t>(fault.value) : otherwise;
}

/// What the plan makes of one completion.
struct Fate {
  bool dropped = false;
  bool duplicated = false;
  Duration delay;
  std::uint32_t later_entries = 0;
  Duration duplicate_delay;
};

void falsify(ShownEntry& entry, Fate& fate, const Fault& fault) {
  std::uint32_t& dword2 = entry.dwords[2];
  std::uint32_t& dword3 = entry.dwords[3];
  switch (fault.what) {
    case Verb::drop:
      fate.dropped = true;
      return;
    case Verb::delay:
      fate.delay = fate.delay + fault.delay;
      return;
    case Verb::duplicate:
      fate.duplicated = true;
      fate.duplicate_delay = delay_or(fault, shape_step);
      return;
    case Verb::reorder:
      fate.later_entries = fault.value != 0 ? static_cast<std::uint32_t>(fault.value) : 1;
      fate.delay = delay_or(fault, milliseconds(1));
      return;
    case Verb::wrong_cid:
      dword3 ^= mask_or(fault, 0xffff);
      return;
    case Verb::wrong_sqid:
      dword2 ^= static_cast<std::uint32_t>(mask_or(fault, 1)) << 16;
      return;
    case Verb::wrong_sqhd:
      entry.sqhd_xor = mask_or(fault, 1);
      return;
    case Verb::torn_cqe:
      entry.shape = EntryShape::torn;
      entry.step = delay_or(fault, shape_step);
      return;
    case Verb::early_phase:
      entry.shape = EntryShape::early_phase;
      entry.step = delay_or(fault, shape_step);
      return;
    case Verb::stale_phase:
      entry.shape = EntryShape::stale_phase;
      entry.step = fault.delay;
      return;
    default:
      return;
  }
}

}  // namespace

void Interposition::hand_over(Qid sqid, SubmissionView& queue, std::uint32_t tail) {
  while (queue.tail != tail) {
    if (queue.memory != nullptr) {
      hand_over_one(sqid, queue, queue.tail);
    }
    queue.tail = next_slot(queue.tail, queue.entries);
  }
}

void Interposition::hand_over_one(Qid sqid, const SubmissionView& queue, std::uint32_t slot) {
  spec::Sqe sqe;
  std::memcpy(&sqe, queue.memory + std::uint64_t{slot} * spec::sqe_bytes, sizeof sqe);
  recorder_.append(EventKind::sqe_fetched, sqid.value, sqe.cid | slot << 16,
                   sqe.opcode | std::uint64_t{sqe.flags} << 8 | static_cast<std::uint64_t>(sqe.nsid) << 32, fetches_++);
  for (std::uint32_t part = 0; part < 4; ++part) {
    Le64 words[2];
    std::memcpy(words, reinterpret_cast<const std::byte*>(&sqe) + part * sizeof words, sizeof words);
    recorder_.append(EventKind::sqe_part, sqid.value, part, words[0], words[1]);
  }
  OutstandingCommand& command = commands_.insert(sqid, spec::cid_of(sqe));
  command.sqe = sqe;
  const auto create = spec::CreateIoCompletionQueue::from(sqe);
  if (sqid == admin_qid && sqe.opcode == static_cast<std::uint8_t>(AdminOpcode::create_io_cq) && create.contiguous) {
    command.slots_with_phase = queues_.slots_with_phase(create.base, create.entries);
  }
  trace_transfer(command);
  decide_fate(command);
}

void Interposition::trace_transfer(const OutstandingCommand& command) {
  const auto transfer = transfer_of(command.sqid, command.sqe, facts_.block_bytes(spec::nsid_of(command.sqe)));
  const std::uint64_t bytes_max = facts_.transfer_bytes_max(registers_.cap());
  if (transfer && transfer->bytes <= bytes_max) {  // more than MDTS is refused before its memory is looked at
    trace_.trace(command.sqid, command.sqe, *transfer, spec::page_bytes(registers_.cc()));
  }
}

/// What strikes at the fetch or at the execution of a command is known when it is handed over: from then on it is the device's.
void Interposition::decide_fate(OutstandingCommand& command) {
  if (faults_.size() == 0) {
    return;
  }
  const sim::CommandPlace place{recorder_.drive(), command.sqid, command.cid,
                                std::as_bytes(std::span<const spec::Sqe, 1>(&command.sqe, 1))};
  faults_.on_fetch(place);
  const FiredFaults fired = faults_.on_command(place);
  for (const Fault* fault : fired.all()) {
    command.dropped = command.dropped || fault->what == Verb::drop;
    command.delay = command.delay + (fault->what == Verb::delay ? fault->delay : Duration{});
    command.status = fault->what == Verb::status ? static_cast<std::uint16_t>(fault->value) : command.status;
  }
}

const Le32* Interposition::behind(CompletionView& view, const Le32& dword) {
  if (!view.transparent()) {
    view.land_parts(recorder_.now());
    while (const auto entry = view.take_due(recorder_.now())) {
      show(view, *entry);
    }
  }
  return view.behind(dword);
}

std::uint32_t Interposition::see(CompletionView& view, const Le32& dword, std::optional<std::uint32_t> loaded, bool acquire) {
  const CompletionView::Place place = view.place(dword);
  if (view.has_new(place, place.dword == 3 ? loaded : std::nullopt)) {
    recorder_.tick();
    take_entry(view);
    carry_out_faults();
  }
  const bool fresh = view.is_fresh(place);
  if (fresh) {
    faults_.on_access({recorder_.drive(), no_register, 4, true});
    carry_out_faults();
    view.set_loaded(place);
  }
  const std::uint32_t value = view.transparent() ? *loaded : view.dword(place);
  if (fresh) {
    recorder_.append(EventKind::cqe_loaded, view.id().value, place.slot | place.dword << 16, value, acquire ? 1 : 0);
  }
  return value;
}

void Interposition::take_entry(CompletionView& view) {
  ShownEntry entry;
  entry.dwords = view.take();
  const CqeDword2 dword2{entry.dwords[2]};
  entry.sqid = spec::sqid_of(dword2);
  if (SubmissionView* queue = queues_.submission(entry.sqid); queue != nullptr) {
    queue->newest_head = spec::sqhd_of(dword2);
  }
  const OutstandingCommand* found = commands_.find(entry.sqid, spec::cid_of(CqeDword3{entry.dwords[3]}));
  if (found == nullptr) {  // An answer to nothing that was asked: the host shall see it.
    return show_or_hold(view, entry, recorder_.now(), 0);
  }
  const OutstandingCommand command = *found;
  commands_.erase(command.sqid, command.cid);
  if (command.sqid == admin_qid && !view.closed()) {
    learn(command, entry.dwords);
  }
  pass_on(view, command, entry);
}

void Interposition::learn(const OutstandingCommand& command, const spec::CqeDwords& dwords) {
  if (!spec::is_success(spec::status_of(CqeDword3{dwords[3]}))) {
    return;
  }
  const Qid qid = spec::queue_id_of(command.sqe);
  switch (static_cast<AdminOpcode>(command.sqe.opcode)) {
    case AdminOpcode::create_io_sq:
      return qid == admin_qid ? void() : queues_.make(spec::CreateIoSubmissionQueue::from(command.sqe));
    case AdminOpcode::create_io_cq:
      return qid == admin_qid ? void() : queues_.make(spec::CreateIoCompletionQueue::from(command.sqe), command.slots_with_phase);
    case AdminOpcode::delete_io_sq:
      return qid == admin_qid ? void() : queues_.remove_submission(qid);
    case AdminOpcode::delete_io_cq:
      return qid == admin_qid ? void() : queues_.remove_completion(qid);
    default:
      return facts_.on_success(command.sqe, dwords[0], spec::page_bytes(registers_.cc()));
  }
}

void Interposition::pass_on(CompletionView& view, const OutstandingCommand& command, ShownEntry entry) {
  const FiredFaults fired =
      faults_.on_completion({recorder_.drive(), command.sqid, command.cid, std::as_bytes(std::span<const spec::Sqe, 1>(&command.sqe, 1))});
  Fate fate{command.dropped, false, command.delay, 0, {}};
  if (!fired.empty() || command.dropped || command.status != 0) {
    view.end_transparency();
  }
  if (command.status != 0) {
    entry.dwords[3] = CqeDword3{entry.dwords[3]}.with(CqeDword3::status, command.status).raw;
  }
  for (const Fault* fault : fired.all()) {
    falsify(entry, fate, *fault);
  }
  const Instant due = recorder_.now() + fate.delay;
  if (fate.duplicated) {
    view.hold(entry, due + fate.duplicate_delay);
  }
  if (!fate.dropped) {
    show_or_hold(view, entry, due, fate.later_entries);
  }
}

void Interposition::show_or_hold(CompletionView& view, const ShownEntry& entry, Instant due, std::uint32_t later_entries) {
  if (due <= recorder_.now() && later_entries == 0 && view.has_room()) {
    return show(view, entry);
  }
  view.end_transparency();
  view.hold(entry, due, later_entries);
}

/// SQHD is the newest one that the device has told, so that an entry that comes late takes nothing back.
void Interposition::show(CompletionView& view, const ShownEntry& entry) {
  ShownEntry now = entry;
  const SubmissionView* queue = queues_.submission(entry.sqid);
  CqeDword2 dword2{entry.dwords[2]};
  const std::uint32_t head = queue == nullptr ? dword2.get(CqeDword2::sqhd) : queue->newest_head;
  now.dwords[2] = dword2.with(CqeDword2::sqhd, head ^ entry.sqhd_xor).raw;
  const CompletionView::Shown shown = view.show(now, recorder_.now());
  recorder_.append(EventKind::cqe_posted, view.id().value, shown.slot | (shown.phase ? 1u : 0u) << 16,
                   shown.dwords[0] | std::uint64_t{shown.dwords[1]} << 32, shown.dwords[2] | std::uint64_t{shown.dwords[3]} << 32);
}

std::optional<Interposition::Ring> Interposition::take_ring(CompletionView& view) {
  const auto head = view.head_to_ring();
  if (!head) {
    return std::nullopt;
  }
  const auto offset = spec::doorbell_offset(registers_.cap(), view.id(), spec::DoorbellKind::completion_head);
  return Ring{static_cast<std::uint32_t>(offset), *head};
}

}  // namespace phasebit::scenarios
