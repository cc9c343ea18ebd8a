#include "src/driver/bring_up.hpp"

#include <algorithm>

namespace phasebit::driver {

using enum BringUpRow;
using enum Otherwise;

const std::array<BringUpWait, bring_up_rows> bring_up_table{{
    // row, on entry, until, bound, on timeout, on failure, CFS ends it, section
    {await_shutdown, BringUpAction::none, Until::shutdown_over, Bound::shutdown_timeout, go_on, give_up, false, "Base 2.0 §3.6.1"},
    {await_ready, BringUpAction::none, Until::ready, Bound::ready_timeout, give_up, give_up, false, "Base 2.0 §3.1.3.5 EN"},
    {disable, BringUpAction::clear_enable, Until::stopped, Bound::ready_timeout, give_up, give_up, false, "Base 2.0 §3.5.1 step 1"},
    {enable, BringUpAction::set_up_enable, Until::ready, Bound::ready_timeout, give_up, give_up, true, "Base 2.0 §3.5.1 steps 2 to 6"},
    {identify_controller, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, give_up, true,
     "Base 2.0 §3.5.1 step 7"},
    {command_set_combinations, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, give_up, true,
     "Base 2.0 §3.5.1 step 8"},
    {command_set_profile, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, go_on, true,
     "Base 2.0 §3.5.1 step 8"},
    {identify_command_set, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, go_on, true,
     "NVM Command Set 1.0 §4.1.5.4"},
    {host_behavior, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, go_on, true, "Base 2.0 §5.27.1.18"},
    {number_of_queues, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, give_up, true,
     "Base 2.0 §3.5.1 step 9"},
    {active_namespaces, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, go_on, true, "Base 2.0 §5.17.2.2"},
    {identify_namespace, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, go_on, true,
     "Base 2.0 §3.5.1 step 8"},
    {namespace_descriptors, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, go_on, true, "Base 2.0 §5.17.2.3"},
    {configure_events, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, go_on, true, "Base 2.0 §3.5.1 step 12"},
    {create_completion_queues, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, give_up, true,
     "Base 2.0 §3.5.1 step 10"},
    {create_submission_queues, BringUpAction::send_command, Until::answered, Bound::admin_timeout, give_up, give_up, true,
     "Base 2.0 §3.5.1 step 11"},
}};

namespace {

/// Whether a row has anything to wait for in the state that the controller is in.
bool is_needed(const BringUpWait& wait, const BringUpSeen& seen) {
  const spec::Csts csts = seen.csts.value_or(spec::Csts{});
  const bool enabled = seen.cc.get(spec::Cc::en);
  const bool ready = csts.get(spec::Csts::rdy);
  switch (wait.row) {
    case await_shutdown:
      return csts.get(spec::Csts::shst) == spec::Shst::occurring;
    case await_ready:  // clearing EN before RDY rose is undefined; a fatal status is the way out (§3.1.3.5, §9.5)
      return enabled && !ready && !csts.get(spec::Csts::cfs);
    case disable:
      return enabled || ready;
    default:
      return (seen.skips & skip_bit(wait.row)) == 0;
  }
}

/// `silently`: RDY was 0 before EN was cleared, so that only the end of the fatal status shows that the reset is over.
bool has_come(Until until, spec::Csts csts, bool silently) {
  const bool fatal = csts.get(spec::Csts::cfs);
  switch (until) {
    case Until::shutdown_over:
      return fatal || csts.get(spec::Csts::shst) != spec::Shst::occurring;
    case Until::ready:
      return fatal || csts.get(spec::Csts::rdy);
    case Until::stopped:
      return !csts.get(spec::Csts::rdy) && !(silently && fatal);
    case Until::answered:
      break;
  }
  return false;
}

}  // namespace

void BringUp::start_at(BringUpRow row, Instant now, const BringUpTimes& times) {
  times_ = times;
  first_row_ = row_ = row;
  state_ = State::running;
  problem_ = Problem::none;
  entered_ = acted_ = ask_again_ = tolerates_ = has_stopped_ = fatal_ = false;
  acted_at_ = quiet_until_ = deadline_ = now;
}

BringUpStep BringUp::poll(const BringUpSeen& seen) {
  BringUpStep step;
  if (state_ != State::running) {
    return step;
  }
  if (!entered_) {
    if (seen.csts) {
      enter_next(static_cast<std::size_t>(first_row_), seen, step);
    } else {
      step.next_wake = wake(seen.now);
    }
    return step;
  }
  if (!acted_ && !is_lost(seen)) {
    act(seen, step);
    return step;
  }
  if (const auto result = judge(seen)) {
    go_on(*result, seen, step);
  } else {
    step.next_wake = wake(seen.now);
  }
  return step;
}

/// A controller that is to answer a command and says that it is beyond commands.
bool BringUp::is_lost(const BringUpSeen& seen) const {
  return wait().until == Until::answered && seen.csts && !takes_commands(*seen.csts);
}

/// The one place where a fatal status and a deadline are looked at. What has come in time is not late because we looked late: `now` was
/// taken before the registers were read, so a condition that holds passes even at the deadline.
std::optional<WaitResult> BringUp::judge(const BringUpSeen& seen) {
  if (is_lost(seen) || (wait().fatal_ends && seen.csts && seen.csts->get(spec::Csts::cfs))) {
    fatal_ = true;
    return WaitResult::failed;
  }
  if (wait().until == Until::answered) {
    if (const auto answered = judge_answer(seen.answer)) {
      return answered;
    }
  } else if (seen.csts && has_come(wait().until, *seen.csts, stops_silently_)) {
    return WaitResult::passed;
  }
  return seen.now >= deadline_ ? std::optional(WaitResult::timed_out) : std::nullopt;
}

std::optional<WaitResult> BringUp::judge_answer(Answer answer) {
  switch (answer) {
    case Answer::none:
      return std::nullopt;
    case Answer::passed:
      return WaitResult::passed;
    case Answer::again:
      ask_again_ = true;
      return WaitResult::passed;
    case Answer::retry:
      ask_again_ = may_retry();
      return WaitResult::failed;
    case Answer::refused_again:
      ask_again_ = true;
      return WaitResult::failed;
    case Answer::tolerated:
      tolerates_ = true;
      return WaitResult::failed;
    case Answer::refused:
      return WaitResult::failed;
  }
  return WaitResult::failed;
}

void BringUp::go_on(WaitResult result, const BringUpSeen& seen, BringUpStep& step) {
  step.left = leave(result);
  const bool failed = result == WaitResult::failed;
  if (ask_again_) {
    const bool same_again = failed && seen.answer == Answer::retry;
    retries_ = same_again ? static_cast<std::uint8_t>(retries_ + 1) : std::uint8_t{0};
    enter(same_again ? times_.retry_pause : Duration{}, seen, step);
    return;
  }
  const bool tolerated = (failed && !fatal_ && (tolerates_ || wait().on_failure == Otherwise::go_on)) ||
                         (result == WaitResult::timed_out && wait().on_timeout == Otherwise::go_on);
  if (result != WaitResult::passed && !tolerated) {
    state_ = failed ? State::failed : State::timed_out;
    problem_ = problem_of(result);
    return;
  }
  enter_next(static_cast<std::size_t>(row_) + 1, seen, step);
}

void BringUp::enter_next(std::size_t from, const BringUpSeen& seen, BringUpStep& step) {
  while (from < bring_up_rows && !is_needed(bring_up_table[from], seen)) {
    ++from;
  }
  if (from == bring_up_rows) {
    state_ = State::ready;
    return;
  }
  row_ = static_cast<BringUpRow>(from);
  has_stopped_ = has_stopped_ || row_ >= enable;
  retries_ = 0;
  enter(row_ == enable ? times_.settle_before_enable : Duration{}, seen, step);
}

void BringUp::enter(Duration pause, const BringUpSeen& seen, BringUpStep& step) {
  std::uint16_t& visits = visits_[static_cast<std::size_t>(row_)];
  visits = static_cast<std::uint16_t>(std::min(visits + 1, 0xffff));
  entered_ = true;
  acted_ = ask_again_ = tolerates_ = false;
  act_at_ = seen.now + pause;
  deadline_ = act_at_ + bound();
  step.entered = transition(WaitResult::entered);
  act(seen, step);
}

void BringUp::act(const BringUpSeen& seen, BringUpStep& step) {
  if (seen.now < act_at_) {
    step.next_wake = act_at_;
    return;
  }
  acted_ = true;
  acted_at_ = seen.now;
  // A controller that was found with EN 0 and RDY 1 is on its way down already: there is nothing to write, only to wait.
  const bool nothing_to_clear = wait().on_entry == BringUpAction::clear_enable && !seen.cc.get(spec::Cc::en);
  step.action = nothing_to_clear ? BringUpAction::none : wait().on_entry;
  stops_silently_ = step.action == BringUpAction::clear_enable && seen.csts && !seen.csts->get(spec::Csts::rdy);
  const bool changes_enable = step.action == BringUpAction::clear_enable || step.action == BringUpAction::set_up_enable;
  quiet_until_ = seen.now + (changes_enable ? times_.quiet_after_enable_change : Duration{});
  deadline_ = quiet_until_ + bound();
  step.next_wake = wake(seen.now);
}

std::optional<Transition> BringUp::stop(WaitResult result) {
  const bool was_waiting = state_ == State::running && entered_;
  state_ = State::idle;
  return was_waiting ? std::optional(leave(result)) : std::nullopt;
}

Transition BringUp::leave(WaitResult result) {
  entered_ = acted_ = false;
  has_stopped_ = has_stopped_ || (row_ == disable && result == WaitResult::passed);
  return transition(result);
}

Transition BringUp::transition(WaitResult result) const {
  return {Machine::bring_up, static_cast<std::uint8_t>(row_), visit(), result};
}

bool BringUp::in_transition() const {
  return state_ == State::running && entered_ && (row_ == disable || row_ == enable);
}

Instant BringUp::wake(Instant now) const {
  const Instant look = std::max(quiet_until_, next_look(acted_at_, now));
  return entered_ ? std::min(deadline_, look) : look;
}

Duration BringUp::bound() const {
  switch (wait().bound) {
    case Bound::shutdown_timeout:
      return times_.shutdown_timeout;
    case Bound::ready_timeout:
      return times_.ready_timeout;
    case Bound::admin_timeout:
      break;
  }
  return times_.admin_timeout;
}

Problem BringUp::problem_of(WaitResult result) const {
  if (fatal_) {
    return Problem::fatal_status;
  }
  if (result == WaitResult::failed) {
    return row_ >= create_completion_queues ? Problem::no_io_queues : Problem::command_failed;
  }
  if (wait().until == Until::answered) {
    return Problem::command_timed_out;
  }
  return row_ == disable ? Problem::never_stopped : Problem::never_ready;
}

std::string_view name(BringUpRow row) {
  constexpr std::array<std::string_view, bring_up_rows> names{"await_shutdown",
                                                              "await_ready",
                                                              "disable",
                                                              "enable",
                                                              "identify_controller",
                                                              "command_set_combinations",
                                                              "command_set_profile",
                                                              "identify_command_set",
                                                              "host_behavior",
                                                              "number_of_queues",
                                                              "active_namespaces",
                                                              "identify_namespace",
                                                              "namespace_descriptors",
                                                              "configure_events",
                                                              "create_completion_queues",
                                                              "create_submission_queues"};
  const auto index = static_cast<std::size_t>(row);
  return index < names.size() ? names[index] : "unknown";
}

}  // namespace phasebit::driver
