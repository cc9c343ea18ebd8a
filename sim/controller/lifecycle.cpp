#include "sim/controller/lifecycle.hpp"

#include <algorithm>

#include "src/spec/register_units.hpp"

namespace phasebit::sim {

using spec::Cc;
using spec::Csts;
using spec::Shn;
using spec::Shst;

void Lifecycle::set_csts(Csts value) {
  if (!(value == csts())) {
    registers_.set_csts(value);
    wiring_.record(EventKind::register_changed, 0, spec::offset::csts, value.raw);
  }
}

void Lifecycle::find(const StateFound& found, Instant now) {
  reset();
  registers_.set_cc(Cc{}.with(Cc::en, found.enabled).with(Cc::iosqes, found.enabled ? 6 : 0).with(Cc::iocqes, found.enabled ? 4 : 0));
  set_csts(Csts{}.with(Csts::rdy, found.ready).with(Csts::cfs, found.fatal).with(Csts::shst, found.shutdown));
  if (found.enabled) {
    state_ = found.ready ? State::ready : State::enabling;
    due_ = found.ready ? never : now + wiring_.options.times.enable;
  } else {
    state_ = found.ready ? State::disabling : State::disabled;
    due_ = found.ready ? now + wiring_.options.times.disable : never;
  }
  if (found.shutdown == Shst::occurring) {
    shutdown_ = Shutdown::occurring;
    shutdown_due_ = now + wiring_.options.times.shutdown;
  } else if (found.shutdown == Shst::complete) {
    shutdown_ = Shutdown::complete;
  }
}

void Lifecycle::reset() {
  state_ = State::disabled;
  shutdown_ = Shutdown::none;
  orderly_ = enable_after_disable_ = disable_after_enable_ = false;
  due_ = shutdown_due_ = never;
  media_ready_at_ = {};
}

/// How much longer a fault makes a transition take. States that such a fault begins are asked of the plan as they last.
Duration Lifecycle::extra(ControllerMoment moment, Verb late) {
  const FiredFaults fired = wiring_.faults.on_controller_state(wiring_.drive, moment);
  const Fault* fault = fired.find(late);
  return fault == nullptr ? Duration{} : fault->delay;
}

void Lifecycle::on_cc_changed(Cc before, Cc after, Instant now) {
  const Shn shn = after.get(Cc::shn);
  if (!before.get(Cc::en) && after.get(Cc::en)) {
    enable(now);
  } else if (before.get(Cc::en) && !after.get(Cc::en)) {
    disable(now);
  }
  if (shn == before.get(Cc::shn) || shn == Shn::none) {
    return;
  }
  if (shn != Shn::reserved) {
    begin_shutdown(shn == Shn::normal, now);
  } else if (undefined_.choose(UndefinedSite::reserved_shutdown, {Reaction::ignore, Reaction::fatal}) == Reaction::fatal) {
    make_fatal();
  }
}

/// What CC, AQA, ASQ and ACQ have to be for the admin queue to work (§3.5.1).
bool Lifecycle::configuration_works() const {
  const Cc cc = registers_.cc();
  const spec::Cap cap = registers_.cap();
  const std::uint32_t mps = cc.get(Cc::mps);
  const std::uint64_t page_mask = spec::page_bytes(cc) - 1;
  const bool page_fits = mps >= cap.get(spec::Cap::mpsmin) && mps <= cap.get(spec::Cap::mpsmax);
  const bool bases_fit = ((registers_.asq() | registers_.acq()) & page_mask) == 0;
  const bool sizes_fit = spec::admin_submission_entries(registers_.aqa()) >= 2 && spec::admin_completion_entries(registers_.aqa()) >= 2;
  const auto ams = cc.get(Cc::ams);
  const bool ams_fits =
      ams == spec::Ams::round_robin || (ams == spec::Ams::weighted_round_robin && cap.get(spec::Cap::ams_weighted_round_robin));
  const auto css = cc.get(Cc::css);
  const bool css_fits = (css == spec::Css::nvm && cap.get(spec::Cap::css_nvm)) ||
                        (css == spec::Css::all_supported && cap.get(spec::Cap::css_command_sets)) ||
                        (css == spec::Css::admin_only && cap.get(spec::Cap::css_admin_only));
  return page_fits && bases_fit && sizes_fit && ams_fits && css_fits && !admin_queues_in_own_memory();
}

/// Those of I/O may lie there; this drive keeps its admin queues out of it.
bool Lifecycle::admin_queues_in_own_memory() const {
  return wiring_.dma.is_own(Iova{registers_.asq()}) || wiring_.dma.is_own(Iova{registers_.acq()});
}

void Lifecycle::enable(Instant now) {
  if (state_ != State::disabled) {
    const Reaction reaction = undefined_.choose(UndefinedSite::enable_while_ready, {Reaction::late, Reaction::ignore, Reaction::fatal});
    enable_after_disable_ = reaction == Reaction::late;
    if (reaction == Reaction::fatal) {
      make_fatal();
    } else if (reaction == Reaction::ignore) {
      registers_.set_cc(registers_.cc().with(Cc::en, false));
    }
    return;
  }
  state_ = State::enabling;
  shutdown_ = Shutdown::none;  // one that was under way is over with the reset
  shutdown_due_ = never;
  set_csts(Csts{}.with(Csts::cfs, fatal()));
  if (!configuration_works()) {
    due_ = never;
    if (undefined_.choose(UndefinedSite::bad_configuration, {Reaction::ignore, Reaction::fatal}) == Reaction::fatal) {
      make_fatal();
    }
    return;
  }
  const DriveTimes& times = wiring_.options.times;
  const bool independent = registers_.cc().get(Cc::crime) && registers_.cap().get(spec::Cap::crms) == 3;
  due_ = now + times.enable + (independent ? Duration{} : times.media_ready) + extra(ControllerMoment::enabling, Verb::ready_late);
  hooks_.on_enabling(now);
}

void Lifecycle::disable(Instant now) {
  enable_after_disable_ = false;
  if (state_ == State::disabling) {
    return;
  }
  const bool unfinished = state_ == State::enabling && due_ != never && !fatal();
  if (unfinished && undefined_.choose(UndefinedSite::disable_while_not_ready, {Reaction::ignore, Reaction::late}) == Reaction::late) {
    disable_after_enable_ = true;
    return;
  }
  state_ = State::disabling;
  due_ = now + wiring_.options.times.disable + extra(ControllerMoment::disabling, Verb::ready_late);
  hooks_.on_disabling(now, due_);
}

void Lifecycle::begin_shutdown(bool orderly, Instant now) {
  if (shutdown_ != Shutdown::none || fatal()) {
    return;
  }
  shutdown_ = Shutdown::occurring;
  orderly_ = orderly;
  shutdown_due_ = now + wiring_.options.times.shutdown + extra(ControllerMoment::shutting_down, Verb::shutdown_late);
  set_csts(csts().with(Csts::shst, Shst::occurring));
}

void Lifecycle::make_fatal() {
  set_csts(csts().with(Csts::cfs, true));
}

bool Lifecycle::transition_blocked() const {
  if (state_ == State::enabling) {
    return fatal() || wiring_.faults.active(wiring_.drive, Verb::ready_never) != nullptr;
  }
  return wiring_.faults.active(wiring_.drive, Verb::ready_stuck) != nullptr;
}

bool Lifecycle::shutdown_blocked() const {
  return fatal() || wiring_.faults.active(wiring_.drive, Verb::shutdown_stuck) != nullptr;
}

void Lifecycle::step(Instant now) {
  if (now >= due_ && !transition_blocked()) {
    due_ = never;
    if (state_ == State::enabling) {
      become_ready(now);
    } else {
      become_disabled(now);
    }
  }
  if (now >= shutdown_due_ && !shutdown_blocked()) {
    become_shut_down(now);
  }
}

Instant Lifecycle::next_due() const {
  const Instant transition = due_ == never || transition_blocked() ? never : due_;
  const Instant shutdown = shutdown_due_ == never || shutdown_blocked() ? never : shutdown_due_;
  return std::min(transition, shutdown);
}

void Lifecycle::become_ready(Instant now) {
  state_ = State::ready;
  const bool independent = registers_.cc().get(Cc::crime) && registers_.cap().get(spec::Cap::crms) == 3;
  media_ready_at_ = independent ? now + wiring_.options.times.media_ready : now;
  set_csts(csts().with(Csts::rdy, true));
  hooks_.on_ready(now);
  if (disable_after_enable_) {
    disable_after_enable_ = false;
    disable(now);
  }
}

void Lifecycle::become_disabled(Instant now) {
  state_ = State::disabled;
  shutdown_ = Shutdown::none;
  shutdown_due_ = never;
  registers_.reset_by_controller();
  hooks_.on_disabled(now);
  set_csts(csts().with(Csts::rdy, false).with(Csts::cfs, false).with(Csts::shst, Shst::normal_operation));
  if (enable_after_disable_) {
    enable_after_disable_ = false;
    enable(now);
  }
}

void Lifecycle::become_shut_down(Instant now) {
  shutdown_ = Shutdown::complete;
  shutdown_due_ = never;
  hooks_.on_shut_down(orderly_, now);
  set_csts(csts().with(Csts::shst, Shst::complete));
}

void Lifecycle::fingerprint(Hasher& hasher) const {
  hasher.add(state_);
  hasher.add(shutdown_);
  hasher.add(orderly_);
  hasher.add(enable_after_disable_);
  hasher.add(disable_after_enable_);
  for (const Instant instant : {due_, shutdown_due_, media_ready_at_}) {
    hasher.add(instant.ns);
  }
}

}  // namespace phasebit::sim
