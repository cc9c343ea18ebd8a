// What a ready controller needs from time to time: queues of channels that came or went, log pages that an event told of, and another
// look at the namespaces. One admin command at a time.
#pragma once

#include <cstring>
#include <optional>

#include "src/driver/bring_up_runner.hpp"
#include "src/driver/control_parts.hpp"
#include "src/driver/device_limits.hpp"
#include "src/spec/log_pages.hpp"

namespace phasebit::driver {

template <Backend B>
class Housekeeping {
 public:
  Housekeeping(ControlParts<B>& parts, BringUpRunner<B>& runner) : parts_(parts), runner_(runner) {}

  /// Namespaces are to be looked at again.
  void ask_scan() { scan_is_asked_ = true; }
  /// A reset or shutdown takes over; a scan that ran is begun again by bring-up, log pages are no longer of interest.
  void stop() {
    job_ = Job::none;
    again_at_ = never;
    retries_ = 0;
    scan_is_asked_ = wants_reset_ = false;
    draft_is_ready_ = false;
    parts_.queues.hold_back(true);
  }
  /// A scan is done, by bring-up or here: its result is shown as soon as every reader of the last one has seen it, or at once if it tells
  /// them nothing new.
  void finish_scan() { draft_is_ready_ = true; }
  template <class UpToDate>
  void show_if_possible(UpToDate&& readers_are_up_to_date) {
    if (draft_is_ready_ && (readers_are_up_to_date() || !changes_view())) {
      show_namespaces();
    }
  }

  /// One step, in a controller that is ready. `readers_are_up_to_date()` says whether the view may change. True if anything happened.
  template <class UpToDate>
  bool step(Instant now, std::optional<spec::Csts> csts, Instant& wake, UpToDate&& readers_are_up_to_date) {
    show_if_possible(readers_are_up_to_date);
    wants_reset_ = wants_reset_ || parts_.admin.is_stalled();
    if (runner_.machine().state() == BringUp::State::running) {
      return runner_.step(now, csts, wake, [] {});
    }
    if (job_ == Job::none) {
      return start_next(now);
    }
    if (again_at_ != never) {
      wake = std::min(wake, again_at_);
      return now >= again_at_ && send_again(now);
    }
    const auto answer = parts_.admin.take_lane_answer();
    if (answer) {
      finish(*answer, now);
    }
    return answer.has_value();
  }

  /// True if the queues could not be made because the controller did not answer, if it does not let go of one, or if its admin queue has
  /// come to a standstill.
  bool wants_reset() const { return wants_reset_ || runner_.machine().state() == BringUp::State::timed_out; }

 private:
  enum class Job : std::uint8_t { none, remove_queue, read_log, scan };
  static constexpr Duration retry_pause = milliseconds(100);
  static constexpr std::uint32_t retries_max = 3;  ///< of one command

  bool start_next(Instant now) {
    if (!parts_.admin.lane_is_free()) {
      return false;
    }
    if (parts_.queues.wants_making()) {
      runner_.start_queues(now);
      return true;
    }
    if (parts_.queues.wants_deleting()) {
      return remove_queue(now);
    }
    if (const auto lid = parts_.admin.logs().next()) {
      return read_log(*lid, now);
    }
    if (scan_is_asked_ && !draft_is_ready_) {
      scan_is_asked_ = false;
      parts_.script.begin_scan(parts_.book.draft());
      return continue_scan(now);
    }
    return false;
  }

  bool send(Job job, const spec::Sqe& sqe, bool uses_page, Instant now) {
    std::memset(parts_.admin.page().data(), 0, parts_.admin.page().size());
    if (!parts_.admin.send_lane(sqe, uses_page, now + parts_.options.admin_timeout)) {
      return false;
    }
    job_ = job;
    again_at_ = never;
    return true;
  }

  /// What failed for the moment and has waited out its pause.
  bool send_again(Instant now) {
    switch (job_) {
      case Job::remove_queue:
        return remove_queue(now);
      case Job::read_log:
        return read_log(log_, now);
      case Job::scan:
        return continue_scan(now);
      case Job::none:
        break;
    }
    return false;
  }

  bool remove_queue(Instant now) {
    return send(Job::remove_queue, parts_.queues.next_to_delete(parts_.queues.next_is_submission(), true), false, now);
  }

  bool read_log(spec::Lid lid, Instant now) {
    const std::uint64_t bytes = lid == spec::Lid::changed_namespaces ? sizeof(spec::ChangedNamespaceLog) : 512;
    if (!send(Job::read_log, spec::GetLogPage{.lid = lid, .bytes = bytes}.sqe(), true, now)) {
      return false;
    }
    log_ = lid;
    parts_.admin.logs().remove(lid);
    // Whatever the list says, all are looked at: some drives leave it empty, and it cannot name what else changed meanwhile.
    scan_is_asked_ = scan_is_asked_ || lid == spec::Lid::changed_namespaces;
    return true;
  }

  bool continue_scan(Instant now) {
    if (parts_.book.scan().step() == NamespaceScan::Step::done) {
      finish_scan();
      return true;
    }
    if (!send(Job::scan, parts_.book.scan().command(), true, now)) {
      job_ = Job::none;
      scan_is_asked_ = true;  // from the start, once the ring has room
      return false;
    }
    return true;
  }

  void finish(const LaneAnswer& answer, Instant now) {
    if (may_ask_again(answer.status) && retries_ < retries_max) {
      ++retries_;
      again_at_ = now + retry_pause;
      return;
    }
    const Job done = job_;
    job_ = Job::none;
    retries_ = 0;
    if (done == Job::remove_queue) {
      wants_reset_ = !parts_.queues.deleted(answer) || wants_reset_;  // or it would be asked for ever
    } else if (done == Job::scan) {
      parts_.book.scan().take(spec::is_success(answer.status), parts_.admin.page());
      continue_scan(now);
    }
  }

  void show_namespaces() {
    const bool changes = changes_view();
    draft_is_ready_ = false;
    parts_.book.show_draft([this](const Namespace& entry) { tell_changed(entry); });
    if (changes) {
      publish_view();
    }
    parts_.queues.hold_back(false);
  }

  void tell_changed(const Namespace& entry) {
    Event event;
    event.kind = EventKind::namespace_seen;
    event.a = entry.nsid.value;
    event.b = entry.blocks;
    event.c = entry.blocks == 0 ? 0 : entry.block_bytes;
    parts_.backend.record(event);
    parts_.events.add({.kind = DriverEvent::Kind::namespace_changed, .nsid = entry.nsid});
  }

  /// What was found is not what the channels know already.
  bool changes_view() const {
    const DeviceFacts& facts = parts_.view.read(parts_.view.number());
    return facts.limits != limits_of(parts_.info, parts_.script.facts()) || facts.controller_memory != parts_.controller_memory.shape() ||
           !parts_.book.is_unchanged();
  }

  void publish_view() {
    DeviceFacts& facts = parts_.view.draft();
    facts.limits = limits_of(parts_.info, parts_.script.facts());
    facts.controller_memory = parts_.controller_memory.shape();
    fill_shapes(facts.namespaces, parts_.book.current());
    parts_.grants.publish(facts.limits, parts_.book.current());
    parts_.view.publish();
  }

  ControlParts<B>& parts_;
  BringUpRunner<B>& runner_;
  Job job_ = Job::none;
  Instant again_at_ = never;  ///< when the job's command is sent again that failed for the moment
  std::uint32_t retries_ = 0;
  spec::Lid log_{};
  bool wants_reset_ = false;
  bool scan_is_asked_ = false;
  bool draft_is_ready_ = false;
};

}  // namespace phasebit::driver
