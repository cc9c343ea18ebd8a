// The ordinary way to do I/O: operations of any size and shape, within the limits, with deadlines and retries.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "src/driver/operation_book.hpp"
#include "src/driver/queue_memory.hpp"
#include "src/driver/queue_pair.hpp"
#include "src/driver/retry.hpp"
#include "src/driver/retry_queue.hpp"

namespace phasebit::driver {

/// OperationResult::attempts counts no further.
inline constexpr std::uint8_t retries_limit = 254;

/// What a channel is made of. Memory and view are the creator's and outlive the channel.
struct ChannelSetup {
  QueueSetup queue{};
  PageSize page{};                                ///< CC.MPS
  std::uint64_t transfer_bytes_max = 2ull << 20;  ///< of one command; MDTS may be less
  DmaRegion lists{};                              ///< prp_list_bytes(transfer_bytes_max, page) for each of queue.slots()
  ChannelOptions options{};                       ///< submission_queues is as many as `queue` has
  std::uint8_t retries_max = 4;                   ///< retries_limit at most
  Duration retry_delay = microseconds(100);
  Duration command_timeout = seconds(30);  ///< of each attempt; 0 is none
  Duration abort_timeout = seconds(10);    ///< from asking for an abort to asking for a reset
  const DeviceView* view = nullptr;
};

/// A fixed pool of operations over one queue pair. An operation is accepted or refused whole; its commands go out in order as slots free,
/// and no later operation of the same submission queue overtakes it. Every accepted operation comes back exactly once. One owner; the
/// control plane speaks through control() and the view. Nothing is allocated after construction.
template <Backend B>
class IoChannel {
 public:
  IoChannel(B& backend, const ChannelSetup& setup, std::pmr::memory_resource* memory)
      : queue_(backend, setup.queue, memory),
        book_(setup.options, setup.page, setup.transfer_bytes_max, setup.command_timeout, *setup.view, memory),
        children_(setup.queue.slots(), memory),
        retries_(setup.queue.slots(), memory),
        lists_(setup.lists),
        list_bytes_(prp_list_bytes(setup.transfer_bytes_max, setup.page)),
        retry_delay_(setup.retry_delay),
        abort_timeout_(setup.abort_timeout),
        retries_max_(std::min(setup.retries_max, retries_limit)) {
    PHASEBIT_ASSERT(setup.lists.bytes >= list_bytes_ * setup.queue.slots());
    PHASEBIT_ASSERT(setup.options.submission_queues == setup.queue.submissions.size());
  }

  QueueControl& control() { return queue_.control(); }
  const QueuePair<B>& queue() const { return queue_; }
  /// The publication of the view that this channel acts by; the control plane waits for it before it drafts the next.
  std::uint32_t view_seen() const { return book_.view_seen(); }
  /// Operations accepted whose results have not been returned.
  std::uint32_t operations() const { return book_.operations(); }

  Statistics statistics() const {
    Statistics sum = queue_.statistics();
    sum += statistics_;
    sum.operations_accepted = book_.accepted();
    sum.operations_ended = book_.ended();
    return sum;
  }

  /// Accepts a prefix of `operations` and sends what there is room for, with one doorbell. See plan_operation for why one is refused;
  /// besides `queue_full` if the pool is empty, and `device_gone` once the channel was stopped for good.
  SubmitResult submit(std::span<const Operation> operations, Instant now) {
    book_.follow_view();
    SubmitResult result;
    const bool is_live = queue_.is_live();
    for (const Operation& operation : operations) {
      if (is_live && send_at_once(operation, now)) [[likely]] {
        ++result.accepted;
        continue;
      }
      const Result<void> accepted = book_.accept(operation);
      if (!accepted) [[unlikely]] {
        result.refusal = accepted.error();
        break;
      }
      ++result.accepted;
    }
    send_all(now);
    return result;
  }

  /// A command as the user wrote it; in turn with the operations of its submission queue.
  Result<void> submit_raw(const RawCommand& command, Instant now) {
    book_.follow_view();
    const Result<void> accepted = book_.accept_raw(command);
    send_all(now);
    return accepted;
  }

  /// Takes what the device has answered, then looks at deadlines, then sends what waited. Returns how many results were written.
  std::uint32_t reap(Instant now, std::span<OperationResult> results) {
    book_.begin_results(results);
    queue_.reap_into(no_index, [this, now](const Completion& completion) { return end_command(completion, now); });
    book_.follow_view();
    if (now >= next_deadline_) [[unlikely]] {
      check_deadlines(now);
    }
    if (queue_.order().last) [[unlikely]] {
      end_for_good();
    }
    if (book_.has_waiting() || !retries_.is_empty()) {
      send_all(now);
    }
    return book_.end_results();
  }

  /// Asks for the end of every operation with this tag. Each still ends through reap: what was not sent as `aborted`, the rest as the
  /// device decides. `not_found` if there is none.
  Result<void> abort(std::uint64_t tag, Instant now) {
    if (!book_.abort(tag)) {
      return fail(Errc::not_found);
    }
    for (std::uint32_t slot = 0; slot < children_.size(); ++slot) {
      const CommandSlots::Slot& s = queue_.slots()[slot];
      if (s.taken && s.tag == tag) {
        end_or_abort(slot, now);
      }
    }
    return {};
  }

  /// When reap is next worth calling though no completion has come: for an order, news of the device, a result kept back, a deadline or a
  /// retry.
  Instant next_wake() const {
    if (queue_.has_new_order() || book_.view_is_new() || book_.has_results()) {
      return Instant{0};
    }
    return watches_time() ? std::min(next_deadline_, retries_.next_due()) : never;
  }

 private:
  /// A command while it holds its slot.
  struct Child {
    Portion portion{};
    Instant deadline = never;
    std::uint32_t parent = no_index;
    bool timed_out = false;
    bool abort_wanted = false;
    bool abort_told = false;
  };

  // Sending.

  /// A simple operation that need not wait for anything takes none of the detours of the others.
  bool send_at_once(const Operation& operation, Instant now) {
    if (book_.has_waiting() || !retries_.is_empty() || queue_.slots().available() == 0 ||
        operation.submission_queue >= queue_.submission_count() || queue_.free_entries(operation.submission_queue) == 0) {
      return false;
    }
    const std::uint32_t parent = book_.accept_simple(operation);
    if (parent == no_index) [[unlikely]] {
      return false;
    }
    const std::uint32_t slot = queue_.slots().take();
    queue_.slots()[slot].tag = operation.tag;
    const Portion portion{operation.lba, {}, static_cast<std::uint32_t>(operation.blocks)};
    children_[slot] = {portion, deadline_of(book_[parent], now), parent, false, false, false};
    queue_.send(slot, operation.submission_queue, 1, [&](spec::Sqe& entry) { book_.write_simple_entry(entry, operation, list_of(slot)); });
    return true;
  }

  /// Retries that are due first, for they are older; then what waits, in order; then one doorbell.
  void send_all(Instant now) {
    if (!queue_.is_live()) {
      return;
    }
    if (!retries_.is_empty()) [[unlikely]] {
      send_retries(now);
    }
    // Submission queues take turns at being first, lest one of them take every slot that frees.
    for (std::uint32_t i = 0; i < queue_.submission_count(); ++i) {
      turn_ = turn_ + 1 < queue_.submission_count() ? turn_ + 1 : 0;
      while (book_.first_waiting(turn_) != no_index && send_next(book_.first_waiting(turn_), now)) {
      }
    }
    turn_ = turn_ + 1 < queue_.submission_count() ? turn_ + 1 : 0;
    queue_.ring();
  }

  /// False if there is no room.
  bool send_next(std::uint32_t parent, Instant now) {
    const std::uint32_t submission = book_[parent].submission;
    if (queue_.slots().available() == 0 || queue_.free_entries(submission) == 0) {
      note_if_stalled(submission);
      return false;
    }
    const std::uint32_t slot = queue_.slots().take();
    queue_.slots()[slot].tag = book_[parent].tag;
    children_[slot] = {book_.take_portion(parent), never, parent, false, false, false};
    send(slot, 1, now);
    return true;
  }

  /// Sends the command that holds `slot`, for the first time or again.
  void send(std::uint32_t slot, std::uint8_t attempt, Instant now) {
    Child& child = children_[slot];
    const Parent& parent = book_[child.parent];
    queue_.send(slot, parent.submission, attempt,
                [&](spec::Sqe& entry) { book_.write_entry(entry, child.parent, child.portion, list_of(slot)); });
    child.deadline = deadline_of(parent, now);
  }

  /// Of a command that is sent now.
  Instant deadline_of(const Parent& parent, Instant now) {
    const Instant deadline = parent.timeout.ns != 0 ? now + parent.timeout : never;
    next_deadline_ = std::min(next_deadline_, deadline);
    return deadline;
  }

  PrpListMemory list_of(std::uint32_t slot) const {
    const std::uint64_t offset = slot * list_bytes_;
    return {reinterpret_cast<Le64*>(lists_.data + offset), lists_.iova + offset, list_bytes_};
  }

  [[gnu::cold, gnu::noinline]] void send_retries(Instant now) {
    retries_.visit(now, [&](std::uint32_t slot) {
      if (!book_.is_still_possible(children_[slot].parent, children_[slot].portion)) {
        end_unsent(slot, Outcome::rejected);
        return true;
      }
      const std::uint32_t submission = book_[children_[slot].parent].submission;
      if (queue_.free_entries(submission) == 0) {
        note_if_stalled(submission);
        return false;
      }
      send(slot, static_cast<std::uint8_t>(queue_.slots()[slot].attempts + 1), now);
      return true;
    });
  }

  /// A queue that takes nothing though nothing is outstanding on it will never move again by itself: the device lied about SQHD, or all
  /// slots are in quarantine.
  void note_if_stalled(std::uint32_t submission) {
    const bool no_entry = queue_.free_entries(submission) == 0 && queue_.outstanding(submission) == 0;
    const bool no_slot = queue_.slots().available() == 0 && queue_.slots().live_count() == 0 && retries_.is_empty();
    if (no_entry || no_slot) [[unlikely]] {
      control().wish_reset(ResetReason::stalled);
    }
  }

  // Ending.

  [[gnu::always_inline]] SlotFate end_command(const Completion& completion, Instant now) {
    if (completion.outcome != Outcome::ok) [[unlikely]] {
      return end_unsuccessful(completion, now);
    }
    const Child& child = children_[completion.slot];
    book_.end_child(child.parent, Outcome::ok, completion.status, completion.dword0, completion.attempts);
    return child.abort_wanted ? fate_after_abort(completion) : SlotFate::free;
  }

  [[gnu::cold, gnu::noinline]] SlotFate end_unsuccessful(const Completion& completion, Instant now) {
    const Child& child = children_[completion.slot];
    if (may_retry(completion, child)) {
      retries_.add(completion.slot, now + delay_of(completion));
      ++statistics_.retries;
      return SlotFate::keep;
    }
    book_.end_child(child.parent, outcome_of(completion, child), completion.status, completion.dword0, completion.attempts);
    return child.abort_wanted ? fate_after_abort(completion) : SlotFate::free;
  }

  /// The control plane may still have the Abort to send.
  [[gnu::cold, gnu::noinline]] SlotFate fate_after_abort(const Completion& completion) {
    if (children_[completion.slot].abort_told) {
      control().tell({QueueMessage::Kind::abort_over, queue_.qid(queue_.slots()[completion.slot].submission), completion.cid});
    }
    return SlotFate::doubtful;
  }

  bool may_retry(const Completion& completion, const Child& child) const {
    const Parent& parent = book_[child.parent];
    return completion.outcome == Outcome::failed && !parent.is_raw && !parent.is_aborting && parent.outcome == Outcome::ok &&
           !child.timed_out && completion.attempts <= retries_max_ && is_worth_retrying(completion.status);
  }
  Duration delay_of(const Completion& completion) const {
    return retry_delay({retry_delay_, book_.facts().limits.retry_delays}, completion.status, completion.attempts);
  }

  /// Why a command ended that did not succeed: what stopped it says less than what was wanted of it.
  Outcome outcome_of(const Completion& completion, const Child& child) const {
    const bool was_stopped = completion.outcome != Outcome::failed || is(completion.status, spec::GenericStatus::abort_requested);
    if (completion.outcome == Outcome::gone || !was_stopped) {
      return completion.outcome;
    }
    return child.timed_out ? Outcome::timed_out : book_.is_aborting(child.parent) ? Outcome::aborted : completion.outcome;
  }

  /// The channel was stopped for good: what was never sent, and what waited for another attempt, ends too.
  [[gnu::cold, gnu::noinline]] void end_for_good() {
    const Outcome outcome = queue_.order().outcome;
    book_.close(outcome);
    while (!retries_.is_empty()) {
      drop_retry(retries_.first(), outcome);
    }
  }

  /// A command that waits for another attempt will not get it.
  void drop_retry(std::uint32_t slot, Outcome outcome) {
    retries_.remove(slot);
    end_unsent(slot, outcome);
  }
  void end_unsent(std::uint32_t slot, Outcome outcome) {
    const std::uint8_t attempts = queue_.slots()[slot].attempts;
    queue_.slots().release(slot, false);
    book_.end_child(children_[slot].parent, outcome, {}, 0, attempts);
  }

  // Deadlines and aborts.

  /// While silent or stopped the control plane is at work; nobody else needs to hurry it.
  bool watches_time() const { return queue_.order().mode == QueueMode::live || queue_.order().mode == QueueMode::draining; }

  /// What the device has answered was taken before this: that was the last look.
  [[gnu::cold, gnu::noinline]] void check_deadlines(Instant now) {
    if (!watches_time()) {
      return;
    }
    next_deadline_ = never;
    for (std::uint32_t slot = 0; slot < children_.size(); ++slot) {
      if (queue_.slots()[slot].live_cid != CommandSlots::none) {
        check_deadline(slot, now);
      }
    }
  }

  void check_deadline(std::uint32_t slot, Instant now) {
    Child& child = children_[slot];
    if (child.deadline <= now && child.timed_out) {
      control().wish_reset(ResetReason::deadline);
      child.deadline = now + abort_timeout_;
    } else if (child.deadline <= now) {
      ++statistics_.timeouts;
      child.timed_out = child.abort_wanted = true;
      child.deadline = now + abort_timeout_;
    }
    next_deadline_ = std::min(next_deadline_, child.deadline);
    if (child.abort_wanted) {
      tell_abort(slot, now);
    }
  }

  void end_or_abort(std::uint32_t slot, Instant now) {
    if (queue_.slots()[slot].live_cid == CommandSlots::none) {
      drop_retry(slot, Outcome::aborted);
    } else {
      children_[slot].abort_wanted = true;
      tell_abort(slot, now);
    }
  }

  /// Once for each command; if the control plane has too much to read, a little later.
  void tell_abort(std::uint32_t slot, Instant now) {
    Child& child = children_[slot];
    const CommandSlots::Slot& s = queue_.slots()[slot];
    if (child.abort_told) {
      return;
    }
    const Cid cid{static_cast<std::uint16_t>(s.live_cid)};
    child.abort_told = control().tell({QueueMessage::Kind::abort_wanted, queue_.qid(s.submission), cid});
    statistics_.aborts_asked += child.abort_told;
    if (!child.abort_told) {
      next_deadline_ = std::min(next_deadline_, now + milliseconds(1));
    }
  }

  QueuePair<B> queue_;
  OperationBook book_;
  std::pmr::vector<Child> children_;  ///< by slot
  RetryQueue retries_;                ///< slots are held meanwhile, so that there is always room to remember the command
  DmaRegion lists_;
  std::uint64_t list_bytes_;
  Duration retry_delay_;
  Duration abort_timeout_;
  std::uint8_t retries_max_;
  std::uint32_t turn_ = 0;
  Instant next_deadline_ = never;  ///< none is earlier; answered commands may have left it too early
  Statistics statistics_;
};

}  // namespace phasebit::driver
