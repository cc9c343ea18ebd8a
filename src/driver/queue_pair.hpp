// A queue pair: one completion ring, one or more submission rings that answer to it, and the slots of what is outstanding on them.
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>

#include "src/driver/command_slots.hpp"
#include "src/driver/completion_ring.hpp"
#include "src/driver/queue_control.hpp"
#include "src/driver/submission_ring.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

/// One submission queue of a pair.
struct SubmissionSetup {
  Qid qid{};
  std::uint32_t entries = 2;
  DmaRegion memory{};                 ///< entries * 64 bytes, page aligned
  std::uint32_t doorbell_offset = 0;  ///< in the BAR
  DmaRegion controller_memory{};      ///< as much again, of the controller's own; the control plane says which of both is used
};

/// What a pair is made of. All memory is the creator's and outlives the pair; rings may have different sizes.
struct QueueSetup {
  Qid completion_qid{};
  std::uint32_t completion_entries = 2;
  DmaRegion completion_memory{};
  std::uint32_t completion_doorbell_offset = 0;
  std::span<const SubmissionSetup> submissions{};  ///< 1 to channel_submission_queues_max
  std::uint32_t commands_max = CommandSlots::slots_max;
  bool generations = true;

  /// Slots that the pair will have: what is outstanding always fits into the completion ring (§3.3.1.2).
  constexpr std::uint32_t slots() const {
    const std::uint32_t fit = completion_entries - 1 < CommandSlots::slots_max ? completion_entries - 1 : CommandSlots::slots_max;
    return commands_max < fit ? commands_max : fit;
  }
};

/// The end of a command. `status` and the dwords are 0 unless the device answered.
struct Completion {
  std::uint64_t tag = 0;
  std::uint32_t dword0 = 0;
  std::uint32_t dword1 = 0;
  spec::Status status{};
  Cid cid{};
  std::uint16_t slot = 0;
  Outcome outcome = Outcome::ok;  ///< ok, failed, or the outcome of the stop that ended it
  std::uint8_t attempts = 0;
};

/// What becomes of the slot of a command that has ended: free, kept for another attempt, or free but to be mistrusted, because the device
/// was asked to abort the command.
enum class SlotFate : std::uint8_t { free, keep, doubtful };

/// Touches DMA memory and doorbells only, never reads a register. One owner; the control plane speaks through control(). It begins silent.
template <Backend B>
class QueuePair {
 public:
  QueuePair(B& backend, const QueueSetup& setup, std::pmr::memory_resource* memory)
      : backend_(backend),
        completions_(backend, setup.completion_memory, setup.completion_entries, setup.completion_doorbell_offset),
        slots_(setup.slots(), setup.generations, memory),
        submission_count_(static_cast<std::uint32_t>(setup.submissions.size())) {
    PHASEBIT_ASSERT(!setup.submissions.empty() && setup.submissions.size() <= channel_submission_queues_max);
    for (std::uint32_t i = 0; i < submission_count_; ++i) {
      const SubmissionSetup& s = setup.submissions[i];
      submissions_[i].emplace(backend, s.memory, s.entries, s.doorbell_offset, s.controller_memory);
      qids_[i] = s.qid;
    }
  }
  QueuePair(const QueuePair&) = delete;
  QueuePair& operator=(const QueuePair&) = delete;

  QueueControl& control() { return control_; }
  const QueueControl& control() const { return control_; }
  CommandSlots& slots() { return slots_; }
  const CommandSlots& slots() const { return slots_; }
  std::uint32_t submission_count() const { return submission_count_; }
  Qid qid(std::uint32_t submission) const { return qids_[submission]; }
  const Statistics& statistics() const { return statistics_; }

  /// True if the newest order lets commands go out.
  bool is_live() {
    if (control_.order_number() != seen_) [[unlikely]] {
      take_order();
    }
    return order_.mode == QueueMode::live;
  }

  /// True if there is an order that the next reap has to obey.
  bool has_new_order() const { return control_.order_number() != seen_ || !control_.obeyed(); }
  /// Commands of a submission queue that are out at the device.
  std::uint32_t outstanding(std::uint32_t submission) const { return outstanding_[submission]; }

  /// How many entries of a submission ring can be written now, orders and slots aside.
  std::uint32_t free_entries(std::uint32_t submission) const { return submissions_[submission]->free(); }

  /// Writes one command into the submission ring; ring() makes it the device's. The CID in `sqe` is replaced. `not_ready` unless live,
  /// `queue_full` if a slot or an entry is lacking.
  Result<Cid> push(const spec::Sqe& sqe, std::uint64_t tag, std::uint8_t attempt = 1, std::uint32_t submission = 0) {
    if (!is_live()) {
      return fail(Errc::not_ready);
    }
    if (slots_.available() == 0 || free_entries(submission) == 0) {
      return fail(Errc::queue_full);
    }
    const std::uint32_t slot = slots_.take();
    slots_[slot].tag = tag;
    return send(slot, submission, attempt, [&sqe](spec::Sqe& entry) { entry = sqe; });
  }

  /// Sends a held slot's command: `fill(Sqe&)` writes the whole entry where it lies. The pair is live and has a free entry.
  template <class Fill>
  Cid send(std::uint32_t slot, std::uint32_t submission, std::uint8_t attempt, Fill&& fill) {
    SubmissionRing<B>& ring = *submissions_[submission];
    CommandSlots::Slot& s = slots_[slot];
    const Cid cid = slots_.enliven(slot);
    s.submission = static_cast<std::uint8_t>(submission);
    s.attempts = attempt;
    spec::Sqe& entry = ring.next();
    fill(entry);
    entry.cid = cid.value;
    Event event;
    event.kind = EventKind::command_pushed;
    event.queue = qids_[submission].value;
    event.a = cid.value | std::uint32_t{attempt} << 16;
    event.b = s.tag;
    event.c = entry.opcode | std::uint64_t{entry.nsid} << 32;
    backend_.record(event);
    ring.advance();
    ++outstanding_[submission];
    ++statistics_.commands_pushed;
    return cid;
  }

  /// One doorbell for each submission ring that has grown, if orders allow.
  void ring() {
    if (!is_live()) {
      return;
    }
    for (std::uint32_t i = 0; i < submission_count_; ++i) {
      statistics_.doorbells += submissions_[i]->ring();
    }
  }

  /// Gives the ends of commands to `sink(const Completion&)`, `limit` at most, and says how many. Obeys new orders first. Each command ends
  /// exactly once. The slot is held while the sink runs; what becomes of it afterwards is what the sink returns.
  template <class Sink>
  std::uint32_t reap_into(std::uint32_t limit, Sink&& sink) {
    const bool writes = is_live() || order_.mode == QueueMode::draining;
    std::uint32_t ended = harvest(limit, sink);
    if (order_.mode == QueueMode::stopped) [[unlikely]] {
      ended += end_outstanding(limit - ended, sink);
    } else if (writes) {
      statistics_.doorbells += completions_.ring();
    }
    return ended;
  }

  /// The same, by value.
  std::uint32_t reap(std::span<Completion> completions) {
    std::uint32_t ended = 0;
    return reap_into(static_cast<std::uint32_t>(completions.size()), [&](const Completion& completion) {
      completions[ended++] = completion;
      return SlotFate::free;
    });
  }

  /// The order that this pair acts by.
  const QueueOrder& order() const { return order_; }

 private:
  template <class Sink>
  [[gnu::always_inline]] std::uint32_t harvest(std::uint32_t limit, Sink& sink) {
    std::uint32_t ended = 0;
    spec::CqeDwords entry;
    // A controller that posts nonsense without end gets no more than one ring of attention a call.
    for (std::uint32_t looked = 0; ended < limit && looked < completions_.entries() && completions_.take(entry); ++looked) {
      const spec::CqeDword2 dword2{entry[2]};
      const spec::CqeDword3 dword3{entry[3]};
      const std::uint32_t slot = slots_.find(spec::cid_of(dword3));
      if (slot == CommandSlots::none || qids_[slots_[slot].submission] != spec::sqid_of(dword2)) [[unlikely]] {
        report_bogus(spec::sqid_of(dword2), spec::cid_of(dword3));
        continue;
      }
      if (!submissions_[slots_[slot].submission]->take_head(spec::sqhd_of(dword2))) [[unlikely]] {
        ++statistics_.queue_heads_bogus;
      }
      const spec::Status status = spec::status_of(dword3);
      end_command(slot, entry[0], entry[1], status, spec::is_success(status) ? Outcome::ok : Outcome::failed, sink);
      ++statistics_.commands_completed;
      ++ended;
    }
    return ended;
  }

  template <class Sink>
  [[gnu::always_inline]] void end_command(std::uint32_t slot, std::uint32_t dword0, std::uint32_t dword1, spec::Status status,
                                          Outcome outcome, Sink& sink) {
    const CommandSlots::Slot& s = slots_[slot];
    const Cid cid{static_cast<std::uint16_t>(s.live_cid)};
    slots_.hold(slot);
    --outstanding_[s.submission];
    Event event;
    event.kind = EventKind::command_finished;
    event.queue = qids_[s.submission].value;
    event.a = cid.value | std::uint32_t{status.raw} << 16;
    event.b = s.tag;
    event.c = static_cast<std::uint64_t>(outcome);
    backend_.record(event);
    const Completion completion{s.tag, dword0, dword1, status, cid, static_cast<std::uint16_t>(slot), outcome, s.attempts};
    const SlotFate fate = sink(completion);
    if (fate != SlotFate::keep) {
      slots_.release(slot, fate == SlotFate::doubtful);
    }
  }

  [[gnu::cold, gnu::noinline]] void report_bogus(Qid sqid, Cid cid) {
    ++statistics_.completions_bogus;
    control_.tell({QueueMessage::Kind::bogus_completion, sqid, cid});
  }

  [[gnu::cold, gnu::noinline]] void take_order() {
    seen_ = control_.take_order_number();
    order_ = QueueOrder::unpack(seen_);
    cursor_ = 0;
    if (order_.mode == QueueMode::stopped) {
      return;  // obeyed once all have ended
    }
    control_.obey(seen_);
    if (order_.mode == QueueMode::live) {
      for (std::uint32_t i = 0; i < submission_count_; ++i) {
        submissions_[i]->use_controller_memory((order_.far_rings >> i & 1) != 0);
      }
    }
    ring();  // what was held back while silent
  }

  /// Ends what the device did not answer and will never answer; then the rings are made new.
  template <class Sink>
  [[gnu::cold, gnu::noinline]] std::uint32_t end_outstanding(std::uint32_t limit, Sink& sink) {
    std::uint32_t ended = 0;
    for (; cursor_ < slots_.size() && ended < limit; ++cursor_) {
      if (slots_[cursor_].live_cid != CommandSlots::none) {
        end_command(cursor_, 0, 0, {}, order_.outcome, sink);
        ++statistics_.commands_stopped;
        ++ended;
      }
    }
    if (cursor_ == slots_.size() && !control_.obeyed()) {
      rewind();
      control_.obey(seen_);
    }
    return ended;
  }

  void rewind() {
    completions_.rewind();
    for (std::uint32_t i = 0; i < submission_count_; ++i) {
      submissions_[i]->rewind();
    }
    slots_.lift_quarantine();
  }

  B& backend_;
  CompletionRing<B> completions_;
  CommandSlots slots_;
  std::array<std::optional<SubmissionRing<B>>, channel_submission_queues_max> submissions_;
  std::array<Qid, channel_submission_queues_max> qids_{};
  std::array<std::uint32_t, channel_submission_queues_max> outstanding_{};
  std::uint32_t submission_count_;
  std::uint32_t seen_ = QueueOrder{}.packed();  ///< number of the order that order_ came from
  QueueOrder order_{};
  std::uint32_t cursor_ = 0;  ///< of end_outstanding
  Statistics statistics_;
  QueueControl control_;
};

}  // namespace phasebit::driver
