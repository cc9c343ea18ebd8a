#include "sim/controller/completer.hpp"

#include <algorithm>

namespace phasebit::sim {
namespace {

constexpr Duration one_cycle = nanoseconds(4);

Duration delay_or(const Fault& fault, Duration otherwise) {
  return fault.delay.ns != 0 ? fault.delay : otherwise;
}

std::uint16_t mask_or(const Fault& fault, std::uint16_t otherwise) {
  return fault.value != 0 ? static_cast<std::uint16_t>(fault.value) : otherwise;
}

template <class Timed>
bool earlier(const Timed& a, const Timed& b) {
  return a.due != b.due ? a.due < b.due : a.number < b.number;
}

}  // namespace

Completer::Completer(const Wiring& wiring, Queues& queues, CompletionListener& listener)
    : wiring_(wiring), queues_(queues), listener_(listener), pending_(wiring.memory), late_(wiring.memory) {
  pending_.reserve(wiring.options.commands_in_flight_max + 64);
  late_.reserve(64);
}

void Completer::insert(Pending pending) {
  pending_.insert(std::upper_bound(pending_.begin(), pending_.end(), pending, earlier<Pending>), pending);
}

bool Completer::complete(const Completion& completion, std::span<const std::byte, 64> sqe, Instant due) {
  const FiredFaults fired = wiring_.faults.on_completion({wiring_.drive, completion.sqid, completion.cid, sqe});
  if (fired.has(Verb::drop)) {
    return false;
  }
  Pending pending;
  pending.completion = completion;
  pending.due = due;
  pending.number = next_number_++;
  for (const Fault* fault : fired.all()) {
    switch (fault->what) {
      case Verb::delay:
        pending.due = pending.due + fault->delay;
        break;
      case Verb::reorder:
        pending.held_for = fault->value != 0 ? static_cast<std::uint32_t>(fault->value) : 1;
        pending.due = due + delay_or(*fault, milliseconds(1));
        break;
      case Verb::duplicate:
        pending.copy_after = delay_or(*fault, one_cycle);
        break;
      case Verb::lost_interrupt:
        pending.is_silent = true;
        break;
      case Verb::wrong_cid:
        pending.cid_xor = mask_or(*fault, 0xffff);
        break;
      case Verb::wrong_sqid:
        pending.sqid_xor = mask_or(*fault, 1);
        break;
      case Verb::wrong_sqhd:
        pending.sqhd_xor = mask_or(*fault, 1);
        break;
      case Verb::torn_cqe:
        pending.shape = Shape::torn;
        pending.shape_delay = delay_or(*fault, one_cycle);
        break;
      case Verb::early_phase:
        pending.shape = Shape::early_phase;
        pending.shape_delay = delay_or(*fault, one_cycle);
        break;
      case Verb::stale_phase:
        pending.shape = Shape::stale_phase;
        pending.shape_delay = fault->delay;
        break;
      default:
        break;
    }
  }
  insert(pending);
  return true;
}

void Completer::step(Instant now) {
  write_due_dwords(now);
  std::size_t i = 0;
  while (i < pending_.size() && pending_[i].due <= now) {
    const CompletionQueue* queue = queues_.completion(pending_[i].completion.cqid);
    if (queue == nullptr || queue->full()) {
      ++i;
      continue;
    }
    const Pending pending = pending_[i];
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
    post(pending, now);
    i = 0;  // one that was held back may have become due
  }
  write_due_dwords(now);
}

Instant Completer::next_due() const {
  Instant due = late_.empty() ? never : late_.front().due;
  for (const Pending& pending : pending_) {
    if (pending.due >= due) {
      break;
    }
    const CompletionQueue* queue = queues_.completion(pending.completion.cqid);
    if (queue != nullptr && !queue->full()) {
      due = pending.due;
      break;
    }
  }
  return due;
}

void Completer::post(Pending pending, Instant now) {
  CompletionQueue& queue = *queues_.completion(pending.completion.cqid);
  const Completion& completion = pending.completion;
  const CommandIndex command = completion.command;
  const SubmissionQueue* from = queues_.submission(completion.sqid);
  const auto head = static_cast<std::uint16_t>((from == nullptr ? 0 : from->head) ^ pending.sqhd_xor);
  const bool stale = pending.shape == Shape::stale_phase;
  const spec::CqeDwords dwords{
      completion.dword0, completion.dword1,
      spec::CqeDword2{}.with(spec::CqeDword2::sqhd, head).with(spec::CqeDword2::sqid, completion.sqid.value ^ pending.sqid_xor).raw,
      spec::CqeDword3{}
          .with(spec::CqeDword3::cid, completion.cid.value ^ pending.cid_xor)
          .with(spec::CqeDword3::phase, queue.phase != stale)
          .with(spec::CqeDword3::status, completion.status.raw)
          .raw};
  const std::uint32_t slot = queue.tail;
  const Iova where = queue.ring.slot(slot);
  wiring_.record(EventKind::cqe_posted, completion.cqid.value, slot | (queue.phase != stale ? 1u : 0u) << 16,
                 dwords[0] | static_cast<std::uint64_t>(dwords[1]) << 32, dwords[2] | static_cast<std::uint64_t>(dwords[3]) << 32);
  write_entry(queue, pending, dwords, where, now);
  queue.advance();
  if (queue.interrupts && !pending.is_silent) {
    wiring_.interrupts.raise(queue.vector);
  }
  let_go_held(completion.cqid, now);
  if (command != CommandIndex::none) {
    listener_.on_answered(command);
  }
  if (pending.copy_after.ns != 0) {
    insert_copy(pending, now);
  }
}

/// Only now is it known which entry is the first of the two.
void Completer::insert_copy(Pending copy, Instant now) {
  copy.completion.command = CommandIndex::none;
  copy.due = now + copy.copy_after;
  copy.copy_after = {};
  copy.number = next_number_++;
  insert(copy);
}

void Completer::write_entry(const CompletionQueue& queue, const Pending& pending, const spec::CqeDwords& dwords, Iova slot, Instant now) {
  const Qid cqid = pending.completion.cqid;
  const Duration step = pending.shape_delay;
  switch (pending.shape) {
    case Shape::torn:
      for (std::uint32_t i = 0; i < spec::cqe_dwords; ++i) {
        write_later(cqid, slot, i, dwords[i], now + step * i);
      }
      return;
    case Shape::early_phase:
      for (std::uint32_t i = 0; i < spec::cqe_dwords; ++i) {
        write_later(cqid, slot, i, dwords[i], i == 3 ? now : now + step);
      }
      return;
    case Shape::stale_phase:
      if (step.ns != 0) {
        write_later(cqid, slot, 3, spec::CqeDword3{dwords[3]}.with(spec::CqeDword3::phase, queue.phase).raw, now + step);
      }
      break;
    case Shape::whole:
      break;
  }
  const spec::Cqe entry = spec::cqe_from(dwords);
  const auto bytes = std::as_bytes(std::span<const spec::Cqe, 1>(&entry, 1));
  if (!wiring_.dma.write(slot, bytes, {cqid, pending.completion.cid, DmaPurpose::completion_entry})) {
    listener_.on_refused();
  }
}

void Completer::write_later(Qid cqid, Iova slot, std::uint32_t dword, std::uint32_t value, Instant due) {
  const LateDword late{cqid, due, next_number_++, slot + std::uint64_t{dword} * 4, value};
  late_.insert(std::upper_bound(late_.begin(), late_.end(), late, earlier<LateDword>), late);
}

void Completer::write_due_dwords(Instant now) {
  while (!late_.empty() && late_.front().due <= now) {
    const LateDword late = late_.front();
    late_.erase(late_.begin());
    const Le32 value = late.value;
    if (!wiring_.dma.write(late.iova, std::as_bytes(std::span<const Le32, 1>(&value, 1)),
                           {late.cqid, Cid{}, DmaPurpose::completion_entry})) {
      listener_.on_refused();
    }
  }
}

void Completer::let_go_held(Qid cqid, Instant now) {
  bool moved = false;
  for (Pending& held : pending_) {
    if (held.completion.cqid == cqid && held.held_for != 0 && --held.held_for == 0 && held.due > now) {
      held.due = now;
      moved = true;
    }
  }
  if (moved) {
    std::sort(pending_.begin(), pending_.end(), earlier<Pending>);
  }
}

void Completer::forget(Qid cqid) {
  for (const Pending& pending : pending_) {
    if (pending.completion.cqid == cqid && pending.completion.command != CommandIndex::none) {
      listener_.on_answered(pending.completion.command);
    }
  }
  std::erase_if(pending_, [&](const Pending& pending) { return pending.completion.cqid == cqid; });
  std::erase_if(late_, [&](const LateDword& late) { return late.cqid == cqid; });
}

void Completer::forget_all() {
  pending_.clear();
  late_.clear();
}

void Completer::fingerprint(Hasher& hasher) const {
  hasher.add(pending_.size());
  for (const Pending& pending : pending_) {
    hasher.add(pending.completion.cqid.value);
    hasher.add(pending.completion.sqid.value);
    hasher.add(pending.completion.cid.value);
    hasher.add(pending.completion.status.raw);
    hasher.add(pending.completion.dword0);
    hasher.add(pending.due.ns);
    hasher.add(pending.shape);
    hasher.add(pending.shape_delay.ns);
    hasher.add(pending.cid_xor);
    hasher.add(pending.sqid_xor);
    hasher.add(pending.sqhd_xor);
    hasher.add(pending.held_for);
    hasher.add(pending.is_silent);
    hasher.add(pending.copy_after.ns);
  }
  hasher.add(late_.size());
  for (const LateDword& late : late_) {
    hasher.add(late.due.ns);
    hasher.add(late.iova.value);
    hasher.add(late.value);
  }
}

}  // namespace phasebit::sim
