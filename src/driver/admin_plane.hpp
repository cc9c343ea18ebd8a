// What goes over the admin queue in a controller's life: one command of the driver's own at a time, Aborts, requests for events, and the
// user's commands. It decides nothing about resets; it says when it wants one.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "src/driver/abort_list.hpp"
#include "src/driver/admin_queue.hpp"
#include "src/driver/async_events.hpp"
#include "src/driver/bring_up_script.hpp"
#include "src/driver/event_list.hpp"
#include "src/driver/options.hpp"
#include "src/driver/recovery.hpp"
#include "src/driver/settings.hpp"
#include "src/driver/user_commands.hpp"
#include "src/spec/admin_commands.hpp"

namespace phasebit::driver {

/// How the slots of an admin queue are shared out, so that no use can starve another.
struct AdminShares {
  std::uint32_t aborts = 0;
  std::uint32_t async_events = 0;
  std::uint32_t users = 0;

  /// The driver's own lane comes first; what is left goes to a user, an Abort, and then to each kind's wish.
  static constexpr AdminShares of(std::uint32_t slots, std::uint32_t aborts_wanted, std::uint32_t events_wanted) {
    AdminShares shares;
    std::uint32_t left = slots > 0 ? slots - 1 : 0;
    const auto take = [&left](std::uint32_t wanted) {
      const std::uint32_t taken = std::min(left, wanted);
      left -= taken;
      return taken;
    };
    shares.users = take(1);
    shares.aborts = take(std::min(aborts_wanted, 4u));
    shares.async_events = take(events_wanted);
    shares.users += take(UserCommands::commands_max - shares.users);
    return shares;
  }
};

template <Backend B>
class AdminPlane {
 public:
  struct Memory {
    typename AdminQueue<B>::Memory queue;
    DmaMemory<B> page;        ///< of the lane
    DmaMemory<B> user_lists;  ///< PRP lists
  };

  static Result<Memory> take_memory(B& backend, const ControllerSettings& settings) {
    auto queue = AdminQueue<B>::take_memory(backend, settings.admin_queue_entries, settings.page_bytes);
    auto page = DmaMemory<B>::take(backend, spec::identify_bytes, settings.page_bytes);
    auto lists = DmaMemory<B>::take(backend, UserCommands::commands_max * UserCommands::list_bytes, settings.page_bytes);
    if (!queue || !page || !lists) {
      return fail(Errc::out_of_memory);
    }
    return Memory{std::move(*queue), std::move(*page), std::move(*lists)};
  }

  AdminPlane(B& backend, Memory memory, const ControllerSettings& settings, spec::Cap cap, const Options& options, bool generations,
             EventList& events, std::pmr::memory_resource* host_memory)
      : options_(options),
        events_(events),
        page_(std::move(memory.page)),
        user_lists_(std::move(memory.user_lists)),
        queue_(backend, std::move(memory.queue), settings.admin_queue_entries, cap, generations, host_memory),
        users_(user_lists_.region(), settings.page_bytes) {}

  Iova submissions() const { return queue_.submissions(); }
  Iova completions() const { return queue_.completions(); }

  // The queue's life. Every command ends exactly once, whatever ends it.

  void silence() {
    if (queue_.is_live()) {
      queue_.control().silence();
    }
    async_events_.stop();
  }
  /// The controller is ready: commands may go. Requests for events wait for start_events().
  void go_live() {
    if (!queue_.is_live()) {
      queue_.control().go_live();
    }
  }
  /// Ends a silence that was only a suspicion.
  void resume() {
    go_live();
    async_events_.resume();
  }
  void start_events(const ControllerInfo& info) {
    const AdminShares shares = AdminShares::of(queue_.available() + outstanding(), info.abort_commands_max,
                                               std::min(info.async_events_max, options_.async_events_max));
    aborts_.set_limit(std::max(shares.aborts, 1u));
    users_max_ = shares.users;
    async_events_.start(shares.async_events, options_.async_event_interval_min);
  }
  /// The device can no longer reach memory: what it did not answer ends now.
  void stop(Outcome outcome, bool last, Instant now) {
    queue_.control().stop(outcome, last);
    reap(now);
    aborts_.clear();
    async_events_.stop();
    logs_.clear();
    lane_answer_.reset();
    abort_failed_ = abort_timed_out_ = wants_reset_ = false;
  }

  // The lane.

  IdentifyPage page() { return IdentifyPage(page_.region().data, spec::identify_bytes); }
  bool lane_is_free() const { return queue_.outstanding(AdminUse::lane) == 0 && !lane_answer_; }
  /// False if the ring is full for the moment. A deadline that passes makes wants_reset() true.
  bool send_lane(spec::Sqe sqe, bool uses_page, Instant deadline) {
    if (uses_page) {
      sqe.prp1 = page_.region().iova.value;
    }
    return queue_.available() > 0 &&
           queue_.send(sqe, {.use = AdminUse::lane, .deadline = deadline}, driver_tag_base | lane_count_++).has_value();
  }
  std::optional<LaneAnswer> take_lane_answer() { return std::exchange(lane_answer_, std::nullopt); }

  // The user's commands.

  /// `unsupported` if the queue is so small that a user never has a slot; else see UserCommands::prepare, and `queue_full`.
  Result<void> submit(const RawCommand& command, std::uint64_t bytes_max, Instant now) {
    if (AdminShares::of(queue_.size(), 0, 0).users == 0) {
      return fail(Errc::unsupported);
    }
    const auto sqe = users_.prepare(command, bytes_max);
    if (!sqe) {
      return fail(sqe.error());
    }
    if (queue_.outstanding(AdminUse::user) >= users_max_ || queue_.available() <= 1) {
      return fail(Errc::queue_full);
    }
    const Duration timeout = command.timeout == Duration{} ? options_.admin_timeout : command.timeout;
    const std::uint8_t slot = users_.take();
    const auto sent = queue_.send(*sqe, {.use = AdminUse::user, .user_slot = slot, .deadline = now + timeout}, command.tag);
    if (!sent) {
      users_.release(slot);
      return fail(sent.error());
    }
    return {};
  }
  std::uint32_t reap_users(std::span<OperationResult> results) { return users_.reap(results); }

  // Aborts.

  void want_abort(AbortTarget target) { aborts_.want(target); }
  /// The command has come back; its Abort, if it was not sent yet, must not meet whoever has the CID next.
  void forget_abort(AbortTarget target) { aborts_.forget(target); }
  LateCommands late() const {
    if (abort_failed_) {
      return LateCommands::failed;
    }
    if (abort_timed_out_) {
      return LateCommands::timed_out;
    }
    return aborts_.is_empty() ? LateCommands::none : LateCommands::waiting;
  }

  /// Takes what has come and sends what is due. Returns when it next has something to do.
  Instant tick(Instant now) {
    reap(now);
    if (!queue_.is_live()) {
      return never;
    }
    const Instant late_at = queue_.visit_late(now, [&](AdminCommand& command, Cid cid) { be_late(command, cid, now); });
    send_aborts(now);
    send_requests(now);
    return std::min(late_at, async_events_.next_wake());
  }

  bool wants_reset() const { return wants_reset_; }
  /// Nothing can be sent, though all is answered but requests for events, for which there is room: the device lied about SQHD, or all slots
  /// are in quarantine.
  bool is_stalled() const { return queue_.available() == 0 && outstanding() == queue_.outstanding(AdminUse::async_event); }
  std::uint32_t outstanding() const {
    return queue_.outstanding(AdminUse::lane) + queue_.outstanding(AdminUse::abort) + queue_.outstanding(AdminUse::async_event) +
           queue_.outstanding(AdminUse::user);
  }
  LogPagesToRead& logs() { return logs_; }
  const Statistics& statistics() const { return queue_.statistics(); }
  std::uint64_t async_event_count() const { return async_event_count_; }
  QueueControl& control() { return queue_.control(); }

 private:
  void reap(Instant now) {
    queue_.reap([&](const AdminCommand& command, const Completion& completion) { end(command, completion, now); });
  }

  void end(const AdminCommand& command, const Completion& completion, Instant now) {
    const bool answered = completion.outcome == Outcome::ok || completion.outcome == Outcome::failed;
    switch (command.use) {
      case AdminUse::lane:
        lane_answer_ = answered ? std::optional(LaneAnswer{completion.status, completion.dword0}) : std::nullopt;
        break;
      case AdminUse::abort:
        aborts_.answered();
        abort_failed_ = abort_failed_ || completion.outcome == Outcome::failed;
        break;
      case AdminUse::async_event:
        if (answered) {
          take_event(async_events_.answered(completion.status, completion.dword0, now));
        }
        break;
      case AdminUse::user:
        end_user(command, completion);
        break;
    }
  }

  void end_user(const AdminCommand& command, const Completion& completion) {
    const bool ok = completion.outcome == Outcome::ok || completion.outcome == Outcome::gone;
    if (command.is_late) {
      aborts_.forget({admin_qid, completion.cid});
    }
    users_.finish(command.user_slot, {.tag = completion.tag,
                                      .dword0 = completion.dword0,
                                      .status = completion.status,
                                      .outcome = command.is_late && !ok ? Outcome::timed_out : completion.outcome,
                                      .attempts = 1});
  }

  /// The page that tells more is read by the driver: only that lets the next event of the type come.
  void take_event(const AsyncAnswer& answer) {
    if (answer.gave_up) {
      events_.add({.kind = DriverEvent::Kind::async_events_off});
    }
    if (!answer.event) {
      return;
    }
    ++async_event_count_;
    const spec::AsyncEventType type = answer.event->get(spec::AsyncEvent::type);
    const spec::Lid lid = answer.event->get(spec::AsyncEvent::lid);
    const bool is_namespace = type == spec::AsyncEventType::notice && lid == spec::Lid::changed_namespaces;
    if (type == spec::AsyncEventType::error || type == spec::AsyncEventType::smart || type == spec::AsyncEventType::notice) {
      logs_.add(lid);
    }
    if (!is_namespace) {  // namespaces are reported one by one, once they were looked at
      const auto kind = type == spec::AsyncEventType::error   ? DriverEvent::Kind::device_error
                        : type == spec::AsyncEventType::smart ? DriverEvent::Kind::smart_warning
                                                              : DriverEvent::Kind::notice;
      events_.add({.kind = kind, .dword0 = answer.event->raw});
    }
  }

  void be_late(AdminCommand& command, Cid cid, Instant now) {
    if (command.use == AdminUse::user && !command.is_late) {
      command.is_late = true;
      command.deadline = now + options_.abort_timeout;
      aborts_.want({admin_qid, cid});
      return;
    }
    command.deadline = never;
    (command.use == AdminUse::lane ? wants_reset_ : abort_timed_out_) = true;
  }

  void send_aborts(Instant now) {
    while (const auto target = aborts_.next()) {
      const spec::Sqe sqe = spec::Abort{target->sqid, target->cid}.sqe();
      const Instant deadline = now + options_.abort_timeout;
      if (queue_.available() == 0 || !queue_.send(sqe, {.use = AdminUse::abort, .deadline = deadline}, driver_tag_base | lane_count_++)) {
        return;
      }
      aborts_.sent();
    }
  }

  void send_requests(Instant now) {
    while (async_events_.wants_request(now) && queue_.available() > 1 &&
           queue_.send(spec::async_event_request(), {.use = AdminUse::async_event}, driver_tag_base | lane_count_++)) {
      async_events_.sent(now);
    }
  }

  const Options& options_;
  EventList& events_;
  DmaMemory<B> page_;
  DmaMemory<B> user_lists_;
  AdminQueue<B> queue_;
  UserCommands users_;
  AbortList aborts_;
  AsyncEvents async_events_;
  LogPagesToRead logs_;
  std::optional<LaneAnswer> lane_answer_;
  std::uint32_t users_max_ = 0;
  std::uint64_t lane_count_ = 0;  ///< makes the tags of our own commands different
  std::uint64_t async_event_count_ = 0;
  bool abort_failed_ = false;
  bool abort_timed_out_ = false;
  bool wants_reset_ = false;
};

}  // namespace phasebit::driver
