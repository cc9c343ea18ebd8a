// A host in plain words: drives a controller through any Backend, one access at a time, so that a test can do each of them wrongly.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>

#include "src/backend/backend.hpp"
#include "src/base/assert.hpp"
#include "src/base/ring_index.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/completion.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::tests {

/// A queue pair as its host sees it.
struct PlainQueue {
  std::uint16_t qid = 0;
  std::uint32_t entries = 0;
  DmaRegion submission;
  DmaRegion completion;
  std::uint32_t tail = 0;
  PhasedIndex head;
  std::uint16_t next_cid = 1;
};

/// Knows nothing of the driver: it is what a second, naive implementation of the specification would be.
template <Backend B>
class PlainHost {
 public:
  /// `let_time_pass` moves the world on a little; called while waiting.
  PlainHost(B& backend, std::function<void()> let_time_pass) : b(backend), let_time_pass_(std::move(let_time_pass)) {
    cap = spec::Cap{b.read64(spec::offset::cap)};
  }

  B& b;
  spec::Cap cap;
  PlainQueue admin;
  PlainQueue io;

  DmaRegion memory(std::uint64_t bytes) {
    auto region = b.allocate_dma(bytes);
    PHASEBIT_ASSERT(region.has_value());
    return *region;
  }

  /// The CC that this controller wants, with EN set.
  spec::Cc configuration() const {
    spec::Cc cc = spec::Cc{}.with(spec::Cc::en, true).with(spec::Cc::mps, cap.get(spec::Cap::mpsmin));
    cc = cc.with(spec::Cc::iosqes, spec::sqe_bytes_log2).with(spec::Cc::iocqes, spec::cqe_bytes_log2);
    if (cap.get(spec::Cap::css_command_sets)) {
      return cc.with(spec::Cc::css, spec::Css::all_supported);
    }
    return cap.get(spec::Cap::css_admin_only) ? cc.with(spec::Cc::css, spec::Css::admin_only) : cc;
  }

  /// Makes the admin queue's memory and writes AQA, ASQ, ACQ.
  void set_admin_queue(std::uint32_t entries = 16) {
    admin = new_queue(0, entries);
    b.write32(spec::offset::aqa, spec::admin_queue_attributes(entries, entries).raw);
    b.write64(spec::offset::asq, admin.submission.iova.value);
    b.write64(spec::offset::acq, admin.completion.iova.value);
  }

  void write_cc(spec::Cc cc) { b.write32(spec::offset::cc, cc.raw); }
  spec::Csts csts() { return spec::Csts{b.read32(spec::offset::csts)}; }
  bool wait_ready(bool ready) {
    for (int turn = 0; turn < turns_max; ++turn) {
      if (csts().get(spec::Csts::rdy) == ready) {
        return true;
      }
      let_time_pass_();
    }
    return false;
  }

  /// Up to RDY=1.
  void enable() {
    set_admin_queue();
    write_cc(configuration());
    PHASEBIT_ASSERT(wait_ready(true));
    if (once_ready) {
      once_ready();
    }
  }
  std::function<void()> once_ready;  ///< what else this host does first, after each enable()
  /// Up to RDY=0.
  void disable() {
    write_cc(configuration().with(spec::Cc::en, false));
    PHASEBIT_ASSERT(wait_ready(false));
  }

  PlainQueue new_queue(std::uint16_t qid, std::uint32_t entries) {
    PlainQueue queue;
    queue.qid = qid;
    queue.entries = entries;
    queue.submission = memory(std::uint64_t{entries} * spec::sqe_bytes);
    queue.completion = memory(std::uint64_t{entries} * spec::cqe_bytes);
    return queue;
  }

  void ask_for_queues(std::uint32_t count) {
    admin_command(spec::SetFeatures{.fid = spec::Fid::number_of_queues, .value = spec::number_of_queues(count, count).raw}.sqe());
  }
  /// Queue pair `qid` of `entries`, made by command.
  PlainQueue make_io_queue(std::uint16_t qid, std::uint32_t entries) {
    PlainQueue queue = new_queue(qid, entries);
    PHASEBIT_ASSERT(admin_command(create_completion(queue).sqe()).status() == spec::Status{});
    PHASEBIT_ASSERT(admin_command(create_submission(queue).sqe()).status() == spec::Status{});
    return queue;
  }
  static spec::CreateIoCompletionQueue create_completion(const PlainQueue& queue) {
    return {.qid = Qid{queue.qid}, .entries = queue.entries, .base = queue.completion.iova};
  }
  static spec::CreateIoSubmissionQueue create_submission(const PlainQueue& queue) {
    return {.qid = Qid{queue.qid}, .entries = queue.entries, .base = queue.submission.iova, .cqid = Qid{queue.qid}};
  }
  /// Enabled, four queues asked for, I/O queue 1 made.
  void bring_up(std::uint32_t io_entries = 8) {
    enable();
    ask_for_queues(4);
    io = make_io_queue(1, io_entries);
  }

  /// Puts an entry at the tail; a CID of 0 is replaced by the next one.
  std::uint16_t place(PlainQueue& queue, spec::Sqe sqe) {
    if (sqe.cid == 0) {
      sqe.cid = queue.next_cid++;
    }
    std::memcpy(queue.submission.data + std::uint64_t{queue.tail} * spec::sqe_bytes, &sqe, sizeof sqe);
    queue.tail = next_slot(queue.tail, queue.entries);
    return sqe.cid;
  }
  std::uint32_t doorbell(std::uint16_t qid, spec::DoorbellKind kind) const {
    return static_cast<std::uint32_t>(spec::doorbell_offset(cap, Qid{qid}, kind));
  }
  void ring_tail(std::uint16_t qid, std::uint32_t value) { b.write32(doorbell(qid, spec::DoorbellKind::submission_tail), value); }
  void ring_head(std::uint16_t qid, std::uint32_t value) { b.write32(doorbell(qid, spec::DoorbellKind::completion_head), value); }
  void ring(PlainQueue& queue) { ring_tail(queue.qid, queue.tail); }
  void submit(PlainQueue& queue, const spec::Sqe& sqe) {
    place(queue, sqe);
    ring(queue);
  }

  /// Takes one entry if there is a new one; the head doorbell is not rung.
  bool take(PlainQueue& queue, spec::Cqe& into) {
    const auto* dwords = reinterpret_cast<const Le32*>(queue.completion.data + std::uint64_t{queue.head.slot} * spec::cqe_bytes);
    spec::CqeDwords loaded{};
    loaded[3] = b.load_acquire32(dwords[3]);
    if (spec::phase_of(spec::CqeDword3{loaded[3]}) != queue.head.phase) {
      return false;
    }
    for (std::size_t i = 0; i < 3; ++i) {
      loaded[i] = b.load32(dwords[i]);
    }
    into = spec::cqe_from(loaded);
    queue.head.advance(queue.entries);
    return true;
  }
  bool wait_for(PlainQueue& queue, spec::Cqe& into) {
    for (int turn = 0; turn < turns_max; ++turn) {
      if (take(queue, into)) {
        return true;
      }
      let_time_pass_();
    }
    return false;
  }
  /// Waits for one completion and acknowledges it.
  spec::Cqe complete(PlainQueue& queue) {
    spec::Cqe cqe;
    PHASEBIT_ASSERT(wait_for(queue, cqe));
    ring_head(queue.qid, queue.head.slot);
    return cqe;
  }
  spec::Cqe admin_command(const spec::Sqe& sqe) {
    submit(admin, sqe);
    return complete(admin);
  }
  spec::Cqe io_command(const spec::Sqe& sqe) {
    submit(io, sqe);
    return complete(io);
  }
  void let_time_pass(int turns = 1) {
    for (int turn = 0; turn < turns; ++turn) {
      let_time_pass_();
    }
  }

 private:
  static constexpr int turns_max = 100'000;
  std::function<void()> let_time_pass_;
};

}  // namespace phasebit::tests
