// The control plane: it looks at the controller, lets the machines decide, and does what they say.
#pragma once

#include <algorithm>
#include <optional>

#include "src/driver/bring_up_runner.hpp"
#include "src/driver/control_parts.hpp"
#include "src/driver/housekeeping.hpp"
#include "src/driver/recovery.hpp"
#include "src/driver/shutdown_runner.hpp"

namespace phasebit::driver {

/// What the control plane asks of the channels.
struct ChannelsSeen {
  bool outstanding = false;        ///< I/O commands are out
  bool readers_up_to_date = true;  ///< every channel has seen the newest view
};

template <Backend B>
class ControlPlane {
 public:
  explicit ControlPlane(ControlParts<B>& parts)
      : parts_(parts), bring_up_(parts), housekeeping_(parts, bring_up_), shutdown_(parts, bring_up_), recovery_(times_of(parts.options)) {
    recovery_.begin();
  }

  /// Returns when it wants to be called next.
  Instant poll(Instant now, const ChannelsSeen& channels) {
    now_ = now;
    for (std::uint32_t turns = 0; turns < turns_max && !is_final(); ++turns) {
      wake_ = parts_.admin.tick(now);
      if (!turn(channels)) {
        return is_final() ? never : std::min(wake_, next_look());
      }
    }
    return is_final() ? never : now;  // there is more to do, but others want their turn too
  }

  State state() const {
    if (recovery_.state() == Recovery::State::gone) {
      return State::gone;
    }
    if (recovery_.state() == Recovery::State::failed) {
      return State::failed;
    }
    if (shutdown_asked_) {
      return shutdown_.machine().state() == ShutdownSequence::State::done ? State::detached : State::shutting_down;
    }
    const bool works = recovery_.state() == Recovery::State::idle || recovery_.is_in(RecoveryRow::abort);
    return !was_ready_ ? State::attaching : works ? State::ready : State::recovering;
  }
  Problem problem() const { return recovery_.problem(); }
  std::uint32_t resets() const { return recovery_.resets(); }

  /// No effect while a reset runs, or at the end.
  void ask_reset(ResetReason reason) {
    if (!recovery_.is_in(RecoveryRow::reset)) {
      reset_asked_ = true;
      reset_reason_ = reason;
    }
  }
  void ask_shutdown(bool orderly) {
    shutdown_asked_ = true;
    shutdown_orderly_ = orderly;
  }
  void ask_scan() { housekeeping_.ask_scan(); }
  /// The bus says that the function is no more.
  void be_removed() { removed_ = true; }
  /// The last thing before memory is given back: a function that was taken for gone, and answers again, may still write to it
  /// (PCIe Transport 1.0 §3.8).
  void stop_who_came_back() {
    if (recovery_.state() == Recovery::State::gone && parts_.registers.presence() != ConfigSpace::silent) {
      parts_.registers.set_command(true, false);
    }
  }

 private:
  static constexpr std::uint32_t turns_max = 64;

  static RecoveryTimes times_of(const Options& options) {
    RecoveryTimes times;
    times.removal_grace = options.removal_grace;
    times.resets_max = options.resets_max;
    return times;
  }

  bool is_final() const {
    const State is = state();
    return is == State::detached || is == State::failed || is == State::gone;
  }

  /// True if anything happened, so that there may be more to do at once.
  bool turn(const ChannelsSeen& channels) {
    look();
    if (step_recovery()) {
      return true;
    }
    const bool is_cut_off = shutdown_.machine().is_running() && recovery_.is_in(RecoveryRow::stop_dma);
    if (recovery_.suspects() || is_cut_off) {  // nothing is said to a function that does not answer
      return false;
    }
    if (shutdown_asked_) {
      return step_shutdown(channels);
    }
    if (recovery_.is_in(RecoveryRow::reset)) {
      return step_reset(channels);
    }
    return state() == State::ready && step_ready(channels);
  }

  // Looking.

  /// CSTS is read when a row waits for it, and now and then otherwise.
  bool wants_look() const {
    if (recovery_.is_in(RecoveryRow::reset) && bring_up_.machine().needs_status()) {
      return bring_up_.machine().wants_status(now_);
    }
    const bool notifies = shutdown_.machine().is_running() && shutdown_.machine().row() == ShutdownRow::notify;
    return recovery_.suspects() || notifies || now_ >= status_due();
  }

  /// What is fatal interrupts nobody, so it is looked for all the same; and a look is all that ends some waits of recovery and shutdown.
  Duration look_interval() const {
    const bool sleeps = parts_.info.interrupt_vectors != 0 && state() == State::ready && !bring_up_.machine().needs_status();
    return sleeps ? parts_.options.interrupt_poll_interval : parts_.options.poll_interval;
  }
  Instant status_due() const { return looked_at_ ? *looked_at_ + look_interval() : Instant{}; }

  Instant next_look() const {
    const bool machine_says = recovery_.is_in(RecoveryRow::reset) && bring_up_.machine().needs_status();
    return machine_says ? never : status_due();
  }

  void look() {
    const bool looks = wants_look();
    csts_ = looks ? parts_.registers.status() : std::nullopt;
    silent_ = looks && !csts_;
    looked_at_ = looks ? std::optional(now_) : looked_at_;
  }

  RecoverySeen see() {
    RecoverySeen seen;
    seen.now = now_;
    seen.csts = csts_;
    seen.silent = silent_;
    seen.removed = removed_;
    const bool stops_dma = recovery_.is_in(RecoveryRow::stop_dma);
    if (stops_dma || (silent_ && recovery_.suspects())) {
      seen.config = parts_.registers.presence();
      seen.bus_master_off = stops_dma && parts_.registers.bus_master_is_off();
    }
    seen.late = parts_.admin.late();
    seen.reset_wanted = reset_asked_ || parts_.admin.wants_reset() || housekeeping_.wants_reset();
    if (recovery_.is_in(RecoveryRow::abort) && reset_asked_ && reset_reason_ == ResetReason::deadline) {
      seen.late = LateCommands::timed_out;  // the Abort may have been answered; the command was not
      seen.reset_wanted = false;
    }
    seen.resets_allowed = !shutdown_asked_;
    const BringUp& bring_up = bring_up_.machine();
    seen.bring_up = bring_up.state();
    seen.in_transition = bring_up.in_transition();
    seen.bring_up_deadline = bring_up.deadline();
    seen.stopped = bring_up.has_stopped();
    seen.bring_up_problem = bring_up_.problem();
    return seen;
  }

  // Recovery.

  bool step_recovery() {
    const bool suspected = recovery_.suspects();
    const RecoveryStep step = recovery_.poll(see());
    parts_.tell(step.left);
    parts_.tell(step.also_left);
    parts_.tell(step.entered);
    wake_ = std::min(wake_, step.next_wake);
    if (recovery_.suspects() && !suspected) {
      silence();
    } else if (suspected && !recovery_.suspects()) {
      resume();
    }
    if (recovery_.memory_is_safe() || has_stopped_dma(step)) {
      give_back();
    }
    act(step.action);
    if (recovery_.state() == Recovery::State::gone || recovery_.state() == Recovery::State::failed) {
      end();
    }
    return step.left || step.entered || step.action != RecoveryAction::none;
  }

  static bool has_stopped_dma(const RecoveryStep& step) {
    return step.left && step.left->row == static_cast<std::uint8_t>(RecoveryRow::stop_dma) && step.left->result == WaitResult::passed;
  }

  /// The function answers again. A reset that is under way speaks when it has something to say; after SHN nothing is said any more.
  void resume() {
    if (shutdown_.machine().is_running()) {
      if (shutdown_.machine().row() <= ShutdownRow::delete_completion_queues) {
        parts_.admin.go_live();
        parts_.queues.drain();
      }
    } else if (recovery_.state() == Recovery::State::idle || recovery_.is_in(RecoveryRow::abort) || has_just_reset()) {
      parts_.admin.resume();
      parts_.queues.resume();
    }
  }

  /// Bring-up is ready, and the next look will end the reset.
  bool has_just_reset() const { return recovery_.is_in(RecoveryRow::reset) && bring_up_.machine().state() == BringUp::State::ready; }

  void act(RecoveryAction action) {
    switch (action) {
      case RecoveryAction::none:
        break;
      case RecoveryAction::start_bring_up:
        start_reset();
        break;
      case RecoveryAction::clear_bus_master:
        silence();
        parts_.registers.set_command(true, false);
        break;
      case RecoveryAction::restore_decoding:
        parts_.registers.set_command(true, false);
        break;
    }
  }

  void start_reset() {
    if (was_ready_) {
      parts_.events.add({.kind = DriverEvent::Kind::reset_started, .dword0 = static_cast<std::uint32_t>(reason_of_reset())});
    }
    silence();
    reset_asked_ = false;
    was_given_back_ = false;
    housekeeping_.stop();
    bring_up_.stop(WaitResult::failed);
    bring_up_.start(now_, recovery_.is_trying_again());
  }

  ResetReason reason_of_reset() const {
    if (reset_asked_) {
      return reset_reason_;
    }
    const bool late = parts_.admin.late() != LateCommands::none || parts_.admin.wants_reset() || housekeeping_.wants_reset();
    return late ? ResetReason::deadline : ResetReason::fatal;
  }

  void silence() {
    parts_.admin.silence();
    parts_.queues.silence();
  }

  /// The device can reach no memory: what it has not answered ends here, and rings may be used again.
  void give_back() {
    if (was_given_back_) {
      return;
    }
    was_given_back_ = true;
    const State is = state();
    const Outcome outcome = is == State::gone ? Outcome::gone : is == State::detached ? Outcome::aborted : Outcome::reset;
    parts_.queues.stop(outcome, is_final());
    parts_.admin.stop(outcome, is_final(), now_);
  }

  void end() {
    const bool gone = recovery_.state() == Recovery::State::gone;
    bring_up_.stop(gone ? WaitResult::gone : WaitResult::failed);
    shutdown_.stop(gone ? WaitResult::gone : WaitResult::failed);
    was_given_back_ = false;
    give_back();
    parts_.events.add({.kind = gone ? DriverEvent::Kind::removed : DriverEvent::Kind::failed});
  }

  bool step_reset(const ChannelsSeen& channels) {
    const bool was_scanning = bring_up_.is_scanning();
    housekeeping_.show_if_possible([&] { return channels.readers_up_to_date; });
    const bool happened = bring_up_.step(now_, csts_, wake_, [this] { give_back(); });
    if (was_scanning && !bring_up_.is_scanning()) {
      housekeeping_.finish_scan();
    }
    if (bring_up_.machine().state() == BringUp::State::ready) {
      if (was_ready_) {
        parts_.events.add({.kind = DriverEvent::Kind::reset_finished});
      }
      was_ready_ = true;
      parts_.admin.go_live();  // a suspicion may have silenced it, and queues that were made by then
      parts_.queues.resume();
      parts_.admin.start_events(parts_.info);
    }
    return happened;
  }

  // Ready.

  bool step_ready(const ChannelsSeen& channels) {
    return housekeeping_.step(now_, csts_, wake_, [&] { return channels.readers_up_to_date; });
  }

  // Shutdown.

  bool step_shutdown(const ChannelsSeen& channels) {
    if (!shutdown_.machine().is_running()) {
      start_shutdown();
      return true;
    }
    const bool happened = shutdown_.step(now_, csts_, channels.outstanding, wake_);
    if (shutdown_.machine().state() == ShutdownSequence::State::done) {
      was_given_back_ = false;
      give_back();
    }
    return happened;
  }

  void start_shutdown() {
    const bool interrupts_reset = recovery_.is_in(RecoveryRow::reset) || recovery_.is_in(RecoveryRow::stop_dma);
    const bool listens = was_ready_ && !interrupts_reset;
    bring_up_.stop(WaitResult::failed);
    parts_.tell(recovery_.stop(WaitResult::failed));
    housekeeping_.stop();
    shutdown_.start(shutdown_orderly_, listens);
  }

  ControlParts<B>& parts_;
  BringUpRunner<B> bring_up_;
  Housekeeping<B> housekeeping_;
  ShutdownRunner<B> shutdown_;
  Recovery recovery_;

  Instant now_;
  Instant wake_ = never;
  std::optional<Instant> looked_at_;  ///< at CSTS, the last time
  std::optional<spec::Csts> csts_;    ///< of this turn, if it was read and is not all ones
  bool silent_ = false;               ///< it was read as all ones
  bool was_ready_ = false;
  bool was_given_back_ = true;  ///< since the last reset began
  bool removed_ = false;
  bool reset_asked_ = false;
  ResetReason reset_reason_ = ResetReason::none;
  bool shutdown_asked_ = false;
  bool shutdown_orderly_ = true;
};

}  // namespace phasebit::driver
