#include <string>

#include "sim/monitor/judgements.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::sim {

using spec::Cc;
using spec::Csts;

namespace {

/// A doorbell write, taken apart.
struct Ring {
  std::uint16_t qid;
  bool completion;
  std::uint32_t value;

  std::string text() const { return (completion ? "CQ " : "SQ ") + std::to_string(qid) + " doorbell written with " + hex(value); }
};

void judge_state(const Ring& ring, const DriveView& view, ViolationList& found) {
  if (ring.qid == 0 && !view.csts.get(Csts::rdy) && !view.reset_untold) {
    found.add("INI-18", ring.text() + " while CSTS is " + hex(view.csts.raw));
  }
  if (ring.completion) {
    return;
  }
  if (view.fatal_seen) {
    found.add("RST-01", ring.text() + " after CSTS.CFS was read as 1");
  }
  if (view.csts.get(Csts::shst) == spec::Shst::complete) {
    found.add("RST-10", ring.text() + " while CSTS.SHST is 10b");
  } else if (ring.qid != 0 && view.cc.get(Cc::shn) != spec::Shn::none) {
    found.add("RST-04", ring.text() + " while CC.SHN is not 00b");
  }
}

/// False if the queue does not exist.
bool judge_existence(const Ring& ring, DriveView& view, ViolationList& found) {
  const auto& submission = view.submission(ring.qid);
  const auto& completion = view.completion(ring.qid);
  const bool exists = ring.completion ? completion.exists : submission.exists;
  if (exists || view.reset_untold) {
    return exists;
  }
  if (ring.completion ? completion.lost_in_reset : submission.lost_in_reset) {
    found.add("INI-27", ring.text() + ", and the queue was lost in a reset");
  } else if (ring.qid != 0 || view.csts.get(Csts::rdy)) {
    found.add("QUE-15", ring.text() + ", and no such queue exists");
  }
  return false;
}

void judge_tail(const Ring& ring, SubmissionQueueView& queue, DriveView& view, ViolationList& found) {
  if (ring.value >= queue.entries) {
    found.add("QUE-16", ring.text() + " of a queue of " + std::to_string(queue.entries) + " entries");
    return;
  }
  if (ring.value == queue.tail) {
    found.add("QUE-18", ring.text() + " again");
    return;
  }
  const std::uint32_t added = slot_distance(queue.tail, ring.value, queue.entries);
  const auto free_from = [&](std::uint32_t head) { return queue.entries - 1 - slot_distance(head, queue.tail, queue.entries); };
  const std::string adds = ring.text() + ": adds " + std::to_string(added) + " entries where ";
  if (added > free_from(queue.fetched_head)) {
    found.add("QUE-19", adds + std::to_string(free_from(queue.fetched_head)) + " were free");
  }
  if (added > free_from(queue.reported_head)) {
    found.add("QUE-21", adds + std::to_string(free_from(queue.reported_head)) + " were reported free");
  }
  if (!view.doorbells_doubtful && view.completion(queue.cqid).full_of_consumed()) {
    found.add("QUE-27", ring.text() + " while CQ " + std::to_string(queue.cqid) + " is full of entries that were consumed");
  }
}

void judge_head(const Ring& ring, const CompletionQueueView& queue, ViolationList& found) {
  if (ring.value >= queue.entries) {
    found.add("QUE-17", ring.text() + " of a queue of " + std::to_string(queue.entries) + " entries");
    return;
  }
  if (ring.value == queue.head) {
    found.add("QUE-18", ring.text() + " again");
    return;
  }
  const std::uint32_t consumed = slot_distance(queue.head, ring.value, queue.entries);
  const std::uint64_t waiting = queue.posted - queue.acknowledged;
  if (consumed <= waiting) {
    return;
  }
  const std::string detail =
      ring.text() + ": consumes " + std::to_string(consumed) + " entries where " + std::to_string(waiting) + " were new";
  if (queue.posted >= queue.entries - 1 && queue.acknowledged + consumed > queue.entries) {
    found.add("QUE-25", detail + ", the others of an earlier lap");
  }
  found.add("QUE-20", detail);
}

}  // namespace

/// A host that looks no further may leave the last entries as they are: it is wrong if the drive waits for their room to post another.
void judge_idleness(Instant now, const DriveView& view, ViolationList& found) {
  constexpr Duration patience = milliseconds(1);
  if (view.doorbells_doubtful || view.absence_seen || view.reset_untold) {
    return;
  }
  for (std::size_t cqid = 0; cqid < view.completion_queues.size(); ++cqid) {
    const Instant since = view.completion_queues[cqid].consumed_at;
    if (since != never && now - since >= patience && view.has_outstanding(static_cast<std::uint16_t>(cqid))) {
      found.add("QUE-27", "CQ " + std::to_string(cqid) + " is full of entries that were consumed, and a command waits to be answered");
    }
  }
}

void judge_doorbell(std::uint32_t offset, std::uint32_t value, DriveView& view, ViolationList& found) {
  const std::uint32_t distance = offset - spec::offset::doorbells;
  const std::uint32_t stride = spec::doorbell_stride_bytes(view.cap);
  if (distance % stride != 0) {
    found.add("REG-09", "wrote " + hex(value) + " to offset " + hex(offset) + " with a stride of " + std::to_string(stride) + " bytes");
    return;
  }
  const Ring ring{static_cast<std::uint16_t>(distance / stride / 2), distance / stride % 2 != 0, value & 0xffff};
  if ((value >> 16) != 0) {
    found.add("REG-10", "wrote " + hex(value) + " to offset " + hex(offset));
  }
  judge_state(ring, view, found);
  if (!judge_existence(ring, view, found)) {
    return;
  }
  if (ring.completion) {
    judge_head(ring, view.completion(ring.qid), found);
  } else {
    judge_tail(ring, view.submission(ring.qid), view, found);
  }
}

}  // namespace phasebit::sim
