#include "sim/controller/queue_commands.hpp"

#include <algorithm>

#include "sim/controller/controller_memory_use.hpp"
#include "src/spec/completion.hpp"

namespace phasebit::sim {

using spec::CommandStatus;
using spec::GenericStatus;
using spec::make_status;
using spec::Status;

void QueueCommands::make_admin_queues() {
  const spec::Aqa aqa = device_.registers.aqa();
  CompletionQueue& completion = device_.queues.make_completion(admin_qid, spec::admin_completion_entries(aqa));
  completion.ring.base = Iova{device_.registers.acq()};
  completion.ring.entry_bytes = spec::cqe_bytes;
  completion.ring.contiguous = true;
  completion.interrupts = true;  // the admin queue has vector 0 (§5.4)
  completion.vector = 0;
  announce_completion(admin_qid);
  SubmissionQueue& submission = device_.queues.make_submission(admin_qid, admin_qid, spec::admin_submission_entries(aqa));
  submission.ring.base = Iova{device_.registers.asq()};
  submission.ring.entry_bytes = spec::sqe_bytes;
  submission.ring.contiguous = true;
  announce_submission(admin_qid);
}

/// What both Create commands check, in the order of their status values (Figures 157 and 163).
Status QueueCommands::check_new(Qid qid, bool in_use, std::uint32_t granted, std::uint32_t entries, bool contiguous, Iova base) const {
  if (qid == admin_qid || qid.value > granted || in_use) {
    return make_status(CommandStatus::invalid_queue_identifier);
  }
  const spec::Cc cc = device_.registers.cc();
  const bool entry_sizes_fit = cc.get(spec::Cc::iosqes) == spec::sqe_bytes_log2 && cc.get(spec::Cc::iocqes) == spec::cqe_bytes_log2;
  if (entries < 2 || entries > device_.options().queue_entries_max || !entry_sizes_fit) {
    return make_status(CommandStatus::invalid_queue_size);
  }
  if (!contiguous && device_.options().contiguous_queues_required) {
    return make_status(GenericStatus::invalid_field);
  }
  return (base.value & (device_.page_bytes() - 1)) != 0 ? make_status(GenericStatus::prp_offset_invalid) : Status{};
}

Status QueueCommands::lay_out(const Command& command, RingMemory& ring, Iova base, bool contiguous, std::uint64_t bytes) {
  ring.base = base;
  ring.contiguous = contiguous;
  ring.page_bytes = device_.page_bytes();
  device_.wiring.record(EventKind::prp_entry, command.sqid.value, command.cid.value | static_cast<std::uint32_t>(PrpRole::queue_base) << 16,
                        base.value, 0);
  if (!contiguous) {
    const Status walked = walk_queue_pages({command.sqid, command.cid, base.value, 0, bytes, ring.page_bytes}, device_.wiring, ring.pages);
    if (!spec::is_success(walked)) {
      return walked;
    }
  }
  return check_queue_place(device_.wiring, ring, bytes, ring.entry_bytes == spec::cqe_bytes);
}

Status QueueCommands::create_completion(const Command& command) {
  const auto asked = spec::CreateIoCompletionQueue::from(command.sqe);
  const bool in_use = device_.queues.completion(asked.qid) != nullptr;
  const Status status = check_new(asked.qid, in_use, device_.granted_completion_queues, asked.entries, asked.contiguous, asked.base);
  if (!spec::is_success(status)) {
    return status;
  }
  if (asked.vector >= device_.options().interrupt_vectors) {
    return make_status(CommandStatus::invalid_interrupt_vector);
  }
  CompletionQueue& queue = device_.queues.make_completion(asked.qid, asked.entries);
  queue.ring.entry_bytes = spec::cqe_bytes;
  queue.interrupts = asked.interrupts;
  queue.vector = asked.vector;
  const Status laid = lay_out(command, queue.ring, asked.base, asked.contiguous, std::uint64_t{asked.entries} * spec::cqe_bytes);
  if (!spec::is_success(laid)) {
    device_.queues.remove_completion(asked.qid);
    return laid;
  }
  announce_completion(asked.qid);
  return {};
}

Status QueueCommands::create_submission(const Command& command) {
  const auto asked = spec::CreateIoSubmissionQueue::from(command.sqe);
  if (asked.cqid == admin_qid || asked.cqid.value > device_.granted_completion_queues) {
    return make_status(CommandStatus::invalid_queue_identifier);
  }
  if (device_.queues.completion(asked.cqid) == nullptr) {
    return make_status(CommandStatus::completion_queue_invalid);
  }
  const bool in_use = device_.queues.submission(asked.qid) != nullptr;
  const Status status = check_new(asked.qid, in_use, device_.granted_submission_queues, asked.entries, asked.contiguous, asked.base);
  if (!spec::is_success(status)) {
    return status;
  }
  SubmissionQueue& queue = device_.queues.make_submission(asked.qid, asked.cqid, asked.entries);
  queue.ring.entry_bytes = spec::sqe_bytes;
  queue.priority = asked.priority;
  const Status laid = lay_out(command, queue.ring, asked.base, asked.contiguous, std::uint64_t{asked.entries} * spec::sqe_bytes);
  if (!spec::is_success(laid)) {
    device_.queues.remove_submission(asked.qid);
    return laid;
  }
  announce_submission(asked.qid);
  return {};
}

Status QueueCommands::check_delete_completion(const Command& command) const {
  const Qid qid = spec::queue_id_of(command.sqe);
  const CompletionQueue* queue = device_.queues.completion(qid);
  if (qid == admin_qid || queue == nullptr) {
    return make_status(CommandStatus::invalid_queue_identifier);
  }
  return queue->users > 0 ? make_status(CommandStatus::invalid_queue_deletion) : Status{};
}

Status QueueCommands::check_delete_submission(const Command& command) const {
  const Qid qid = spec::queue_id_of(command.sqe);
  return qid == admin_qid || device_.queues.submission(qid) == nullptr ? make_status(CommandStatus::invalid_queue_identifier) : Status{};
}

void QueueCommands::delete_completion(Qid qid) {
  device_.queues.remove_completion(qid);
  device_.wiring.dma.disown({DmaOwnerKind::completion_queue, qid, Cid{}});
  device_.wiring.record(EventKind::queue_deleted, qid.value, 1u << 31);
}

void QueueCommands::delete_submission(Qid qid) {
  device_.queues.remove_submission(qid);
  device_.wiring.dma.disown({DmaOwnerKind::submission_queue, qid, Cid{}});
  device_.wiring.record(EventKind::queue_deleted, qid.value, 0);
}

/// Slots that look new before anything was posted: the host did not clear its memory (§3.3.3.2).
std::uint32_t QueueCommands::slots_with_phase_set(Qid qid) {
  const CompletionQueue& queue = *device_.queues.completion(qid);
  std::uint32_t count = 0;
  for (std::uint32_t slot = 0; slot < queue.entries; ++slot) {
    spec::Cqe entry;
    const bool read = device_.wiring.dma.read(queue.ring.slot(slot), std::as_writable_bytes(std::span<spec::Cqe, 1>(&entry, 1)),
                                              {qid, Cid{}, DmaPurpose::completion_entry});
    if (!read) {
      return count;
    }
    count += entry.phase() ? 1 : 0;
  }
  return count;
}

void QueueCommands::own(DmaOwnerKind kind, Qid qid, const RingMemory& ring, std::uint32_t entries) {
  const DmaOwner owner{kind, qid, Cid{}};
  if (ring.contiguous) {
    device_.wiring.dma.own(owner, ring.base, std::uint64_t{entries} * ring.entry_bytes);
    return;
  }
  for (const Iova page : ring.pages) {
    device_.wiring.dma.own(owner, page, ring.page_bytes);
  }
}

void QueueCommands::announce_completion(Qid qid) {
  const CompletionQueue& queue = *device_.queues.completion(qid);
  const std::uint64_t already_set = std::min<std::uint32_t>(slots_with_phase_set(qid), 0xffff);
  own(DmaOwnerKind::completion_queue, qid, queue.ring, queue.entries);
  device_.wiring.record(EventKind::queue_made, qid.value, queue.entries | 1u << 31, queue.ring.base.value, qid.value | already_set << 16);
}

void QueueCommands::announce_submission(Qid qid) {
  const SubmissionQueue& queue = *device_.queues.submission(qid);
  own(DmaOwnerKind::submission_queue, qid, queue.ring, queue.entries);
  device_.wiring.record(EventKind::queue_made, qid.value, queue.entries, queue.ring.base.value, queue.cqid.value);
}

}  // namespace phasebit::sim
