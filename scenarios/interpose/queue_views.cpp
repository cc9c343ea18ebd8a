#include "scenarios/interpose/queue_views.hpp"

#include <algorithm>

#include "src/spec/command.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::uint32_t is_completion = 1u << 31;

}  // namespace

void QueueViews::make_admin(spec::Aqa aqa, Iova asq, Iova acq) {
  const std::uint32_t completion_entries = spec::admin_completion_entries(aqa);
  make_completion(admin_qid, completion_entries, acq, true, slots_with_phase(acq, completion_entries));
  make_submission(admin_qid, admin_qid, spec::admin_submission_entries(aqa), asq, true);
}

void QueueViews::make(const spec::CreateIoSubmissionQueue& create) {
  make_submission(create.qid, create.cqid, create.entries, create.base, create.contiguous);
}

void QueueViews::make(const spec::CreateIoCompletionQueue& create, std::uint32_t slots_with_phase) {
  make_completion(create.qid, create.entries, create.base, create.contiguous, slots_with_phase);
}

void QueueViews::make_submission(Qid qid, Qid cqid, std::uint32_t entries, Iova base, bool contiguous) {
  recorder_.append(EventKind::queue_made, qid.value, entries, base.value, cqid.value);
  if (submissions_.size() <= qid.value) {
    submissions_.resize(qid.value + 1u);
  }
  const std::uint64_t bytes = std::uint64_t{entries} * spec::sqe_bytes;
  submissions_[qid.value] = {true, entries, contiguous ? regions_.host(base, bytes) : nullptr, 0, 0};
}

void QueueViews::make_completion(Qid qid, std::uint32_t entries, Iova base, bool contiguous, std::uint32_t slots_with_phase) {
  const std::uint64_t already_set = std::min<std::uint32_t>(slots_with_phase, 0xffff);
  recorder_.append(EventKind::queue_made, qid.value, entries | is_completion, base.value, qid.value | already_set << 16);
  const std::uint64_t bytes = std::uint64_t{entries} * spec::cqe_bytes;
  std::byte* ring = contiguous && entries >= 2 ? regions_.host(base, bytes) : nullptr;
  if (ring != nullptr) {
    make_way(qid, {ring, bytes});
    completions_.emplace_front(qid, ring, entries, memory_);
  }
}

/// What was closed before and lies in the new queue's way is forgotten. An open queue that does is a host's mistake, and may be the one
/// whose entry is being looked at: it is closed and stays behind the new one.
void QueueViews::make_way(Qid qid, std::span<const std::byte> ring) {
  const auto in_the_way = [&](const CompletionView& view) {
    return view.id() == qid || view.overlaps(ring.data(), ring.data() + ring.size());
  };
  std::erase_if(completions_, [&](const CompletionView& view) { return view.closed() && in_the_way(view); });
  for (CompletionView& view : completions_) {
    if (in_the_way(view)) {
      view.close();
    }
  }
}

void QueueViews::remove_submission(Qid qid) {
  recorder_.append(EventKind::queue_deleted, qid.value, 0);
  if (SubmissionView* view = submission(qid); view != nullptr) {
    *view = {};
  }
}

void QueueViews::remove_completion(Qid qid) {
  recorder_.append(EventKind::queue_deleted, qid.value, is_completion);
  if (CompletionView* view = completion(qid); view != nullptr) {
    view->close();
  }
}

std::uint32_t QueueViews::slots_with_phase(Iova base, std::uint32_t entries) const {
  const std::byte* ring = regions_.host(base, std::uint64_t{entries} * spec::cqe_bytes);
  std::uint32_t count = 0;
  for (std::uint32_t slot = 0; ring != nullptr && slot < entries; ++slot) {
    const auto* dwords = reinterpret_cast<const Le32*>(ring + std::uint64_t{slot} * spec::cqe_bytes);
    count += spec::phase_of(spec::CqeDword3{dwords[3]});
  }
  return count;
}

void QueueViews::close_all() {
  submissions_.clear();
  for (CompletionView& view : completions_) {
    view.close();
  }
}

void QueueViews::freeze_all() {
  submissions_.clear();
  for (CompletionView& view : completions_) {
    view.freeze();
  }
}

Instant QueueViews::next_due() const {
  Instant due = never;
  for (const CompletionView& view : completions_) {
    due = std::min(due, view.next_due());
  }
  return due;
}

void QueueViews::forget_memory(std::span<const std::byte> memory) {
  std::erase_if(completions_, [&](const CompletionView& view) { return view.overlaps(memory.data(), memory.data() + memory.size()); });
}

SubmissionView* QueueViews::submission(Qid qid) {
  return qid.value < submissions_.size() && submissions_[qid.value].exists ? &submissions_[qid.value] : nullptr;
}

CompletionView* QueueViews::completion(Qid qid) {
  const auto found =
      std::find_if(completions_.begin(), completions_.end(), [&](const CompletionView& v) { return v.id() == qid && !v.closed(); });
  return found == completions_.end() ? nullptr : &*found;
}

}  // namespace phasebit::scenarios
