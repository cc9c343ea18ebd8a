#include "sim/controller/queues.hpp"

#include <algorithm>

#include "src/base/assert.hpp"

namespace phasebit::sim {

DoorbellResult SubmissionQueue::set_tail(std::uint32_t value) {
  if (value >= entries || value == tail) {
    return DoorbellResult::bad_value;
  }
  const std::uint32_t filled = slot_distance(head, tail, entries);
  if (filled + slot_distance(tail, value, entries) >= entries) {
    return DoorbellResult::bad_value;
  }
  tail = value;
  return DoorbellResult::taken;
}

void CompletionQueue::advance() {
  tail = next_slot(tail, entries);
  phase = tail == 0 ? !phase : phase;
}

DoorbellResult CompletionQueue::set_head(std::uint32_t value) {
  if (value >= entries || value == head || slot_distance(head, value, entries) > slot_distance(head, tail, entries)) {
    return DoorbellResult::bad_value;
  }
  head = value;
  return DoorbellResult::taken;
}

Queues::Queues(std::uint32_t submission_queues, std::uint32_t completion_queues, std::pmr::memory_resource* memory)
    : submission_(memory), completion_(memory) {
  submission_.reserve(submission_queues + 1);
  completion_.reserve(completion_queues + 1);
  for (std::uint32_t i = 0; i <= submission_queues; ++i) {
    submission_.emplace_back(memory);
  }
  for (std::uint32_t i = 0; i <= completion_queues; ++i) {
    completion_.emplace_back(memory);
  }
}

SubmissionQueue* Queues::submission(Qid qid) {
  return qid.value < submission_.size() && submission_[qid.value].exists ? &submission_[qid.value] : nullptr;
}

CompletionQueue* Queues::completion(Qid qid) {
  return qid.value < completion_.size() && completion_[qid.value].exists ? &completion_[qid.value] : nullptr;
}

SubmissionQueue& Queues::make_submission(Qid qid, Qid cqid, std::uint32_t entries) {
  PHASEBIT_ASSERT(submission(qid) == nullptr);
  SubmissionQueue& queue = submission_[qid.value];
  queue.exists = true;
  queue.entries = entries;
  queue.cqid = cqid;
  queue.head = queue.tail = 0;
  queue.ring.pages.clear();
  ++completion_[cqid.value].users;
  submission_end_ = std::max<std::uint32_t>(submission_end_, qid.value + 1u);
  io_submission_queues_ += qid == admin_qid ? 0 : 1;
  return queue;
}

CompletionQueue& Queues::make_completion(Qid qid, std::uint32_t entries) {
  PHASEBIT_ASSERT(completion(qid) == nullptr);
  CompletionQueue& queue = completion_[qid.value];
  queue.exists = true;
  queue.entries = entries;
  queue.head = queue.tail = 0;
  queue.phase = true;
  queue.users = 0;
  queue.ring.pages.clear();
  io_completion_queues_ += qid == admin_qid ? 0 : 1;
  return queue;
}

void Queues::remove_submission(Qid qid) {
  SubmissionQueue& queue = submission_[qid.value];
  queue.exists = false;
  --completion_[queue.cqid.value].users;
  io_submission_queues_ -= qid == admin_qid ? 0 : 1;
}

void Queues::remove_completion(Qid qid) {
  completion_[qid.value].exists = false;
  io_completion_queues_ -= qid == admin_qid ? 0 : 1;
}

void Queues::remove_all() {
  for (SubmissionQueue& queue : submission_) {
    queue.exists = false;
  }
  for (CompletionQueue& queue : completion_) {
    queue.exists = false;
  }
  submission_end_ = io_submission_queues_ = io_completion_queues_ = 0;
}

void Queues::fingerprint(Hasher& hasher) const {
  for (std::size_t qid = 0; qid < submission_.size(); ++qid) {
    const SubmissionQueue& queue = submission_[qid];
    if (queue.exists) {
      hasher.add(qid);
      for (const std::uint64_t value : {std::uint64_t{queue.entries}, queue.ring.base.value, std::uint64_t{queue.cqid.value},
                                        std::uint64_t{queue.head}, std::uint64_t{queue.tail}}) {
        hasher.add(value);
      }
      hasher.add(queue.priority);
    }
  }
  for (std::size_t qid = 0; qid < completion_.size(); ++qid) {
    const CompletionQueue& queue = completion_[qid];
    if (queue.exists) {
      hasher.add(qid);
      for (const std::uint64_t value : {std::uint64_t{queue.entries}, queue.ring.base.value, std::uint64_t{queue.vector},
                                        std::uint64_t{queue.head}, std::uint64_t{queue.tail}}) {
        hasher.add(value);
      }
      hasher.add(queue.phase);
      hasher.add(queue.interrupts);
    }
  }
}

}  // namespace phasebit::sim
