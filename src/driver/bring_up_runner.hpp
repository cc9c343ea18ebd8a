// Carries out what the bring-up machine says: registers are written, the rows' commands sent, their answers understood.
#pragma once

#include <cstring>
#include <optional>

#include "src/driver/bring_up.hpp"
#include "src/driver/control_parts.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::driver {

template <Backend B>
class BringUpRunner {
 public:
  explicit BringUpRunner(ControlParts<B>& parts) : parts_(parts) {}

  const BringUp& machine() const { return machine_; }
  /// Why bring-up failed.
  Problem problem() const { return parts_.script.problem() != Problem::none ? parts_.script.problem() : machine_.problem(); }

  /// True until bring-up knows every namespace.
  bool is_scanning() const { return !parts_.script.knows_controller() || parts_.book.scan().step() != NamespaceScan::Step::done; }

  /// From the state that the controller is found in. `again`: the last try failed, and too little patience may be why: some controllers
  /// take longer to be ready than CAP.TO says, or want a pause before CC.EN is set.
  void start(Instant now, bool again) {
    knows_cc_ = command_is_due_ = false;
    started_at_ = now;
    parts_.script.begin(parts_.quirks, parts_.book.draft());
    machine_.start(now, times(again));
  }
  /// Makes the queues that are wanted, at a controller that is ready.
  void start_queues(Instant now) {
    command_is_due_ = false;
    machine_.start_at(BringUpRow::create_completion_queues, now, times(false));
  }
  /// Ends whatever row is waited in.
  void stop(WaitResult result) {
    parts_.tell(machine_.stop(result));
    command_is_due_ = false;
  }

  /// One step. `has_stopped()` is called when the controller can reach no memory any more, before anything else is done to it. True if
  /// anything happened.
  template <class HasStopped>
  bool step(Instant now, std::optional<spec::Csts> csts, Instant& wake, HasStopped&& has_stopped) {
    if (!knows_cc_ && !learn_cc(now, csts)) {
      wake = std::min(wake, now + microseconds(10));
      return false;
    }
    BringUpSeen seen{.now = now, .csts = csts, .cc = cc_, .answer = take_answer()};
    seen.skips = parts_.script.skips() | parts_.queues.skips();
    const BringUpStep step = machine_.poll(seen);
    parts_.tell(step.left);
    parts_.tell(step.entered);
    if (machine_.has_stopped()) {
      has_stopped();
    }
    act(step.action, csts);
    send_due_command();
    wake = std::min(wake, step.next_wake);
    return step.left || step.entered || step.action != BringUpAction::none;
  }

  /// CC as it was last written; for the shutdown.
  spec::Cc cc() const { return cc_; }
  void set_cc(spec::Cc cc) {
    cc_ = cc;
    parts_.registers.set_configuration(cc);
  }

 private:
  static bool makes_queue(BringUpRow row) {
    return row == BringUpRow::create_completion_queues || row == BringUpRow::create_submission_queues;
  }
  static bool uses_page(BringUpRow row) {
    return !makes_queue(row) && row != BringUpRow::number_of_queues && row != BringUpRow::configure_events &&
           row != BringUpRow::command_set_profile;
  }

  BringUpTimes times(bool again) const {
    BringUpTimes times;
    times.ready_timeout = parts_.settings.ready_timeout * (again ? 2 : 1);
    times.shutdown_timeout = parts_.shutdown_timeout();
    times.admin_timeout = parts_.options.admin_timeout;
    times.settle_before_enable = again || parts_.quirks.has(Quirk::delay_before_enable) ? milliseconds(2) : Duration{};
    times.quiet_after_enable_change = parts_.quirks.has(Quirk::delay_before_ready_check) ? milliseconds(2300) : Duration{};
    return times;
  }

  /// CC as it was found. All ones is no CC; what it is, CSTS will say. If that goes on making sense, the controller is taken to be as it
  /// says, and reset.
  bool learn_cc(Instant now, std::optional<spec::Csts> csts) {
    cc_ = parts_.registers.configuration();
    knows_cc_ = cc_.raw != spec::all_ones32;
    if (!knows_cc_ && csts && now - started_at_ >= parts_.options.admin_timeout) {
      cc_ = spec::Cc{}.with(spec::Cc::en, csts->get(spec::Csts::rdy));
      knows_cc_ = true;
    }
    return knows_cc_;
  }

  Answer take_answer() {
    if (has_nothing_to_make()) {
      command_is_due_ = false;
      return Answer::passed;
    }
    const auto answer = parts_.admin.take_lane_answer();
    if (!answer) {
      return Answer::none;
    }
    const BringUpRow row = machine_.row();
    if (makes_queue(row)) {
      return parts_.queues.made(row, *answer, machine_.may_retry());
    }
    const Answer taken = parts_.script.take(row, *answer, machine_.may_retry(), parts_.admin.page());
    if (taken == Answer::passed && row == BringUpRow::number_of_queues) {
      parts_.queues.keep_within(parts_.info.io_queues);
    } else if (taken == Answer::passed && row == BringUpRow::identify_controller) {
      learn_quirks();
    }
    return taken;
  }

  /// Some quirks are known by model and firmware only.
  void learn_quirks() {
    const std::uint32_t identifiers = parts_.registers.identifiers();
    PciFunction function;
    function.vendor_id = static_cast<std::uint16_t>(identifiers);
    function.device_id = static_cast<std::uint16_t>(identifiers >> 16);
    parts_.quirks = parts_.quirks | quirks_of(function, spec::unpadded(parts_.info.model), spec::unpadded(parts_.info.firmware));
  }

  void act(BringUpAction action, std::optional<spec::Csts> csts) {
    switch (action) {
      case BringUpAction::none:
        break;
      case BringUpAction::clear_enable:
        clear_enable(csts.value_or(spec::Csts{}));
        break;
      case BringUpAction::set_up_enable:
        set_up_enable();
        break;
      case BringUpAction::send_command:
        command_is_due_ = true;
        break;
    }
  }

  /// What was found in reserved bits is not written back. SHN stays while a shutdown occurs (Base 2.0 §3.1.3.5).
  void clear_enable(spec::Csts csts) {
    constexpr std::uint32_t defined = 0x01ff'fff1;
    const bool is_shutting_down = csts.get(spec::Csts::shst) == spec::Shst::occurring;
    const spec::Cc cleared = spec::Cc{cc_.raw & defined}.with(spec::Cc::en, false);
    set_cc(is_shutting_down ? cleared : cleared.with(spec::Cc::shn, spec::Shn::none));
  }

  /// Some controllers forget AQA, ASQ and ACQ with every reset, so all is written each time (§3.5.1 steps 2 to 5).
  void set_up_enable() {
    parts_.registers.set_command(true, true);
    if (!place_controller_memory()) {
      return;
    }
    const std::uint32_t entries = parts_.settings.admin_queue_entries;
    parts_.registers.set_admin_queues(spec::admin_queue_attributes(entries, entries), parts_.admin.submissions(),
                                      parts_.admin.completions());
    set_cc(parts_.settings.cc);
    set_cc(parts_.settings.cc.with(spec::Cc::en, true));
  }

  /// Resets but the controller's own forget where its memory was, and none has to keep what it held. False if the function fell silent:
  /// nothing more is written then, and the row ends as it would anyway.
  bool place_controller_memory() {
    if (!parts_.controller_memory.is_there()) {
      return true;
    }
    using Placed = typename ControllerRegisters<B>::Placed;
    const Placed placed = parts_.registers.place_controller_memory(parts_.controller_memory.base());
    parts_.controller_memory.lose_content();
    if (placed == Placed::refused) {
      parts_.controller_memory.leave();
      parts_.queues.leave_controller_memory();
      parts_.info.controller_memory_bytes = 0;
    }
    return placed != Placed::silent;
  }

  /// The channel that the row was entered for was closed before its command went out, or between two tries of it.
  bool has_nothing_to_make() const { return command_is_due_ && makes_queue(machine_.row()) && !parts_.queues.has_to_make(machine_.row()); }

  /// The row's own deadline bounds the command. A full ring is tried again with the next poll.
  void send_due_command() {
    if (!command_is_due_ || has_nothing_to_make() || !parts_.admin.lane_is_free()) {
      return;
    }
    parts_.admin.go_live();
    const BringUpRow row = machine_.row();
    std::memset(parts_.admin.page().data(), 0, parts_.admin.page().size());
    const spec::Sqe sqe = makes_queue(row) ? parts_.queues.next_to_make(row) : parts_.script.command(row, parts_.admin.page());
    command_is_due_ = !parts_.admin.send_lane(sqe, uses_page(row), never);
  }

  ControlParts<B>& parts_;
  BringUp machine_;
  spec::Cc cc_;
  Instant started_at_;
  bool knows_cc_ = false;
  bool command_is_due_ = false;
};

}  // namespace phasebit::driver
