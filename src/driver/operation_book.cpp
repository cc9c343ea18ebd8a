#include "src/driver/operation_book.hpp"

#include "src/driver/queue_memory.hpp"

namespace phasebit::driver {

OperationBook::OperationBook(const ChannelOptions& options, PageSize page, std::uint64_t transfer_bytes_max, Duration command_timeout,
                             const DeviceView& view, std::pmr::memory_resource* memory)
    : parents_(options.operations_max, options.regions_max, memory),
      transfer_bytes_max_(transfer_bytes_max),
      transfer_{page, 0, PrpListMemory::pages_max(prp_list_bytes(transfer_bytes_max, page), page)},
      buffers_{page, options.regions_max},
      command_timeout_(command_timeout),
      view_(view),
      submission_count_(options.submission_queues) {
  take_view();
}

Result<void> OperationBook::check_open() const {
  if (closed_) {
    return fail(Errc::device_gone);
  }
  return parents_.is_empty() ? Result<void>(fail(Errc::queue_full)) : Result<void>{};
}

Result<void> OperationBook::accept(const Operation& operation) {
  if (const Result<void> open = check_open(); !open) {
    return open;
  }
  const Result<OperationPlan> plan = plan_operation(operation, *facts_, transfer_, buffers_);
  if (!plan || operation.submission_queue >= submission_count_) {
    return fail(plan ? Errc::invalid_argument : plan.error());
  }
  const std::uint32_t index = take_parent(operation.tag, *plan, operation.buffers, operation.timeout, operation.submission_queue);
  Parent& parent = parents_[index];
  parent.lba = operation.lba;
  parent.nsid = operation.nsid;
  parent.opcode = operation.opcode;
  parent.options = {operation.fua, operation.limited_retry, operation.deallocate, 0};
  parent.integral_read = operation.integral_read;
  parent.integral_write = operation.integral_write;
  return {};
}

Result<void> OperationBook::accept_raw(const RawCommand& command) {
  if (const Result<void> open = check_open(); !open) {
    return open;
  }
  const Result<OperationPlan> plan = plan_raw(command, transfer_, buffers_);
  if (!plan || command.submission_queue >= submission_count_) {
    return fail(plan ? Errc::invalid_argument : plan.error());
  }
  const std::uint32_t index = take_parent(command.tag, *plan, command.buffers, command.timeout, command.submission_queue);
  parents_[index].is_raw = true;
  parents_.raw(index) = command.sqe;
  return {};
}

std::uint32_t OperationBook::take_parent(std::uint64_t tag, const OperationPlan& plan, std::span<const DmaRegion> regions, Duration timeout,
                                         std::uint8_t submission) {
  const std::uint32_t index = parents_.take();
  Parent& parent = parents_[index];
  parent.tag = tag;
  parent.units = plan.units;
  parent.plan = plan;
  parent.timeout = timeout.ns != 0 ? timeout : command_timeout_;
  parent.submission = submission;
  parent.is_waiting = true;
  parents_.keep_regions(index, regions);
  waiting_lists_[submission].push_back(parents_, index);
  ++waiting_;
  ++accepted_;
  return index;
}

void OperationBook::close(Outcome outcome) {
  closed_ = true;
  for (ParentList& list : waiting_lists_) {
    while (!list.is_empty()) {
      stop_sending(list.first(), outcome);
    }
  }
}

bool OperationBook::abort(std::uint64_t tag) {
  bool found = false;
  for (std::uint32_t index = 0; index < parents_.size(); ++index) {
    Parent& parent = parents_[index];
    if (parent.tag != tag || (parent.children == 0 && !parent.is_waiting)) {
      continue;
    }
    found = true;
    parent.is_aborting = true;
    if (parent.is_waiting) {
      stop_sending(index, Outcome::aborted);
    }
  }
  return found;
}

/// Nothing more of this operation is sent; it ends once its children have.
void OperationBook::stop_sending(std::uint32_t index, Outcome outcome) {
  Parent& parent = parents_[index];
  parent.outcome = parent.outcome == Outcome::ok ? outcome : parent.outcome;
  stop_waiting(index);
  if (parent.children == 0) {
    finish(index);
  }
}

/// What waits is judged again: its namespace may be gone, smaller, or of another block size.
void OperationBook::take_view() {
  const std::uint32_t number = view_.number();
  facts_ = &view_.read(number);
  transfer_.bytes_max = std::min(transfer_bytes_max_, facts_->limits.transfer_bytes_max);
  for (const ParentList& list : waiting_lists_) {
    for (std::uint32_t index = list.first(); index != no_index;) {
      const std::uint32_t next = parents_[index].next;
      if (!is_still_possible(parents_[index])) {
        stop_sending(index, Outcome::rejected);
      }
      index = next;
    }
  }
  view_seen_.store(number, std::memory_order_release);
}

bool OperationBook::is_still_possible(const Parent& parent) const {
  if (parent.is_raw || parent.nsid == nsid_all) {
    return true;
  }
  const NamespaceShape* shape = facts_->find(parent.nsid);
  if (shape == nullptr) {
    return false;
  }
  const bool has_range = parent.opcode != spec::NvmOpcode::flush && parent.opcode != spec::NvmOpcode::dataset_management;
  return !has_range || (shape->block_bytes_log2 == parent.plan.unit_bytes_log2 && lies_within(parent.lba, parent.units, shape->blocks));
}

}  // namespace phasebit::driver
