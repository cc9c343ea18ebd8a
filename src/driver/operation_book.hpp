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

  // Ending.

  /// A child ended. The first failure is the operation's, and nothing more of it is sent.
  void end_child(std::uint32_t index, Outcome outcome, spec::Status status, std::uint32_t dword0, std::uint8_t attempts);
  /// The user wants the end of all operations with this tag: what waits ends now. True if any, sent or not, has it.
  bool abort(std::uint64_t tag);
  /// The user wants the end of the operation whose child this is.
  bool is_aborting(std::uint32_t index) const { return parents_[index].is_aborting; }

  /// Results go into `results` until end_results(); what ended before and found no place goes first.
  void begin_results(std::span<OperationResult> results);
  std::uint32_t end_results();
  bool has_results() const { return !finished_.is_empty(); }

  // What is known of the device.

  void follow_view() {
    if (view_.number() != view_seen_.load(std::memory_order_relaxed)) [[unlikely]] {
      take_view();
    }
  }
  std::uint32_t view_seen() const { return view_seen_.load(std::memory_order_acquire); }
  const DeviceFacts& facts() const { return *facts_; }

  std::uint32_t operations() const { return parents_.taken(); }
  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t ended() const { return ended_; }

 private:
  Result<void> check_open() const;
  std::uint32_t take_parent(std::uint64_t tag, const OperationPlan& plan, std::span<const DmaRegion> regions, Duration timeout,
                            std::uint8_t submission);
  std::uint64_t next_units(std::uint32_t index) const;
  void stop_waiting(std::uint32_t index);
  void stop_sending(std::uint32_t index, Outcome outcome);
  void finish(std::uint32_t index);
  void give_back(std::uint32_t index);
  void take_view();
  bool is_still_possible(const Parent& parent) const;

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

inline Portion OperationBook::take_portion(std::uint32_t index) {
  Parent& parent = parents_[index];
  const Portion portion{parent.lba, parent.position, static_cast<std::uint32_t>(next_units(index))};
  ++parent.children;
  parent.units -= portion.units;
  if (parent.units == 0) {
    stop_waiting(index);
    return portion;
  }
  parent.lba = parent.lba + portion.units;
  if (parent.plan.transfers) {
    parent.position.advance(parents_.extents(index), std::uint64_t{portion.units} << parent.plan.unit_bytes_log2);
  }
  return portion;
}

inline std::uint64_t OperationBook::next_units(std::uint32_t index) const {
  const Parent& parent = parents_[index];
  const OperationPlan& plan = parent.plan;
  if (!plan.transfers || parent.is_raw) {
    return std::min(parent.units, plan.command_units);
  }
  const std::span<const Extent> extents = parents_.extents(index);
  Stretch stretch{parent.lba, std::min(parent.units, plan.command_units), plan.unit_bytes_log2, plan.boundary_blocks, 0, spec::unlimited};
  stretch.page_offset = transfer_.page.offset_of(extents[parent.position.extent].iova + parent.position.offset);
  if (plan.has_gaps) {
    stretch.bytes_to_gap = bytes_to_gap(extents, parent.position, transfer_.page, parent.units << plan.unit_bytes_log2);
  }
  return first_command_units(stretch, transfer_);
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
