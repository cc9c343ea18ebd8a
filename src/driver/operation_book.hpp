// The book of a channel's operations: what was accepted, what of it is still to be sent, and how it ended.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory_resource>
#include <span>

#include "src/driver/device_view.hpp"
#include "src/driver/operation_plan.hpp"
#include "src/driver/parents.hpp"
#include "src/driver/prp.hpp"

namespace phasebit::driver {

/// Knows nothing of queues. An operation is a parent; it waits until all of it was sent, and ends once all its children have.
class OperationBook {
 public:
  OperationBook(const ChannelOptions& options, PageSize page, std::uint64_t transfer_bytes_max, Duration command_timeout,
                const DeviceView& view, std::pmr::memory_resource* memory);

  // Accepting. `queue_full` if the pool is empty, `device_gone` once closed; else see plan_operation and plan_raw.

  Result<void> accept(const Operation& operation);
  /// The commonest case, made short: see plan_simple. The operation is accepted as one child that the caller sends at once, and its index
  /// is returned; no_index if accept() has to look at it.
  std::uint32_t accept_simple(const Operation& operation);
  Result<void> accept_raw(const RawCommand& command);
  /// Ends all that waits, and refuses everything from now on.
  void close(Outcome outcome);

  // What is still to be sent, in order of acceptance for each submission queue. Only the first that waits is partly sent.

  bool has_waiting() const { return waiting_ != 0; }
  /// no_index if none waits.
  std::uint32_t first_waiting(std::uint32_t submission) const { return waiting_lists_[submission].first(); }
  const Parent& operator[](std::uint32_t index) const { return parents_[index]; }

  /// Cuts the next command off a waiting operation, which then has one child more.
  Portion take_portion(std::uint32_t index);
  /// Writes the command that carries `portion`; its PRP list, if it needs one, goes to `list`.
  void write_entry(spec::Sqe& entry, std::uint32_t index, const Portion& portion, const PrpListMemory& list) const;
  /// The same for what accept_simple took, from the operation itself.
  void write_simple_entry(spec::Sqe& entry, const Operation& operation, const PrpListMemory& list) const {
    const spec::BlockOptions options{operation.fua, operation.limited_retry, false, 0};
    entry =
        spec::BlockCommand{operation.opcode, operation.nsid, operation.lba, static_cast<std::uint32_t>(operation.blocks), options}.sqe();
    const Extent extent{operation.buffers[0].iova, operation.buffers[0].bytes};
    const DataPointer data = describe({&extent, 1}, {}, extent.bytes, transfer_.page, list);
    entry.prp1 = data.prp1;
    entry.prp2 = data.prp2;
  }

  // Ending.

  /// A child ended. The first failure is the operation's, and nothing more of it is sent.
  void end_child(std::uint32_t index, Outcome outcome, spec::Status status, std::uint32_t dword0, std::uint8_t attempts);
  /// The user wants the end of all operations with this tag: what waits ends now. True if any, sent or not, has it.
  bool abort(std::uint64_t tag);
  /// The user wants the end of the operation whose child this is.
  bool is_aborting(std::uint32_t index) const { return parents_[index].is_aborting; }
  /// False if the namespace is gone, another, of another block size, or no longer reaches to where the child's command goes, or if the
  /// controller has lost its data.
  bool is_still_possible(std::uint32_t index, const Portion& portion) const {
    return is_still_possible(parents_[index], portion.lba, portion.units);
  }

  /// Results go into `results` until end_results(); what ended before and found no place goes first.
  void begin_results(std::span<OperationResult> results);
  std::uint32_t end_results();
  bool has_results() const { return !finished_.is_empty(); }

  // What is known of the device.

  void follow_view() {
    if (view_is_new()) [[unlikely]] {
      take_view();
    }
  }
  bool view_is_new() const { return view_.number() != view_seen_.load(std::memory_order_relaxed); }
  std::uint32_t view_seen() const { return view_seen_.load(std::memory_order_acquire); }
  const DeviceFacts& facts() const { return *facts_; }

  std::uint32_t operations() const { return parents_.taken(); }
  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t ended() const { return ended_; }

 private:
  Result<void> check_open(std::uint8_t submission) const;
  /// All of an operation's buffers lie on the same side.
  std::uint32_t losses_of(std::span<const DmaRegion> buffers) const;
  void fill_in(std::uint32_t index, const Operation& operation, const OperationPlan& plan);
  void enqueue(std::uint32_t index, std::span<const DmaRegion> regions);
  std::uint64_t next_units(const Parent& parent, std::uint32_t index) const;
  std::uint64_t next_transfer_units(const Parent& parent, std::uint32_t index) const;
  void stop_waiting(std::uint32_t index);
  void stop_sending(std::uint32_t index, Outcome outcome);
  void finish(std::uint32_t index);
  void give_back(std::uint32_t index);
  void take_view();
  bool is_still_possible(const Parent& parent, Lba lba, std::uint64_t units) const;

  ParentPool parents_;
  std::uint64_t transfer_bytes_max_;
  TransferLimits transfer_;
  BufferLimits buffers_;
  Duration command_timeout_;
  const DeviceView& view_;
  const DeviceFacts* facts_ = nullptr;
  std::atomic<std::uint32_t> view_seen_{0};
  std::array<ParentList, channel_submission_queues_max> waiting_lists_;
  std::uint32_t waiting_ = 0;  ///< parents in those
  ParentList finished_;        ///< ended while nobody offered a place for the result
  std::span<OperationResult> results_{};
  std::uint32_t result_count_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t ended_ = 0;
  std::uint32_t submission_count_;
  bool closed_ = false;
};

inline Result<void> OperationBook::check_open(std::uint8_t submission) const {
  if (closed_ || submission >= submission_count_) [[unlikely]] {
    return fail(closed_ ? Errc::device_gone : Errc::invalid_argument);
  }
  return parents_.is_empty() ? Result<void>(fail(Errc::queue_full)) : Result<void>{};
}

inline Result<void> OperationBook::accept(const Operation& operation) {
  if (const Result<void> open = check_open(operation.submission_queue); !open) [[unlikely]] {
    return open;
  }
  OperationPlan plan;
  if (const Result<void> planned = plan_operation(operation, *facts_, transfer_, buffers_, plan); !planned) {
    return planned;
  }
  const std::uint32_t index = parents_.take();
  fill_in(index, operation, plan);
  enqueue(index, operation.buffers);
  return {};
}

inline std::uint32_t OperationBook::accept_simple(const Operation& operation) {
  OperationPlan plan;
  if (!check_open(operation.submission_queue) || !plan_simple(operation, *facts_, transfer_, plan)) [[unlikely]] {
    return no_index;
  }
  const std::uint32_t index = parents_.take();
  fill_in(index, operation, plan);
  parents_[index].children = 1;
  parents_.keep_regions(index, operation.buffers);
  ++accepted_;
  return index;
}

inline std::uint32_t OperationBook::losses_of(std::span<const DmaRegion> buffers) const {
  const ControllerMemoryShape& memory = facts_->controller_memory;
  const bool lies_there = memory.bytes != 0 && !buffers.empty() && memory.holds(buffers.front().iova);
  return lies_there ? memory.losses : no_index;
}

inline void OperationBook::fill_in(std::uint32_t index, const Operation& operation, const OperationPlan& plan) {
  parents_[index] = {.tag = operation.tag,
                     .lba = operation.lba,
                     .plan = plan,
                     .timeout = operation.timeout.ns != 0 ? operation.timeout : command_timeout_,
                     .nsid = operation.nsid,
                     .memory_losses = losses_of(operation.buffers),
                     .opcode = operation.opcode,
                     .submission = operation.submission_queue,
                     .options = {operation.fua, operation.limited_retry, operation.deallocate, 0},
                     .region_count = static_cast<std::uint8_t>(operation.buffers.size()),
                     .integral_read = operation.integral_read,
                     .integral_write = operation.integral_write};
}

inline void OperationBook::enqueue(std::uint32_t index, std::span<const DmaRegion> regions) {
  Parent& parent = parents_[index];
  parents_.keep_regions(index, regions);
  parent.is_waiting = true;
  waiting_lists_[parent.submission].push_back(parents_, index);
  ++waiting_;
  ++accepted_;
}

inline Portion OperationBook::take_portion(std::uint32_t index) {
  Parent& parent = parents_[index];
  const Portion portion{parent.lba, parent.position, static_cast<std::uint32_t>(next_units(parent, index))};
  ++parent.children;
  parent.plan.units -= portion.units;
  if (parent.plan.units == 0) [[likely]] {
    stop_waiting(index);
    return portion;
  }
  parent.lba = parent.lba + portion.units;
  if (parent.plan.transfers) {
    parent.position.advance(parents_.extents(index), std::uint64_t{portion.units} << parent.plan.unit_bytes_log2);
  }
  return portion;
}

inline std::uint64_t OperationBook::next_units(const Parent& parent, std::uint32_t index) const {
  const OperationPlan& plan = parent.plan;
  if (plan.is_whole) [[likely]] {
    return plan.units;
  }
  return plan.transfers ? next_transfer_units(parent, index) : std::min<std::uint64_t>(plan.units, plan.command_units);
}

inline void OperationBook::write_entry(spec::Sqe& entry, std::uint32_t index, const Portion& portion, const PrpListMemory& list) const {
  const Parent& parent = parents_[index];
  if (parent.is_raw) {
    entry = parents_.raw(index);
  } else if (parent.opcode == spec::NvmOpcode::flush) {
    entry = spec::flush(parent.nsid);
  } else if (parent.opcode == spec::NvmOpcode::dataset_management) {
    entry =
        spec::DatasetManagement{parent.nsid, portion.units, parent.options.deallocate, parent.integral_read, parent.integral_write}.sqe();
  } else {
    entry = spec::BlockCommand{parent.opcode, parent.nsid, portion.lba, portion.units, parent.options}.sqe();
  }
  if (parent.plan.transfers) {
    const std::uint64_t bytes = std::uint64_t{portion.units} << parent.plan.unit_bytes_log2;
    const DataPointer data = describe(parents_.extents(index), portion.position, bytes, transfer_.page, list);
    entry.prp1 = data.prp1;
    entry.prp2 = data.prp2;
  }
}

inline void OperationBook::end_child(std::uint32_t index, Outcome outcome, spec::Status status, std::uint32_t dword0,
                                     std::uint8_t attempts) {
  Parent& parent = parents_[index];
  parent.attempts = std::max(parent.attempts, attempts);
  if (parent.outcome == Outcome::ok) {
    parent.outcome = outcome;
    parent.status = status;
    parent.dword0 = dword0;
  }
  if (outcome != Outcome::ok && parent.is_waiting) [[unlikely]] {
    stop_waiting(index);
  }
  if (--parent.children == 0 && !parent.is_waiting) {
    finish(index);
  }
}

inline void OperationBook::stop_waiting(std::uint32_t index) {
  Parent& parent = parents_[index];
  ParentList& list = waiting_lists_[parent.submission];
  if (list.first() == index) [[likely]] {
    list.pop_front(parents_);
  } else {
    list.remove(parents_, index);
  }
  parent.is_waiting = false;
  --waiting_;
}

inline void OperationBook::finish(std::uint32_t index) {
  ++ended_;
  if (result_count_ < results_.size()) [[likely]] {
    give_back(index);
  } else {
    finished_.push_back(parents_, index);
  }
}

inline void OperationBook::give_back(std::uint32_t index) {
  const Parent& parent = parents_[index];
  results_[result_count_++] = {parent.tag, parent.dword0, parent.status, parent.outcome, parent.attempts};
  parents_.release(index);
}

inline void OperationBook::begin_results(std::span<OperationResult> results) {
  results_ = results;
  result_count_ = 0;
  while (!finished_.is_empty() && result_count_ < results_.size()) [[unlikely]] {
    const std::uint32_t index = finished_.first();
    finished_.pop_front(parents_);
    give_back(index);
  }
}

inline std::uint32_t OperationBook::end_results() {
  results_ = {};
  return result_count_;
}

}  // namespace phasebit::driver
