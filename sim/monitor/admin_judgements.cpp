#include <algorithm>
#include <string>

#include "sim/monitor/judgements.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::sim {

using spec::AdminOpcode;

namespace {

/// What both Create commands share.
struct NewQueue {
  bool completion;
  std::uint16_t qid;
  std::uint32_t entries;
  std::uint64_t base;
  bool contiguous;

  std::string text() const {
    return std::string("Create I/O ") + (completion ? "Completion" : "Submission") + " Queue " + std::to_string(qid) + " of " +
           std::to_string(entries) + " entries";
  }
};

void judge_identifier(const NewQueue& made, DriveView& view, ViolationList& found) {
  const std::uint64_t granted = made.completion ? view.completion_queues_granted : view.submission_queues_granted;
  const bool in_use = made.completion ? view.completion(made.qid).exists : view.submission(made.qid).exists;
  if (in_use || (view.grant_known && made.qid > granted)) {  // 0 is in use: this came by the admin queue
    found.add("QUE-03", made.text() + (in_use ? ": in use" : ": " + std::to_string(granted) + " were granted"));
  }
  if (!view.grant_known || view.io_queue_count(made.completion) >= granted) {
    found.add("INI-23", made.text() + (view.grant_known ? ": " + std::to_string(granted) + " were granted" : ": none was ever asked for"));
  }
}

/// Memory of the controller's own: what is not enabled, or not for such queues, or ends too early.
void judge_place_of_queue(const NewQueue& made, const DriveView& view, ViolationList& found) {
  const std::uint64_t own = view.controller_memory_bytes(made.base);
  if (own == 0 || (!spec::cmb_is_enabled(view.cmbmsc) && view.is_mapped_memory(made.base))) {
    return;
  }
  const bool offers = made.completion ? view.cmbsz.get(spec::Cmbsz::cqs) : view.cmbsz.get(spec::Cmbsz::sqs);
  const std::uint64_t bytes = std::uint64_t{made.entries} * (made.completion ? 16 : spec::sqe_bytes);
  if (!spec::cmb_is_enabled(view.cmbmsc) || !offers || bytes > own) {
    found.add("QUE-32", made.text() + " at " + hex(made.base) + ", " + std::to_string(own) +
                            " bytes before the buffer's end, where CMBSZ is " + hex(view.cmbsz.raw) + " and CMBMSC " +
                            hex(view.cmbmsc.raw));
  }
}

void judge_new_queue(const NewQueue& made, DriveView& view, ViolationList& found) {
  judge_identifier(made, view, found);
  if (made.entries < 2) {
    found.add("QUE-04", made.text());
  }
  if (made.entries > spec::queue_entries_max(view.cap)) {
    found.add("QUE-05", made.text() + " where CAP.MQES allows " + std::to_string(spec::queue_entries_max(view.cap)));
  }
  if (!made.contiguous && view.cap.get(spec::Cap::cqr)) {
    found.add("QUE-06", made.text());
  }
  if ((made.base & (spec::page_bytes(view.cc) - 1)) != 0) {
    found.add("QUE-07", made.text() + " at " + hex(made.base));
  }
  judge_place_of_queue(made, view, found);
}

void judge_create_submission_queue(const spec::Sqe& sqe, DriveView& view, ViolationList& found) {
  const auto create = spec::CreateIoSubmissionQueue::from(sqe);
  const NewQueue made{false, create.qid.value, create.entries, create.base.value, create.contiguous};
  judge_new_queue(made, view, found);
  if (create.cqid.value == 0) {
    found.add("QUE-02", made.text());
  } else if (!view.completion(create.cqid.value).exists) {
    found.add("QUE-01", made.text() + " names CQ " + std::to_string(create.cqid.value));
  }
}

void judge_create_completion_queue(const spec::Sqe& sqe, DriveView& view, ViolationList& found) {
  const auto create = spec::CreateIoCompletionQueue::from(sqe);
  judge_new_queue({true, create.qid.value, create.entries, create.base.value, create.contiguous}, view, found);
}

void judge_delete_queue(bool completion, const spec::Sqe& sqe, DriveView& view, ViolationList& found) {
  const std::uint16_t qid = spec::queue_id_of(sqe).value;
  const std::string text = std::string("Delete I/O ") + (completion ? "Completion" : "Submission") + " Queue " + std::to_string(qid);
  if (qid == 0) {
    found.add("QUE-12", text);
    return;
  }
  if (completion ? !view.completion(qid).exists : !view.submission(qid).exists) {
    found.add("QUE-13", text);
    return;
  }
  const auto& queues = view.submission_queues;
  const auto uses_it = [&](const SubmissionQueueView& queue) { return queue.exists && queue.cqid == qid; };
  if (completion && std::any_of(queues.begin(), queues.end(), uses_it)) {
    found.add("QUE-11", text + " while a submission queue uses it");
  }
}

void judge_set_features(const spec::Sqe& sqe, const DriveView& view, ViolationList& found) {
  const bool io_queue_exists = view.io_queue_count(false) + view.io_queue_count(true) != 0;
  if (spec::SetFeatures::from(sqe).fid == spec::Fid::number_of_queues && io_queue_exists) {
    found.add("INI-24", "Set Features, Number of Queues, while I/O queues exist");
  }
}

}  // namespace

void judge_admin_command(const spec::Sqe& sqe, DriveView& view, ViolationList& found) {
  judge_admin_scope(sqe, view, found);
  switch (static_cast<AdminOpcode>(sqe.opcode)) {
    case AdminOpcode::create_io_sq:
      return judge_create_submission_queue(sqe, view, found);
    case AdminOpcode::create_io_cq:
      return judge_create_completion_queue(sqe, view, found);
    case AdminOpcode::delete_io_sq:
      return judge_delete_queue(false, sqe, view, found);
    case AdminOpcode::delete_io_cq:
      return judge_delete_queue(true, sqe, view, found);
    case AdminOpcode::set_features:
      return judge_set_features(sqe, view, found);
    case AdminOpcode::abort:
      if (view.limits_known && view.aborts_outstanding > view.acl) {
        found.add("CMD-15", std::to_string(view.aborts_outstanding) + " Aborts are outstanding and ACL is " + std::to_string(view.acl));
      }
      return;
    case AdminOpcode::async_event_request:
      if (view.limits_known && view.async_event_requests_outstanding > view.aerl) {
        found.add("CMD-16", std::to_string(view.async_event_requests_outstanding) + " requests are outstanding and AERL is " +
                                std::to_string(view.aerl));
      }
      return;
    default:
      return;
  }
}

}  // namespace phasebit::sim
