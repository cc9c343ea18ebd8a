#include "src/driver/shutdown_sequence.hpp"

#include <algorithm>

namespace phasebit::driver {

const std::array<ShutdownWait, shutdown_rows> shutdown_table{{
    {ShutdownRow::drain, ShutdownAction::none, "no I/O command and none of the driver's own is outstanding", "Base 2.0 §3.6.1 step 1a"},
    {ShutdownRow::delete_submission_queues, ShutdownAction::send_command, "every submission queue is deleted", "Base 2.0 §3.6.1 step 1b"},
    {ShutdownRow::delete_completion_queues, ShutdownAction::send_command, "every completion queue is deleted", "Base 2.0 §3.6.1 step 1c"},
    {ShutdownRow::notify, ShutdownAction::write_shutdown, "CSTS.SHST is 10b", "Base 2.0 §3.6.1 step 2"},
    {ShutdownRow::stop_dma, ShutdownAction::clear_bus_master, "bus mastering reads back as off", "PCIe Transport 1.0 §3.8"},
}};

namespace {

bool is_needed(ShutdownRow row, const ShutdownSeen& seen) {
  switch (row) {
    case ShutdownRow::delete_submission_queues:
      return seen.has_submission_queues;
    case ShutdownRow::delete_completion_queues:
      return seen.has_completion_queues;
    default:
      return true;
  }
}

}  // namespace

void ShutdownSequence::start(ShutdownRow first, const ShutdownTimes& times) {
  times_ = times;
  row_ = first;
  state_ = State::running;
  entered_ = false;
}

ShutdownStep ShutdownSequence::poll(const ShutdownSeen& seen) {
  ShutdownStep step;
  if (state_ != State::running) {
    return step;
  }
  const bool lost = is_lost(seen);
  if (!entered_) {
    enter_from(static_cast<std::size_t>(lost ? ShutdownRow::stop_dma : row_), seen, step);
    return step;
  }
  const auto result = judge(seen);
  if (!result) {
    step.next_wake = std::min(deadline_, next_look(since_, seen.now));
    return step;
  }
  step.left = transition(*result);
  entered_ = false;
  const auto index = static_cast<std::size_t>(row_);
  if (row_ == ShutdownRow::stop_dma && *result == WaitResult::passed) {
    state_ = State::done;
  } else if (row_ == ShutdownRow::stop_dma) {  // memory that the device may still write is never given back: insist
    enter_from(index, seen, step);
  } else if (*result == WaitResult::passed && seen.answer == Answer::again) {
    enter_from(index, seen, step);
  } else if (lost) {
    enter_from(static_cast<std::size_t>(ShutdownRow::stop_dma), seen, step);
  } else if (*result == WaitResult::passed || row_ == ShutdownRow::drain || row_ == ShutdownRow::notify) {
    enter_from(index + 1, seen, step);
  } else {  // a queue that cannot be deleted: tell the controller all the same
    enter_from(static_cast<std::size_t>(ShutdownRow::notify), seen, step);
  }
  return step;
}

/// A controller that is beyond commands must not be told anything: a write of CC would enable one that was reset without admin queues. Once
/// it was told, RDY says no more.
bool ShutdownSequence::is_lost(const ShutdownSeen& seen) const {
  if (row_ == ShutdownRow::stop_dma || !seen.csts) {
    return false;
  }
  const bool is_told = entered_ && row_ == ShutdownRow::notify;
  return is_told ? seen.csts->get(spec::Csts::cfs) : !takes_commands(*seen.csts);
}

std::optional<WaitResult> ShutdownSequence::judge(const ShutdownSeen& seen) const {
  if (is_lost(seen)) {
    return WaitResult::failed;
  }
  std::optional<WaitResult> result;
  switch (row_) {
    case ShutdownRow::drain:
      result = seen.outstanding ? std::nullopt : std::optional(WaitResult::passed);
      break;
    case ShutdownRow::delete_submission_queues:
    case ShutdownRow::delete_completion_queues:
      result = judge_answer(seen.answer);
      break;
    case ShutdownRow::notify:
      if (seen.csts && seen.csts->get(spec::Csts::shst) == spec::Shst::complete) {
        result = WaitResult::passed;
      }
      break;
    case ShutdownRow::stop_dma:
      result = seen.bus_master_off ? std::optional(WaitResult::passed) : std::nullopt;
      break;
  }
  return result || seen.now < deadline_ ? result : std::optional(WaitResult::timed_out);
}

std::optional<WaitResult> ShutdownSequence::judge_answer(Answer answer) const {
  switch (answer) {
    case Answer::none:
      return std::nullopt;
    case Answer::passed:
    case Answer::again:
      return WaitResult::passed;
    case Answer::retry:
    case Answer::refused:
    case Answer::refused_again:
    case Answer::tolerated:
      break;
  }
  return WaitResult::failed;
}

std::optional<Transition> ShutdownSequence::stop(WaitResult result) {
  const bool was_waiting = state_ == State::running && entered_;
  state_ = State::done;
  entered_ = false;
  return was_waiting ? std::optional(transition(result)) : std::nullopt;
}

void ShutdownSequence::enter_from(std::size_t row, const ShutdownSeen& seen, ShutdownStep& step) {
  while (!is_needed(static_cast<ShutdownRow>(row), seen)) {
    ++row;
  }
  row_ = static_cast<ShutdownRow>(row);
  visits_[row] = static_cast<std::uint16_t>(std::min(visits_[row] + 1, 0xffff));
  entered_ = true;
  since_ = seen.now;
  deadline_ = seen.now + bound();
  step.entered = transition(WaitResult::entered);
  step.action = shutdown_table[row].on_entry;
  step.next_wake = seen.now;
}

Transition ShutdownSequence::transition(WaitResult result) const {
  const auto index = static_cast<std::size_t>(row_);
  return {Machine::shutdown, static_cast<std::uint8_t>(index), visits_[index], result};
}

Duration ShutdownSequence::bound() const {
  switch (row_) {
    case ShutdownRow::drain:
      return times_.drain_timeout;
    case ShutdownRow::delete_submission_queues:
    case ShutdownRow::delete_completion_queues:
      return times_.admin_timeout;
    case ShutdownRow::notify:
      return times_.shutdown_timeout;
    case ShutdownRow::stop_dma:
      break;
  }
  return times_.stop_timeout;
}

std::string_view name(ShutdownRow row) {
  constexpr std::array<std::string_view, shutdown_rows> names{"drain", "delete_submission_queues", "delete_completion_queues", "notify",
                                                              "stop_dma"};
  const auto index = static_cast<std::size_t>(row);
  return index < names.size() ? names[index] : "unknown";
}

}  // namespace phasebit::driver
