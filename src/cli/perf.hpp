// Perf: keep so many operations outstanding for so long, and count. The same code for every bus.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "src/base/random.hpp"
#include "src/cli/output.hpp"
#include "src/cli/perf_result.hpp"
#include "src/cli/session.hpp"
#include "src/cli/shown.hpp"
#include "src/spec/status.hpp"

namespace phasebit::cli {

/// Drives the data plane of an attached session's open channel by itself: reaps, submits all free operations in one batch, lets time pass,
/// or sleeps if nothing was done. The control plane gets its turns when it wants them, and before each sleep.
template <class S, Clock C>
class Perf {
 public:
  /// `buffers` has one for each operation that is outstanding.
  Perf(S& session, C& clock, const PerfLoad& load, const driver::Namespace& space, std::span<const DmaRegion> buffers)
      : session_(session), clock_(clock), space_(space), io_blocks_(load.io_bytes / space.block_bytes), random_(1), buffers_(buffers) {
    result_.load = load;
    result_.drive = shown(session.driver().controller().model) + ", serial " + shown(session.driver().controller().serial);
    for (std::uint32_t i = 0; i < load.iodepth; ++i) {
      free_.push_back(i);
    }
    begun_.resize(load.iodepth);
    reads_.resize(load.iodepth);
  }

  /// Ends after the load's time, or when the program is asked to stop or for the drive, or the driver is over or refuses an operation for
  /// good; what is outstanding is waited for.
  PerfResult run() {
    const std::uint64_t doorbells_before = session_.driver().statistics().doorbells;
    const Instant begin = clock_.now();
    const Instant end = begin + seconds(result_.load.seconds);
    Instant wake = session_.poll();
    Instant now = begin;
    last_end_ = begin;
    while (free_.size() < begun_.size() || is_going_on(now, end)) {
      if (is_going_on(now, end)) {
        submit(now);
      }
      const bool idle = reap(now) == 0;
      if (!result_.load.interrupts) {
        clock_.pass(now + nanoseconds(500));
      } else if (idle) {
        wake = session_.poll();
        session_.sleep_until(is_going_on(now, end) ? std::min(wake, end) : wake);
      }
      now = clock_.now();
      if (now >= wake) {
        wake = session_.poll();
      }
    }
    result_.elapsed = last_end_ - begin;
    result_.doorbells = session_.driver().statistics().doorbells - doorbells_before;
    return std::move(result_);
  }

 private:
  bool is_going_on(Instant now, Instant end) const {
    return now < end && scenarios::interrupt_seen() == 0 && !session_.is_asked_for() && !session_.is_over() && !is_refused_;
  }

  /// Fills the driver up; what it refuses is offered again after the next reap.
  void submit(Instant now) {
    if (free_.empty()) {
      return;
    }
    batch_.clear();
    for (auto slot = free_.rbegin(); slot != free_.rend(); ++slot) {
      batch_.push_back(draw(*slot));
      begun_[*slot] = now;
      reads_[*slot] = batch_.back().opcode == spec::NvmOpcode::read;
    }
    const driver::SubmitResult submitted = session_.driver().submit(session_.channel(), batch_, now);
    free_.resize(free_.size() - submitted.accepted);
    if (submitted.accepted < batch_.size()) {
      heed(submitted.refusal);
    }
  }

  /// Nothing that the driver refuses of itself gets better by asking again: the namespace is another one, or gone.
  void heed(Errc refusal) {
    is_refused_ = refusal != Errc::queue_full && refusal != Errc::not_ready;
    if (is_refused_ && !session_.is_over() && result_.failed++ == 0) {
      result_.first_failure = fmt::format("refused ({})", name(refusal));
    }
  }

  driver::Operation draw(std::uint32_t slot) {
    driver::Operation operation;
    operation.tag = slot;
    operation.opcode = draw_read() ? spec::NvmOpcode::read : spec::NvmOpcode::write;
    operation.nsid = space_.nsid;
    const std::uint64_t places = space_.blocks / io_blocks_;
    const std::uint64_t place = scenarios::is_random(result_.load.pattern) ? random_.below(places) : next_place_++ % places;
    operation.lba = Lba{place * io_blocks_};
    operation.blocks = io_blocks_;
    operation.buffers = {&buffers_[slot], 1};
    return operation;
  }

  bool draw_read() {
    switch (result_.load.pattern) {
      case scenarios::Pattern::read:
      case scenarios::Pattern::randread:
        return true;
      case scenarios::Pattern::write:
      case scenarios::Pattern::randwrite:
        return false;
      case scenarios::Pattern::rw:
      case scenarios::Pattern::randrw:
        break;
    }
    return random_.chance(result_.load.rwmixread, 100);
  }

  std::uint32_t reap(Instant now) {
    const std::uint32_t count = session_.driver().reap(session_.channel(), now, results_);
    ++result_.polls;
    for (std::uint32_t i = 0; i < count; ++i) {
      take(results_[i], now);
    }
    return count;
  }

  void take(const driver::OperationResult& ended, Instant now) {
    const auto slot = static_cast<std::uint32_t>(ended.tag);
    free_.push_back(slot);
    last_end_ = now;
    if (ended.outcome != driver::Outcome::ok) {
      result_.first_failure =
          result_.failed++ == 0 ? fmt::format("{} ({})", name(ended.outcome), spec::status_name(ended.status)) : result_.first_failure;
      return;
    }
    PerfSide& side = reads_[slot] ? result_.read : result_.write;
    ++side.ios;
    side.latency.add(now - begun_[slot]);
  }

  S& session_;
  C& clock_;
  driver::Namespace space_;
  std::uint64_t io_blocks_;
  Random random_;
  std::uint64_t next_place_ = 0;
  std::span<const DmaRegion> buffers_;
  std::vector<std::uint32_t> free_;
  std::vector<Instant> begun_;  ///< by slot
  std::vector<bool> reads_;     ///< by slot
  std::vector<driver::Operation> batch_;
  std::array<driver::OperationResult, 64> results_;
  bool is_refused_ = false;
  Instant last_end_;
  PerfResult result_;
};

}  // namespace phasebit::cli
