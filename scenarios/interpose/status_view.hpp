// CSTS as the host is to see it: what the device says, held back or made worse by faults.
#pragma once

#include <cstdint>

#include "sim/faults/fault_plan.hpp"
#include "src/base/time.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::scenarios {

/// The device goes its own way meanwhile: one that is shown as not ready may be ready, one that is shown as fatal works on.
class StatusView {
 public:
  StatusView(const sim::FaultPlan& faults, std::uint8_t drive) : faults_(faults), drive_(drive) {}

  /// The host's CC takes effect. `fired` is what the plan says of the moment.
  void on_enabling(const sim::FiredFaults& fired);
  void on_disabling(const sim::FiredFaults& fired);
  void on_shutting_down(const sim::FiredFaults& fired);
  /// The controller is fatal until it is disabled, or until then.
  void become_fatal(Instant until) { fatal_until_ = until; }

  /// What the host reads while the device says `device`, which is not all ones.
  spec::Csts shown(spec::Csts device, Instant now);
  /// The next instant after `now` at which what is shown may change by itself.
  Instant next_due(Instant now) const;

 private:
  /// A change of the device's that is shown later than it happened.
  struct Delayed {
    Duration delay;
    Instant due = never;  ///< once the change was first seen

    bool hides(Instant now) {
      due = due == never ? now + delay : due;
      return now < due;
    }
  };

  bool is_fatal(Instant now) const { return now < fatal_until_ && !faults_.healed(); }
  bool shown_ready(spec::Csts device, Instant now);

  const sim::FaultPlan& faults_;
  std::uint8_t drive_;
  bool enabled_ = false;
  bool ready_ = false;  ///< as last shown
  Delayed ready_change_;
  Delayed shutdown_;
  Instant fatal_until_;
};

}  // namespace phasebit::scenarios
