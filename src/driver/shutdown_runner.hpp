// Carries out what the shutdown machine says.
#pragma once

#include <optional>

#include "src/driver/bring_up_runner.hpp"
#include "src/driver/control_parts.hpp"
#include "src/driver/shutdown_sequence.hpp"

namespace phasebit::driver {

template <Backend B>
class ShutdownRunner {
 public:
  ShutdownRunner(ControlParts<B>& parts, BringUpRunner<B>& bring_up) : parts_(parts), bring_up_(bring_up) {}

  const ShutdownSequence& machine() const { return machine_; }

  /// `listens`: the controller is enabled and ready, so that it can be told.
  void start(bool orderly, bool listens) {
    orderly_ = orderly;
    command_is_due_ = false;
    ShutdownTimes times;
    times.drain_timeout = parts_.options.command_timeout;
    times.admin_timeout = parts_.options.admin_timeout;
    times.shutdown_timeout = parts_.quirks.has(Quirk::shutdown_never_completes) ? seconds(1) : parts_.shutdown_timeout();
    machine_.start(!listens ? ShutdownRow::stop_dma : orderly ? ShutdownRow::drain : ShutdownRow::notify, times);
    if (listens && orderly) {
      parts_.queues.drain();
    } else {
      parts_.queues.silence();
    }
  }

  void stop(WaitResult result) { parts_.tell(machine_.stop(result)); }

  /// One step. True if anything happened.
  bool step(Instant now, std::optional<spec::Csts> csts, bool outstanding, Instant& wake) {
    ShutdownSeen seen{.now = now, .csts = csts};
    seen.answer = take_answer();
    if (command_is_due_ && !has_to_delete()) {
      command_is_due_ = false;
      seen.answer = Answer::passed;
    }
    seen.outstanding = outstanding || !parts_.admin.lane_is_free();
    seen.has_submission_queues = parts_.queues.has_submission_queues();
    seen.has_completion_queues = parts_.queues.has_completion_queues();
    seen.bus_master_off = machine_.row() == ShutdownRow::stop_dma && parts_.registers.bus_master_is_off();
    const ShutdownStep step = machine_.poll(seen);
    parts_.tell(step.left);
    parts_.tell(step.entered);
    act(step.action);
    send_due_command();
    wake = std::min(wake, step.next_wake);
    return step.left || step.entered || step.action != ShutdownAction::none;
  }

 private:
  bool deletes_submissions() const { return machine_.row() == ShutdownRow::delete_submission_queues; }
  /// What was sent before the shutdown may be answered late, and leave nothing to delete.
  bool has_to_delete() const {
    return deletes_submissions() ? parts_.queues.has_submission_queues() : parts_.queues.has_completion_queues();
  }

  Answer take_answer() {
    const auto answer = parts_.admin.take_lane_answer();
    if (!answer) {
      return Answer::none;
    }
    if (!was_ours_) {  // it was sent before the shutdown began
      parts_.queues.settle(*answer);
      return Answer::none;
    }
    was_ours_ = false;
    if (!parts_.queues.deleted(*answer)) {
      return Answer::refused;
    }
    return has_to_delete() ? Answer::again : Answer::passed;
  }

  void act(ShutdownAction action) {
    if (action != ShutdownAction::none) {
      command_is_due_ = false;  // whatever the row before this one still wanted
    }
    switch (action) {
      case ShutdownAction::none:
        break;
      case ShutdownAction::send_command:
        command_is_due_ = true;
        break;
      case ShutdownAction::write_shutdown:
        parts_.queues.silence();
        parts_.admin.silence();
        bring_up_.set_cc(bring_up_.cc().with(spec::Cc::shn, orderly_ ? spec::Shn::normal : spec::Shn::abrupt));
        break;
      case ShutdownAction::clear_bus_master:
        parts_.queues.silence();
        parts_.admin.silence();
        parts_.registers.set_command(true, false);
        break;
    }
  }

  void send_due_command() {
    if (!command_is_due_ || !parts_.admin.lane_is_free()) {
      return;
    }
    was_ours_ = parts_.admin.send_lane(parts_.queues.next_to_delete(deletes_submissions(), false), false, never);
    command_is_due_ = !was_ours_;
  }

  ControlParts<B>& parts_;
  BringUpRunner<B>& bring_up_;
  ShutdownSequence machine_;
  bool orderly_ = true;
  bool command_is_due_ = false;
  bool was_ours_ = false;
};

}  // namespace phasebit::driver
