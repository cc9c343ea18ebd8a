#include "sim/monitor/drive_view.hpp"

#include <algorithm>

#include "sim/faults/verb.hpp"

namespace phasebit::sim {

using spec::Cc;
using spec::Csts;

std::uint64_t NamespaceView::host_blocks(std::uint64_t pushed) const {
  const auto next = std::find_if(sights.begin(), sights.end(), [&](const Sight& sight) { return sight.number > pushed; });
  return next == sights.begin() ? 0 : std::prev(next)->blocks;
}

DriveView::DriveView() = default;

SubmissionQueueView& DriveView::submission(std::uint16_t qid) {
  if (submission_queues.size() <= qid) {
    submission_queues.resize(qid + 1u);
  }
  return submission_queues[qid];
}

CompletionQueueView& DriveView::completion(std::uint16_t qid) {
  if (completion_queues.size() <= qid) {
    completion_queues.resize(qid + 1u);
  }
  return completion_queues[qid];
}

const NamespaceView* DriveView::find_namespace(std::uint32_t nsid) const {
  const auto found = namespaces.find(nsid);
  return found == namespaces.end() ? nullptr : &found->second;
}

std::uint32_t DriveView::io_queue_count(bool completion) const {
  const auto exists = [](const auto& queue) { return queue.exists; };
  const auto count = completion ? std::count_if(completion_queues.begin(), completion_queues.end(), exists)
                                : std::count_if(submission_queues.begin(), submission_queues.end(), exists);
  const bool admin =
      completion ? !completion_queues.empty() && completion_queues[0].exists : !submission_queues.empty() && submission_queues[0].exists;
  return static_cast<std::uint32_t>(count) - (admin ? 1 : 0);
}

std::uint64_t DriveView::transfer_bytes_max() const {
  const std::uint32_t shift = mdts + 12 + cap.get(spec::Cap::mpsmin);
  return mdts == 0 || shift >= 64 ? ~0ull : 1ull << shift;
}

bool DriveView::has_outstanding(std::uint16_t cqid) const {
  const auto out = [&](const CommandView& command) {
    return command.outstanding && (cqid != 0 || command.opcode != static_cast<std::uint8_t>(spec::AdminOpcode::async_event_request));
  };
  return std::any_of(submission_queues.begin(), submission_queues.end(), [&](const SubmissionQueueView& queue) {
    return queue.exists && queue.cqid == cqid && std::any_of(queue.commands.begin(), queue.commands.end(), out);
  });
}

bool DriveView::is_mapped_memory(std::uint64_t iova) const {
  return host_mapped_bytes(iova) != 0;
}

std::uint64_t DriveView::controller_memory_bytes(std::uint64_t iova) const {
  const std::uint64_t base = spec::cmb_base(cmbmsc).value;
  const std::uint64_t bytes = spec::cmb_bytes(cmbsz);
  return iova >= base && iova - base < bytes ? bytes - (iova - base) : 0;
}

/// The controller looks there first.
std::uint64_t DriveView::mapped_bytes(std::uint64_t iova) const {
  const std::uint64_t own = enabled_memory_bytes(iova);
  return own != 0 ? own : host_mapped_bytes(iova);
}

std::uint64_t DriveView::host_mapped_bytes(std::uint64_t iova) const {
  auto after = mappings_.upper_bound(iova);
  if (after == mappings_.begin()) {
    return 0;
  }
  const auto& [start, bytes] = *std::prev(after);
  return iova - start < bytes ? bytes - (iova - start) : 0;
}

void DriveView::apply(std::uint64_t number, const Event& event) {
  switch (event.kind) {
    case EventKind::register_read:
      return apply_register_read(event);
    case EventKind::register_write:
      return apply_register_write(event);
    case EventKind::register_changed:
      if (event.a == spec::offset::csts) {
        csts = Csts{static_cast<std::uint32_t>(event.b)};
      } else if (event.a == spec::offset::cc) {  // by a reset that is not its host's; what CSTS says since was told before
        const Csts told = csts;
        forget_controller();
        csts = told;
      } else if (event.a == spec::offset::cmbmsc) {
        cmbmsc = spec::Cmbmsc{event.b};
      }
      return;
    case EventKind::namespace_seen:
      namespaces[event.a].sights.push_back({number, event.b});
      return;
    case EventKind::fault_fired:
      doorbells_doubtful |=
          event.queue == static_cast<unsigned>(Verb::lost_doorbell) || event.queue == static_cast<unsigned>(Verb::late_doorbell);
      return;
    case EventKind::drive_fact:
      return apply_fact(event);
    case EventKind::queue_made:
      return apply_queue_made(event);
    case EventKind::queue_deleted:
      if ((event.a >> 31) != 0) {
        completion(event.queue) = {};
      } else {
        submission(event.queue) = {};
      }
      return;
    case EventKind::cqe_posted:
      return apply_completion(event);
    case EventKind::command_pushed:
      pushed(event.queue, static_cast<std::uint16_t>(event.a & 0xffff)) = {number, false};
      return;
    case EventKind::command_finished:
      return apply_finished(event);
    case EventKind::dma_allocated:
    case EventKind::dma_mapped:
      mappings_[event.b] = std::max<std::uint64_t>(mappings_[event.b], event.c);
      return;
    case EventKind::dma_freed:
      mappings_.erase(event.b);
      return;
    case EventKind::dma_unmapped:
      if (event.a == 0) {
        mappings_.erase(event.b);
      }
      return;
    case EventKind::function_released:
      abandoned = abandoned || absence_seen;
      return;
    case EventKind::power_cut:
    case EventKind::function_gone:
      return forget_controller();
    default:
      return;
  }
}

void DriveView::apply_fact(const Event& event) {
  const std::uint64_t b = event.b;
  const std::uint64_t c = event.c;
  switch (static_cast<DriveFact>(event.a.get())) {
    case DriveFact::capabilities:
      cap = spec::Cap{b};
      cap_known = true;
      return;
    case DriveFact::identify_limits:
      limits_known = true;
      mdts = b & 0xff;
      acl = (b >> 8) & 0xff;
      aerl = (b >> 16) & 0xff;
      nn = static_cast<std::uint32_t>(b >> 32);
      oacs = c & 0xffff;
      oncs = (c >> 16) & 0xffff;
      return;
    case DriveFact::queue_grant:
      grant_known = true;
      submission_queues_granted = b;
      completion_queues_granted = c;
      return;
    case DriveFact::namespace_state:
      apply_namespace(namespaces[static_cast<std::uint32_t>(b)], b, c);
      return;
    default:
      return;
  }
}

void DriveView::apply_namespace(NamespaceView& space, std::uint64_t state, std::uint64_t blocks) {
  space.active = ((state >> 32) & 1) != 0;
  space.block_bytes = 1u << ((state >> 40) & 0x1f);
  space.blocks = blocks;
}

void DriveView::apply_queue_made(const Event& event) {
  const std::uint32_t entries = event.a & 0x7fff'ffff;
  if ((event.a >> 31) != 0) {
    completion(event.queue) = {.exists = true, .entries = entries};
    return;
  }
  submission(event.queue) = {};
  submission(event.queue).exists = true;
  submission(event.queue).entries = entries;
  submission(event.queue).cqid = static_cast<std::uint16_t>(event.c & 0xffff);
}

void DriveView::command_fetched(std::uint16_t sqid, const spec::Sqe& sqe) {
  auto& queue = submission(sqid);
  if (!queue.exists) {
    return;
  }
  queue.fetched_head = next_slot(queue.fetched_head, queue.entries);
  auto& command = queue.command(sqe.cid);
  command = {.outstanding = true, .opcode = sqe.opcode};
  if (sqid == 0 && sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::abort)) {
    ++aborts_outstanding;
  }
  if (sqid == 0 && sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::async_event_request)) {
    ++async_event_requests_outstanding;
  }
}

void DriveView::apply_completion(const Event& event) {
  auto& queue = completion(event.queue);
  ++queue.posted;
  queue.counted(event.instant());
  const auto dword2 = static_cast<std::uint32_t>(event.c);
  const auto sqid = static_cast<std::uint16_t>(dword2 >> 16);
  const auto cid = static_cast<std::uint16_t>(event.c >> 32);
  pushed(sqid, cid).answered = true;
  if (sqid >= submission_queues.size() || !submission_queues[sqid].exists) {
    return;
  }
  auto& from = submission_queues[sqid];
  if (from.cqid != event.queue || cid >= from.commands.size() || !from.commands[cid].outstanding) {
    return;  // it answers nothing, so that its word on the queue's head counts for nothing
  }
  const std::uint32_t sqhd = dword2 & 0xffff;
  from.reported_head = sqhd < from.entries ? sqhd : from.reported_head;
  auto& command = from.commands[cid];
  command.outstanding = false;
  if (sqid == 0 && command.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::abort)) {
    --aborts_outstanding;
  }
  if (sqid == 0 && command.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::async_event_request)) {
    --async_event_requests_outstanding;
  }
}

void DriveView::apply_finished(const Event& event) {
  if (event.queue < submission_queues.size() && submission_queues[event.queue].exists) {
    auto& queue = completion(submission_queues[event.queue].cqid);
    ++queue.finished;
    queue.counted(event.instant());
  }
}

bool DriveView::answered(std::uint16_t sqid, std::uint16_t cid) const {
  return sqid < pushed_.size() && cid < pushed_[sqid].size() && pushed_[sqid][cid].answered;
}

std::uint64_t DriveView::pushed_at(std::uint16_t sqid, std::uint16_t cid) const {
  return sqid < pushed_.size() && cid < pushed_[sqid].size() ? pushed_[sqid][cid].pushed_at : ~0ull;
}

DriveView::PushedCommand& DriveView::pushed(std::uint16_t sqid, std::uint16_t cid) {
  if (pushed_.size() <= sqid) {
    pushed_.resize(sqid + 1u);
  }
  if (pushed_[sqid].size() <= cid) {
    pushed_[sqid].resize(cid + 1u);
  }
  return pushed_[sqid][cid];
}

}  // namespace phasebit::sim
