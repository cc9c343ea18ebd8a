#include "src/driver/recovery.hpp"

#include <algorithm>

namespace phasebit::driver {

const std::array<RecoveryWait, recovery_rows> recovery_table{{
    {RecoveryRow::abort, RecoveryAction::none, "every late command has come back", "abort_timeout per command", "reset",
     "Base 2.0 §5.1, §9.2"},
    {RecoveryRow::suspect, RecoveryAction::none, "CSTS reads as something else", "removal_grace; at once outside a change of CC.EN",
     "gone, or stop_dma", "PCI Express Base 5.0 §2.3.2"},
    {RecoveryRow::reset, RecoveryAction::start_bring_up, "bring-up is ready", "its own rows", "reset again, stop_dma, or failed",
     "Base 2.0 §3.7.2"},
    {RecoveryRow::stop_dma, RecoveryAction::clear_bus_master, "bus mastering reads back as off", "stop_timeout", "stop_dma again",
     "PCIe Transport 1.0 §3.8"},
}};

RecoveryStep Recovery::poll(const RecoverySeen& seen) {
  if (state_ == State::failed || state_ == State::gone) {
    return {};
  }
  if (seen.removed) {
    return confirm_gone(WaitResult::gone);
  }
  if (seen.silent && !suspects() && !is_in(RecoveryRow::stop_dma)) {
    RecoveryStep step;
    enter_suspect(seen, step);
    return step;
  }
  if (state_ == State::idle) {
    return poll_idle(seen);
  }
  switch (row_) {
    case RecoveryRow::abort:
      return poll_abort(seen);
    case RecoveryRow::suspect:
      return poll_suspect(seen);
    case RecoveryRow::reset:
      return poll_reset(seen);
    case RecoveryRow::stop_dma:
      break;
  }
  return poll_stop_dma(seen);
}

/// One that has shut down takes no commands either (Base 2.0 §3.6.1).
bool Recovery::has_failed(const RecoverySeen& seen) {
  return seen.csts && (!takes_commands(*seen.csts) || seen.csts->get(spec::Csts::shst) == spec::Shst::complete);
}

/// Resets for late commands are as rare as commands are late; a controller that fails as soon as it is ready would loop for ever.
void Recovery::start_reset(const RecoverySeen& seen, RecoveryStep& step) {
  if (!has_failed(seen) || seen.now >= since_ready_ + times_.healthy_after) {
    attempts_ = 0;
  }
  gives_up_ = attempts_ > times_.resets_max;
  problem_ = has_failed(seen) ? Problem::fatal_status : Problem::none;
  enter(gives_up_ ? RecoveryRow::stop_dma : RecoveryRow::reset, seen, step);
}

RecoveryStep Recovery::poll_idle(const RecoverySeen& seen) {
  RecoveryStep step;
  if (begin_) {
    begin_ = false;
    enter(RecoveryRow::reset, seen, step);
    return step;
  }
  if (!seen.resets_allowed) {
    return step;
  }
  if (seen.reset_wanted || has_failed(seen)) {
    start_reset(seen, step);
  } else if (seen.late != LateCommands::none) {
    enter(RecoveryRow::abort, seen, step);
  }
  return step;
}

RecoveryStep Recovery::poll_abort(const RecoverySeen& seen) {
  RecoveryStep step;
  const bool interrupted = seen.reset_wanted || has_failed(seen);
  if (interrupted || seen.late == LateCommands::failed || seen.late == LateCommands::timed_out) {
    const bool timed_out = !interrupted && seen.late == LateCommands::timed_out;
    step.left = transition(RecoveryRow::abort, timed_out ? WaitResult::timed_out : WaitResult::failed);
    start_reset(seen, step);
  } else if (seen.late == LateCommands::none) {
    step.left = transition(RecoveryRow::abort, WaitResult::passed);
    state_ = State::idle;
  }
  return step;
}

RecoveryStep Recovery::poll_suspect(const RecoverySeen& seen) {
  RecoveryStep step;
  if (!seen.silent) {
    step.left = transition(RecoveryRow::suspect, WaitResult::passed);
    state_ = interrupted_ ? State::running : State::idle;
    row_ = interrupted_.value_or(row_);
    interrupted_.reset();
    return step;
  }
  if (seen.config == ConfigSpace::answers_undecoded) {  // back after a reset of the function or a flap of the link
    step.action = RecoveryAction::restore_decoding;
  }
  if (seen.config == ConfigSpace::silent && seen.now >= deadline_) {
    return confirm_gone(WaitResult::timed_out);
  }
  const Instant grace_end = std::max(deadline_, since_ + times_.removal_grace);
  if (seen.now >= grace_end) {  // configuration space answers but the registers never do: it is lost to us, and must be stopped
    step.left = transition(RecoveryRow::suspect, WaitResult::timed_out);
    step.also_left = interrupted_ ? std::optional(transition(*interrupted_, WaitResult::gone)) : std::nullopt;
    interrupted_.reset();
    is_lost_ = true;
    problem_ = Problem::not_there;
    enter(RecoveryRow::stop_dma, seen, step);
    return step;
  }
  step.next_wake = std::min(grace_end, next_look(since_, seen.now));
  return step;
}

RecoveryStep Recovery::poll_reset(const RecoverySeen& seen) {
  RecoveryStep step;
  switch (seen.bring_up) {
    case BringUp::State::running:
      return step;
    case BringUp::State::ready:
      step.left = transition(RecoveryRow::reset, WaitResult::passed);
      problem_ = Problem::none;
      state_ = State::idle;
      since_ready_ = seen.now;
      return step;
    case BringUp::State::timed_out:
      step.left = transition(RecoveryRow::reset, WaitResult::timed_out);
      break;
    case BringUp::State::idle:
    case BringUp::State::failed:
      step.left = transition(RecoveryRow::reset, WaitResult::failed);
      break;
  }
  problem_ = seen.bring_up_problem;
  after_failed_reset(seen, step);
  return step;
}

void Recovery::after_failed_reset(const RecoverySeen& seen, RecoveryStep& step) {
  gives_up_ = attempts_ > times_.resets_max;
  const bool may_still_write = !seen.stopped;
  enter(gives_up_ || may_still_write ? RecoveryRow::stop_dma : RecoveryRow::reset, seen, step);
}

RecoveryStep Recovery::poll_stop_dma(const RecoverySeen& seen) {
  RecoveryStep step;
  if (seen.config == ConfigSpace::silent) {
    return confirm_gone(WaitResult::gone);
  }
  if (seen.bus_master_off) {
    step.left = transition(RecoveryRow::stop_dma, WaitResult::passed);
    memory_is_safe_ = true;
    if (is_lost_) {
      state_ = State::gone;
    } else if (gives_up_) {
      state_ = State::failed;
    } else {
      enter(RecoveryRow::reset, seen, step);
    }
  } else if (seen.now >= deadline_) {  // memory that the device may still write is never given back: there is nothing to do but insist
    step.left = transition(RecoveryRow::stop_dma, WaitResult::timed_out);
    problem_ = Problem::bus_master_stuck;
    enter(RecoveryRow::stop_dma, seen, step);
  } else {
    step.next_wake = std::min(deadline_, next_look(since_, seen.now));
  }
  return step;
}

RecoveryStep Recovery::confirm_gone(WaitResult result) {
  RecoveryStep step;
  if (state_ == State::running) {
    step.left = transition(row_, suspects() ? result : WaitResult::gone);
  }
  if (interrupted_) {
    step.also_left = transition(*interrupted_, WaitResult::gone);
  }
  interrupted_.reset();
  state_ = State::gone;
  problem_ = Problem::not_there;
  memory_is_safe_ = true;
  return step;
}

std::optional<Transition> Recovery::stop(WaitResult result) {
  begin_ = false;
  if (state_ != State::running || suspects()) {
    return std::nullopt;
  }
  state_ = State::idle;
  return transition(row_, result);
}

void Recovery::enter_suspect(const RecoverySeen& seen, RecoveryStep& step) {
  interrupted_ = state_ == State::running ? std::optional(row_) : std::nullopt;
  enter(RecoveryRow::suspect, seen, step);
  deadline_ = seen.in_transition ? std::min(seen.now + times_.removal_grace, std::max(seen.now, seen.bring_up_deadline)) : seen.now;
}

void Recovery::enter(RecoveryRow row, const RecoverySeen& seen, RecoveryStep& step) {
  const auto index = static_cast<std::size_t>(row);
  visits_[index] = static_cast<std::uint16_t>(std::min(visits_[index] + 1, 0xffff));
  row_ = row;
  state_ = State::running;
  since_ = seen.now;
  deadline_ = row == RecoveryRow::stop_dma ? seen.now + times_.stop_timeout : never;
  if (row == RecoveryRow::reset) {
    memory_is_safe_ = false;
    ++attempts_;
    ++resets_;
  }
  step.entered = transition(row, WaitResult::entered);
  step.action = recovery_table[index].on_entry;
  step.next_wake = seen.now;
}

Transition Recovery::transition(RecoveryRow row, WaitResult result) const {
  const auto index = static_cast<std::size_t>(row);
  return {Machine::recovery, static_cast<std::uint8_t>(index), visits_[index], result};
}

std::string_view name(RecoveryRow row) {
  constexpr std::array<std::string_view, recovery_rows> names{"abort", "suspect", "reset", "stop_dma"};
  const auto index = static_cast<std::size_t>(row);
  return index < names.size() ? names[index] : "unknown";
}

}  // namespace phasebit::driver
