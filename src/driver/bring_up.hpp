// Bring-up: from whatever state a controller is found in to I/O queues that work (Base 2.0 §3.5.1), as a table of waits and a machine
// that only looks and decides. It touches nothing: it is given what was seen and answers with what to do.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/time.hpp"
#include "src/driver/problem.hpp"
#include "src/driver/wait.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

/// The waits, in order. Values are part of the stream format: only append.
enum class BringUpRow : std::uint8_t {
  await_shutdown = 0,
  await_ready = 1,
  disable = 2,
  enable = 3,
  identify_controller = 4,
  command_set_combinations = 5,  ///< where CC.CSS enables what Identify CNS 1Ch lists
  command_set_profile = 6,       ///< and one of the combinations has to be chosen
  identify_command_set = 7,
  host_behavior = 8,
  number_of_queues = 9,
  active_namespaces = 10,
  identify_namespace = 11,
  namespace_descriptors = 12,
  configure_events = 13,
  create_completion_queues = 14,
  create_submission_queues = 15,
};
inline constexpr std::size_t bring_up_rows = 16;

/// The enumerator's own name.
std::string_view name(BringUpRow row);

/// What the driver does on the machine's word.
enum class BringUpAction : std::uint8_t {
  none,
  clear_enable,   ///< write CC with EN 0
  set_up_enable,  ///< AQA, ASQ, ACQ, CC without EN, then CC with EN 1
  send_command,   ///< the row's next admin command, into an admin queue that is empty but for others' commands
};

/// What ends a row's wait.
enum class Until : std::uint8_t { shutdown_over, ready, stopped, answered };

/// Which time bounds it.
enum class Bound : std::uint8_t { shutdown_timeout, ready_timeout, admin_timeout };

/// What a wait that ends badly means for bring-up.
enum class Otherwise : std::uint8_t { give_up, go_on };

/// One row of the table.
struct BringUpWait {
  BringUpRow row;
  BringUpAction on_entry;
  Until until;
  Bound bound;
  Otherwise on_timeout;
  Otherwise on_failure;  ///< of its command
  bool fatal_ends;       ///< CFS=1 fails the row; before the controller was reset it is the state found and no news
  std::string_view section;
};
extern const std::array<BringUpWait, bring_up_rows> bring_up_table;

/// What became of the row's admin command.
enum class Answer : std::uint8_t {
  none,           ///< not yet
  passed,         ///< and the row has nothing more to ask
  again,          ///< and the row has another to ask: the next page, namespace or queue
  retry,          ///< it failed, but may be asked again as it is (DNR 0)
  refused,        ///< it failed for good
  refused_again,  ///< it failed for good, and the row has another to ask
  tolerated,      ///< it failed for good, and bring-up goes on without what it was for
};

/// The times that bound a bring-up.
struct BringUpTimes {
  Duration ready_timeout = seconds(1);
  Duration shutdown_timeout = seconds(10);
  Duration admin_timeout = seconds(5);
  Duration settle_before_enable{};       ///< between RDY 0 and EN 1, for drives that need it
  Duration quiet_after_enable_change{};  ///< CSTS is not read before this has passed, for drives that must be left alone
  Duration retry_pause = milliseconds(100);
  std::uint8_t retries_max = 3;  ///< of one command
};

/// What the driver saw in this poll.
struct BringUpSeen {
  Instant now;
  std::optional<spec::Csts> csts;  ///< not all ones; absent if `wants_status` said no
  spec::Cc cc;                     ///< as read at the start, then as written
  Answer answer = Answer::none;
  std::uint32_t skips = 0;  ///< bit by row: command rows that this controller does not need, by what it has said of itself so far
};

/// The bit of a row in `BringUpSeen::skips`.
constexpr std::uint32_t skip_bit(BringUpRow row) {
  return 1u << static_cast<unsigned>(row);
}

/// What the machine says to that.
struct BringUpStep {
  std::optional<Transition> left;
  std::optional<Transition> entered;  ///< record both before acting
  BringUpAction action = BringUpAction::none;
  Instant next_wake = never;
};

class BringUp {
 public:
  enum class State : std::uint8_t { idle, running, ready, timed_out, failed };

  /// From the first row; visits go on counting.
  void start(Instant now, const BringUpTimes& times) { start_at(BringUpRow::await_shutdown, now, times); }
  /// From a later row, for a controller that is ready already: queues are made by the same rows as in bring-up.
  void start_at(BringUpRow row, Instant now, const BringUpTimes& times);
  /// Decides once: at most one row is left and one entered. Call again at once after an action that may already be answered.
  BringUpStep poll(const BringUpSeen& seen);
  /// Ends the wait from outside: the function is gone, or a reset or shutdown takes over. Empty if no row was waiting.
  std::optional<Transition> stop(WaitResult result);
  State state() const { return state_; }
  BringUpRow row() const { return row_; }
  /// True if a command of this row that failed may be asked again.
  bool may_retry() const { return retries_ < times_.retries_max; }
  std::uint16_t visit() const { return visits_[static_cast<std::size_t>(row_)]; }
  Problem problem() const { return problem_; }
  /// False while a quirk forbids reading CSTS.
  bool wants_status(Instant now) const { return state_ != State::running || now >= quiet_until_; }
  /// True if the machine cannot go on without a look at CSTS.
  bool needs_status() const { return state_ == State::running && (!entered_ || wait().until != Until::answered); }
  /// True from a change of CC.EN until its row is left: all ones may pass by themselves (§3.7.2).
  bool in_transition() const;
  /// True once RDY was seen 0 in this run: the controller reaches no memory until it is enabled.
  bool has_stopped() const { return has_stopped_; }
  Instant deadline() const { return deadline_; }

 private:
  const BringUpWait& wait() const { return bring_up_table[static_cast<std::size_t>(row_)]; }
  bool is_lost(const BringUpSeen& seen) const;
  std::optional<WaitResult> judge(const BringUpSeen& seen);
  std::optional<WaitResult> judge_answer(Answer answer);
  void go_on(WaitResult result, const BringUpSeen& seen, BringUpStep& step);
  void enter_next(std::size_t from, const BringUpSeen& seen, BringUpStep& step);
  void enter(Duration pause, const BringUpSeen& seen, BringUpStep& step);
  void act(const BringUpSeen& seen, BringUpStep& step);
  Transition leave(WaitResult result);
  Transition transition(WaitResult result) const;
  Instant wake(Instant now) const;
  Duration bound() const;
  Problem problem_of(WaitResult result) const;

  BringUpTimes times_;
  std::array<std::uint16_t, bring_up_rows> visits_{};
  State state_ = State::idle;
  BringUpRow row_ = BringUpRow::await_shutdown;
  BringUpRow first_row_ = BringUpRow::await_shutdown;
  Problem problem_ = Problem::none;
  bool entered_ = false;    ///< row_ was entered and not yet left
  bool acted_ = false;      ///< and its action was given out
  bool tolerates_ = false;  ///< the command failed, and that is all right
  bool ask_again_ = false;  ///< the row is to be entered once more
  bool has_stopped_ = false;
  bool fatal_ = false;           ///< CFS ended the row
  bool stops_silently_ = false;  ///< EN was cleared while RDY was 0 already, because of a fatal status
  std::uint8_t retries_ = 0;
  Instant act_at_;
  Instant acted_at_;
  Instant quiet_until_;
  Instant deadline_ = never;
};

}  // namespace phasebit::driver
