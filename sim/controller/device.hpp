// What the commands of a controller work on: its queues, namespaces, features, logs and events, in one place.
#pragma once

#include <algorithm>

#include "sim/controller/arbiter.hpp"
#include "sim/controller/async_events.hpp"
#include "sim/controller/error_log.hpp"
#include "sim/controller/features.hpp"
#include "sim/controller/namespaces.hpp"
#include "sim/controller/queues.hpp"
#include "sim/controller/register_file.hpp"
#include "sim/controller/smart.hpp"
#include "sim/controller/undefined.hpp"
#include "sim/controller/wiring.hpp"
#include "src/base/random.hpp"
#include "src/base/time.hpp"
#include "src/spec/async_event.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::sim {

/// No behaviour of its own but what a reset does to all of it.
struct Device {
  explicit Device(const Wiring& w)
      : wiring(w),
        undefined(keyed(w.options.undefined_seed, w.seed)),
        registers(w.options),
        queues(w.options.io_submission_queues, w.options.io_completion_queues, w.memory),
        namespaces(w),
        features(w, namespaces),
        smart(w.options.smart),
        errors(w.options, w.memory),
        events(w.options.async_events_max, w.memory) {
    reset();
  }

  const DriveOptions& options() const { return wiring.options; }
  std::uint32_t page_bytes() const { return spec::page_bytes(registers.cc()); }

  /// As any reset of the controller leaves it; registers are the lifecycle's business.
  void reset() {
    queues.remove_all();
    features.reset();
    events.reset();
    arbiter.reset();
    granted_submission_queues = options().io_submission_queues;
    granted_completion_queues = options().io_completion_queues;
    keep_alive_deadline = never;
  }

  /// An asynchronous event that the host has enabled, or that cannot be disabled.
  void report(spec::AsyncErrorInfo info) { events.report(spec::async_event(info)); }
  void report_namespace_change() {
    const spec::AsyncEventConfiguration wanted{features.current(spec::Fid::async_event_configuration)};
    if (wanted.get(spec::AsyncEventConfiguration::namespace_attributes)) {
      events.report(spec::async_event(spec::AsyncNoticeInfo::namespace_attribute_changed, spec::Lid::changed_namespaces));
    }
  }
  /// Throttling lasts as long as the fault that brings it: the drive is hot then.
  bool throttled() const { return wiring.faults.active(wiring.drive, Verb::thermal_throttle) != nullptr; }
  void update_temperature() {
    const auto hot = static_cast<std::uint16_t>(std::min(options().features.temperature_over + 5, 0xffff));
    smart.set_temperature_kelvins(throttled() ? hot : options().smart.temperature);
  }
  /// The temperature has changed, or a threshold (Base 2.0 §5.27.1.3).
  void report_temperature() {
    const spec::AsyncEventConfiguration wanted{features.current(spec::Fid::async_event_configuration)};
    const std::uint16_t kelvins = smart.temperature_kelvins();
    const bool beyond = kelvins >= features.temperature_over() || kelvins <= features.temperature_under();
    if (beyond && (wanted.get(spec::AsyncEventConfiguration::smart) & spec::CriticalWarning::temperature.mask) != 0) {
      events.report(spec::async_event(spec::AsyncSmartInfo::temperature_threshold));
    }
  }

  Wiring wiring;
  Undefined undefined;
  RegisterFile registers;
  Queues queues;
  Arbiter arbiter;
  Namespaces namespaces;
  Features features;
  Smart smart;
  ErrorLog errors;
  AsyncEvents events;
  std::uint32_t granted_submission_queues = 0;
  std::uint32_t granted_completion_queues = 0;
  Instant keep_alive_deadline = never;
};

/// What a command needs before it can be carried out.
struct CommandCheck {
  spec::Status status;
  std::uint64_t transfer_bytes = 0;  ///< in the direction that its opcode says
};

/// What came of it.
struct CommandOutcome {
  spec::Status status;
  std::uint32_t dword0 = 0;
  bool parked = false;    ///< it stays until somebody completes it
  std::uint64_t lba = 0;  ///< that the error log names
};

}  // namespace phasebit::sim
