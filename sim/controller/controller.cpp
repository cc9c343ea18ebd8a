#include "sim/controller/controller.hpp"

#include <algorithm>

#include "sim/controller/identify.hpp"

namespace phasebit::sim {
namespace {

/// What firmware that used the drive before may have left in the registers.
constexpr std::uint64_t stale_asq = 0x7f00'0000;
constexpr std::uint64_t stale_acq = 0x7f01'0000;

}  // namespace

Controller::Controller(const Wiring& wiring)
    : device_(wiring), lifecycle_(wiring, device_.registers, device_.undefined, *this), executor_(device_, lifecycle_) {
  const StateFound& found = wiring.options.found;
  device_.smart.on_power_on(now());
  if (found.enabled || found.ready) {
    device_.registers.set_admin_queues(spec::admin_queue_attributes(32, 32), stale_asq, stale_acq);
  }
  lifecycle_.find(found, now());
}

/// Facts are told when something first happens, so that a reader who came after construction hears them too.
void Controller::announce_once() {
  if (announced_) {
    return;
  }
  announced_ = true;
  const Wiring& w = device_.wiring;
  const spec::IdentifyController id = identify_controller(w.options);
  w.record(EventKind::power_on);
  w.record(DriveFact::capabilities, device_.registers.cap().raw, w.options.version.raw);
  w.record(DriveFact::identify_limits,
           id.mdts | static_cast<std::uint64_t>(id.acl) << 8 | static_cast<std::uint64_t>(id.aerl) << 16 |
               static_cast<std::uint64_t>(id.vwc) << 24 | static_cast<std::uint64_t>(id.nn) << 32,
           id.oacs | static_cast<std::uint64_t>(id.oncs) << 16 | static_cast<std::uint64_t>(id.awupf) << 32 |
               std::min<std::uint64_t>(id.rtd3e / 1000, 0xffff) << 48);
  w.record(DriveFact::entry_sizes, id.sqes | static_cast<std::uint64_t>(id.cqes) << 8);
  w.record(DriveFact::interrupt_vectors, w.options.interrupt_vectors);
  device_.namespaces.announce();
}

std::uint64_t Controller::register_read(std::uint32_t offset, std::uint32_t bytes) const {
  return offset >= spec::offset::doorbells ? 0 : device_.registers.read(offset, bytes);
}

void Controller::register_write(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes) {
  announce_once();
  if (offset >= spec::offset::doorbells) {
    return ring(offset, value, bytes);
  }
  const WriteEffect effect = device_.registers.write(offset, value, bytes);
  for (const RegisterChange& change : effect.all()) {
    on_register_change(change);
  }
}

void Controller::on_register_change(const RegisterChange& change) {
  using spec::Cc;
  if (change.offset == spec::offset::cc) {
    const Cc before{static_cast<std::uint32_t>(change.before)};
    const Cc after{static_cast<std::uint32_t>(change.after)};
    const std::uint64_t fixed_while_enabled = Cc::mps.mask | Cc::css.mask | Cc::ams.mask;
    const bool stays_enabled = before.get(Cc::en) && after.get(Cc::en);
    if (stays_enabled && ((before.raw ^ after.raw) & fixed_while_enabled) != 0 &&
        device_.undefined.choose(UndefinedSite::changed_while_enabled, {Reaction::ignore, Reaction::fatal}) == Reaction::fatal) {
      lifecycle_.make_fatal();
    }
    if (stays_enabled) {  // the page size in use is the one that was enabled with
      device_.registers.set_cc(Cc{static_cast<std::uint32_t>((after.raw & ~fixed_while_enabled) | (before.raw & fixed_while_enabled))});
    }
    lifecycle_.on_cc_changed(before, after, now());
  } else if (change.offset == spec::offset::nssr && change.written == spec::nssr_reset && device_.options().subsystem_reset) {
    reset(ResetKind::subsystem);
  } else if (change.offset == spec::offset::cmbmsc) {
    place_memory();
  }
}

/// CMBMSC was written (§3.1.3.14). A buffer whose last byte would have no address is nowhere.
void Controller::place_memory() {
  ControllerMemory* memory = device_.wiring.dma.controller_memory();
  if (memory == nullptr) {
    return;
  }
  const spec::Cmbmsc cmbmsc = device_.registers.cmbmsc();
  const Iova base = spec::cmb_base(cmbmsc);
  const bool is_wanted = spec::cmb_is_enabled(cmbmsc);
  const bool has_addresses = base.value <= ~0ull - (memory->bytes() - 1) && !device_.options().controller_memory.refuses_addresses;
  device_.registers.set_cmbsts(spec::Cmbsts{}.with(spec::Cmbsts::cbai, is_wanted && !has_addresses));
  if (is_wanted && has_addresses) {
    memory->place(base);
  } else {
    memory->hide();
  }
}

/// With any reset but Controller Reset, and with power, goes what CMBMSC says (§3.7.2), and the content (§8.5).
void Controller::forget_memory() {
  ControllerMemory* memory = device_.wiring.dma.controller_memory();
  if (memory != nullptr) {
    memory->hide();
    memory->lose_content();
  }
}

void Controller::ring(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes) {
  const std::uint32_t stride = spec::doorbell_stride_bytes(device_.registers.cap());
  const std::uint32_t distance = offset - spec::offset::doorbells;
  const std::uint32_t index = distance / stride;
  const auto number = static_cast<std::uint32_t>(value & 0xffff);
  if (distance % stride != 0 || bytes != 4 || index / 2 > 0xffff) {
    return on_invalid_doorbell(DoorbellResult::no_queue, offset, number);
  }
  const Qid qid{static_cast<std::uint16_t>(index / 2)};
  DoorbellResult result = DoorbellResult::no_queue;
  if (index % 2 == 0) {
    SubmissionQueue* queue = device_.queues.submission(qid);
    result = queue == nullptr ? result : queue->set_tail(number);
  } else {
    CompletionQueue* queue = device_.queues.completion(qid);
    result = queue == nullptr ? result : queue->set_head(number);
  }
  if (result != DoorbellResult::taken) {
    on_invalid_doorbell(result, offset, number);
  }
}

void Controller::on_invalid_doorbell(DoorbellResult result, std::uint32_t, std::uint32_t) {
  const bool of_no_queue = result == DoorbellResult::no_queue;
  const UndefinedSite site = !lifecycle_.ready() ? UndefinedSite::doorbell_while_not_ready
                             : of_no_queue       ? UndefinedSite::doorbell_of_no_queue
                                                 : UndefinedSite::doorbell_value;
  switch (device_.undefined.choose(site, {Reaction::event, Reaction::ignore, Reaction::event, Reaction::fatal})) {
    case Reaction::event:
      device_.report(of_no_queue ? spec::AsyncErrorInfo::invalid_doorbell_register : spec::AsyncErrorInfo::invalid_doorbell_value);
      return;
    case Reaction::fatal:
      lifecycle_.make_fatal();
      return;
    default:
      return;
  }
}

void Controller::step() {
  announce_once();
  lifecycle_.step(now());
  if (now() >= device_.keep_alive_deadline && !lifecycle_.fatal()) {
    expire_keep_alive();
  }
  executor_.step(now());
}

Instant Controller::next_due() const {
  if (!announced_) {
    return now();
  }
  const Instant keep_alive = lifecycle_.fatal() ? never : device_.keep_alive_deadline;
  return std::min({lifecycle_.next_due(), keep_alive, executor_.next_due(now())});
}

/// The host went silent (§3.9): an error is logged and the controller stops.
void Controller::expire_keep_alive() {
  device_.keep_alive_deadline = never;
  device_.errors.add(spec::make_status(spec::GenericStatus::keep_alive_timer_expired));
  lifecycle_.make_fatal();
}

void Controller::on_enabling(Instant) {
  const spec::Cc cc = device_.registers.cc();
  device_.arbiter.configure(cc.get(spec::Cc::ams), spec::Arbitration{device_.features.current(spec::Fid::arbitration)});
  executor_.make_admin_queues();
}

void Controller::on_ready(Instant) {}

void Controller::on_disabling(Instant, Instant disabled_at) {
  executor_.drain_until(disabled_at);
}

void Controller::on_disabled(Instant) {
  drop_everything();
  if (ControllerMemory* memory = device_.wiring.dma.controller_memory()) {
    memory->lose_content();  // CMBMSC outlives a Controller Reset (§3.7.2); nothing says that the content does
  }
}

void Controller::drop_everything() {
  executor_.drop_all(true);
  device_.reset();
}

// An abrupt shutdown leaves it open whether the cache is written back (§3.6.2).
void Controller::on_shut_down(bool orderly, Instant at) {
  if (orderly || (keyed(device_.wiring.seed, at.ns) & 1) != 0) {
    device_.wiring.media.flush_all();
  }
  executor_.drop_all(true);
}

void Controller::reset(ResetKind kind) {
  drop_everything();
  const bool knew_memory = device_.registers.cmbmsc().raw != 0;
  device_.registers.reset_all();
  lifecycle_.reset();
  forget_memory();
  if (kind == ResetKind::subsystem) {
    device_.registers.set_csts(spec::Csts{}.with(spec::Csts::nssro, true));
  }
  device_.wiring.record(EventKind::register_changed, 0, spec::offset::csts, device_.registers.csts().raw);
  device_.wiring.record(EventKind::register_changed, 0, spec::offset::cc, 0);
  if (knew_memory) {
    device_.wiring.record(EventKind::register_changed, 0, spec::offset::cmbmsc, 0);
  }
}

void Controller::power_cut(std::uint64_t outcome) {
  device_.smart.on_power_cut(lifecycle_.shut_down_orderly(), now());
  executor_.drop_all(false);
  device_.wiring.media.power_cut(outcome);
  device_.reset();
  device_.errors.lose_entries();
  device_.registers.reset_all();
  lifecycle_.reset();
  forget_memory();
}

void Controller::power_on() {
  device_.smart.on_power_on(now());
  announced_ = false;
  announce_once();
}

bool Controller::set_namespace_active(Nsid nsid, bool active) {
  const bool changed = device_.namespaces.set_active(nsid, active);
  if (changed) {
    device_.report_namespace_change();
  }
  return changed;
}

bool Controller::resize_namespace(Nsid nsid, std::uint64_t blocks) {
  const bool changed = device_.namespaces.resize(nsid, blocks);
  if (changed) {
    device_.report_namespace_change();
  }
  return changed;
}

void Controller::strike(const Fault& fault) {
  const Nsid nsid{static_cast<std::uint32_t>(fault.value)};
  switch (fault.what) {
    case Verb::fatal:
      return lifecycle_.make_fatal();
    case Verb::namespace_attach:
      set_namespace_active(nsid, true);
      return;
    case Verb::namespace_detach:
      set_namespace_active(nsid, false);
      return;
    case Verb::namespace_resize:
      resize_namespace(nsid, fault.value2);
      return;
    case Verb::async_event_storm:
      device_.events.begin_storm({fault.value != 0 ? fault.value : 64, fault.delay.ns != 0 ? fault.delay : microseconds(1), now(),
                                  spec::AsyncEvent{static_cast<std::uint32_t>(fault.value2)}});
      return;
    case Verb::thermal_throttle:
      device_.update_temperature();
      device_.report_temperature();
      return;
    default:
      return;
  }
}

void Controller::fingerprint(Hasher& hasher) const {
  device_.registers.fingerprint(hasher);
  device_.queues.fingerprint(hasher);
  device_.arbiter.fingerprint(hasher);
  device_.namespaces.fingerprint(hasher);
  device_.features.fingerprint(hasher);
  device_.smart.fingerprint(hasher);
  device_.errors.fingerprint(hasher);
  device_.events.fingerprint(hasher);
  device_.undefined.fingerprint(hasher);
  hasher.add(device_.granted_submission_queues);
  hasher.add(device_.granted_completion_queues);
  hasher.add(device_.keep_alive_deadline.ns);
  lifecycle_.fingerprint(hasher);
  executor_.fingerprint(hasher);
  hasher.add(announced_);
}

}  // namespace phasebit::sim
