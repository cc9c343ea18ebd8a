#include "scenarios/interpose/status_view.hpp"

#include <algorithm>

namespace phasebit::scenarios {
namespace {

using sim::Verb;
using spec::Csts;
using spec::Shst;

Duration delay_of(const sim::FiredFaults& fired, Verb verb) {
  const sim::Fault* fault = fired.find(verb);
  return fault == nullptr ? Duration{} : fault->delay;
}

}  // namespace

void StatusView::on_enabling(const sim::FiredFaults& fired) {
  enabled_ = true;
  ready_change_ = {delay_of(fired, Verb::ready_late)};
  shutdown_ = {};
}

void StatusView::on_disabling(const sim::FiredFaults& fired) {
  enabled_ = false;
  ready_change_ = {delay_of(fired, Verb::ready_late)};
  fatal_until_ = {};
}

void StatusView::on_shutting_down(const sim::FiredFaults& fired) {
  shutdown_ = {delay_of(fired, Verb::shutdown_late)};
}

bool StatusView::shown_ready(Csts device, Instant now) {
  const bool ready = device.get(Csts::rdy);
  if (ready == ready_ || ready != enabled_) {
    return ready;
  }
  const Verb blocks = enabled_ ? Verb::ready_never : Verb::ready_stuck;
  return faults_.active(drive_, blocks) != nullptr || ready_change_.hides(now) ? ready_ : ready;
}

Csts StatusView::shown(Csts device, Instant now) {
  ready_ = shown_ready(device, now);
  Csts shown = device.with(Csts::rdy, ready_);
  const bool unfinished =
      device.get(Csts::shst) == Shst::complete && (faults_.active(drive_, Verb::shutdown_stuck) != nullptr || shutdown_.hides(now));
  if (unfinished) {
    shown.set(Csts::shst, Shst::occurring);
  }
  return is_fatal(now) ? shown.with(Csts::cfs, true) : shown;
}

Instant StatusView::next_due(Instant now) const {
  Instant next = never;
  for (const Instant due : {ready_change_.due, shutdown_.due, fatal_until_}) {
    next = due > now ? std::min(next, due) : next;
  }
  return next;
}

}  // namespace phasebit::scenarios
