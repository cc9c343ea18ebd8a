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

Result<void> OperationBook::accept_raw(const RawCommand& command) {
  if (const Result<void> open = check_open(command.submission_queue); !open) {
    return open;
  }
  OperationPlan plan;
  if (const Result<void> planned = plan_raw(command, transfer_, buffers_, plan); !planned) {
    return planned;
  }
  const std::uint32_t index = parents_.take();
  parents_[index] = {.tag = command.tag,
                     .plan = plan,
                     .timeout = command.timeout.ns != 0 ? command.timeout : command_timeout_,
                     .memory_losses = losses_of(command.buffers),
                     .submission = command.submission_queue,
                     .region_count = static_cast<std::uint8_t>(command.buffers.size()),
                     .is_raw = true};
  parents_.raw(index) = command.sqe;
  enqueue(index, command.buffers);
  return {};
}

std::uint64_t OperationBook::next_transfer_units(const Parent& parent, std::uint32_t index) const {
  const OperationPlan& plan = parent.plan;
  const std::span<const Extent> extents = parents_.extents(index);
  Stretch stretch;
  stretch.lba = parent.lba;
  stretch.units = std::min<std::uint64_t>(plan.units, plan.command_units);
  stretch.unit_bytes_log2 = plan.unit_bytes_log2;
  stretch.boundary_blocks = plan.boundary_blocks;
  stretch.page_offset = transfer_.page.offset_of(extents[parent.position.extent].iova + parent.position.offset);
  if (plan.has_gaps) {
    stretch.bytes_to_gap = bytes_to_gap(extents, parent.position, transfer_.page, plan.units << plan.unit_bytes_log2);
  }
  return first_command_units(stretch, transfer_);
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

/// What waits is judged again: its namespace may be gone, another, smaller, or of another block size, a block may no longer fit into a
/// command, and the controller may have lost its data.
void OperationBook::take_view() {
  const std::uint32_t number = view_.take_number();
  facts_ = &view_.read(number);
  transfer_.bytes_max = std::min(transfer_bytes_max_, facts_->limits.transfer_bytes_max);
  for (const ParentList& list : waiting_lists_) {
    for (std::uint32_t index = list.first(); index != no_index;) {
      const std::uint32_t next = parents_[index].next;
      if (!is_still_possible(parents_[index], parents_[index].lba, parents_[index].plan.units)) {
        stop_sending(index, Outcome::rejected);
      }
      index = next;
    }
  }
  view_seen_.store(number, std::memory_order_release);
}

bool OperationBook::is_still_possible(const Parent& parent, Lba lba, std::uint64_t units) const {
  if (parent.memory_losses != no_index && parent.memory_losses != facts_->controller_memory.losses) {
    return false;
  }
  if (parent.is_raw || parent.nsid == nsid_all) {
    return true;
  }
  if (parent.plan.transfers && (std::uint64_t{1} << parent.plan.unit_bytes_log2) > transfer_.bytes_max) {
    return false;
  }
  const NamespaceShape* shape = facts_->find(parent.nsid);
  if (shape == nullptr) {
    return false;
  }
  if (parent.opcode == spec::NvmOpcode::flush) {
    return true;
  }
  if (shape->life != parent.plan.life) {
    return false;
  }
  if (parent.opcode == spec::NvmOpcode::dataset_management) {
    return parent.plan.ranges_end <= shape->blocks;
  }
  return shape->block_bytes_log2 == parent.plan.unit_bytes_log2 && lies_within(lba, units, shape->blocks);
}

}  // namespace phasebit::driver
