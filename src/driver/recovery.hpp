// Recovery: what is done when a command is late, the controller fails, stops, or falls silent. A table of waits and a machine that only
// looks and decides. Attach is its first reset; a healthy controller is its idle state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/time.hpp"
#include "src/driver/bring_up.hpp"
#include "src/driver/problem.hpp"
#include "src/driver/wait.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

/// The waits. Values are part of the stream format: only append.
enum class RecoveryRow : std::uint8_t {
  abort = 0,     ///< late commands were asked to be aborted; they are waited for
  suspect = 1,   ///< all ones was read: nothing is written until the function answers or is known to be gone
  reset = 2,     ///< bring-up runs, from CC.EN 0 to ready
  stop_dma = 3,  ///< bus mastering was cleared in configuration space; it is read back
};
inline constexpr std::size_t recovery_rows = 4;

/// The enumerator's own name.
std::string_view name(RecoveryRow row);

enum class RecoveryAction : std::uint8_t {
  none,
  start_bring_up,    ///< from its first row; nothing may be submitted any more
  clear_bus_master,  ///< and read it back
  restore_decoding,  ///< the function was reset behind our back: memory space on
};

/// One row of the table: what is done on entry, what ends the wait, what bounds it, what comes when it ends badly.
struct RecoveryWait {
  RecoveryRow row;
  RecoveryAction on_entry;
  std::string_view until;
  std::string_view bound;
  std::string_view otherwise;
  std::string_view section;
};
extern const std::array<RecoveryWait, recovery_rows> recovery_table;

/// How far the late commands are.
enum class LateCommands : std::uint8_t { none, waiting, timed_out, failed };

/// What configuration space says when CSTS reads as all ones.
enum class ConfigSpace : std::uint8_t { not_read, silent, answers, answers_undecoded /**< but does not decode memory */ };

/// What the driver saw in this poll.
struct RecoverySeen {
  Instant now;
  std::optional<spec::Csts> csts;  ///< not all ones
  bool silent = false;             ///< CSTS read as all ones
  ConfigSpace config = ConfigSpace::not_read;
  bool removed = false;        ///< the bus says so
  bool reset_wanted = false;   ///< by the user, or an admin command was not answered
  bool resets_allowed = true;  ///< false in shutdown: only presence is judged
  LateCommands late = LateCommands::none;
  BringUp::State bring_up = BringUp::State::idle;
  bool in_transition = false;  ///< BringUp::in_transition
  Instant bring_up_deadline = never;
  bool stopped = false;  ///< BringUp::has_stopped
  Problem bring_up_problem = Problem::none;
  bool bus_master_off = false;  ///< read back as such
};

struct RecoveryStep {
  std::optional<Transition> left;
  std::optional<Transition> also_left;  ///< the row that the suspicion had interrupted
  std::optional<Transition> entered;
  RecoveryAction action = RecoveryAction::none;
  Instant next_wake = never;
};

struct RecoveryTimes {
  Duration removal_grace = milliseconds(500);  ///< how long all ones may last where drives are known to do that
  Duration stop_timeout = seconds(1);          ///< for bus mastering to read back as off
  Duration healthy_after = seconds(10);        ///< a controller that fails sooner after it was ready has not recovered
  std::uint32_t resets_max = 3;                ///< in a row, beyond the first
};

class Recovery {
 public:
  enum class State : std::uint8_t { idle, running, failed, gone };

  explicit Recovery(const RecoveryTimes& times) : times_(times) {}

  /// Decides once: call again until it neither leaves nor enters a row nor acts.
  RecoveryStep poll(const RecoverySeen& seen);
  /// From attach, or by the user from `failed`: the next poll enters `reset`, with a fresh count of resets.
  void begin() {
    state_ = State::idle;
    attempts_ = 0;
    begin_ = true;
  }
  /// Shutdown takes over: no row waits any more. Empty if none did.
  std::optional<Transition> stop(WaitResult result);

  State state() const { return state_; }
  RecoveryRow row() const { return row_; }
  bool is_in(RecoveryRow row) const { return state_ == State::running && row_ == row; }
  /// True while all ones is unexplained: nothing may be written, doorbells included.
  bool suspects() const { return is_in(RecoveryRow::suspect); }
  /// True once the device can no longer reach memory by this machine's doing: bus mastering is off, or the function is gone.
  bool memory_is_safe() const { return memory_is_safe_; }
  Problem problem() const { return problem_; }
  std::uint32_t resets() const { return resets_; }
  /// True if the reset before this one did not succeed.
  bool is_trying_again() const { return attempts_ > 1; }

 private:
  RecoveryStep poll_idle(const RecoverySeen& seen);
  RecoveryStep poll_abort(const RecoverySeen& seen);
  RecoveryStep poll_suspect(const RecoverySeen& seen);
  RecoveryStep poll_reset(const RecoverySeen& seen);
  RecoveryStep poll_stop_dma(const RecoverySeen& seen);
  RecoveryStep confirm_gone(WaitResult result);
  void after_failed_reset(const RecoverySeen& seen, RecoveryStep& step);
  void enter(RecoveryRow row, const RecoverySeen& seen, RecoveryStep& step);
  void enter_suspect(const RecoverySeen& seen, RecoveryStep& step);
  void start_reset(const RecoverySeen& seen, RecoveryStep& step);
  static bool has_failed(const RecoverySeen& seen);
  Transition transition(RecoveryRow row, WaitResult result) const;

  RecoveryTimes times_;
  std::array<std::uint16_t, recovery_rows> visits_{};
  State state_ = State::idle;
  RecoveryRow row_ = RecoveryRow::reset;
  std::optional<RecoveryRow> interrupted_;  ///< the row that waits while we suspect
  Problem problem_ = Problem::none;
  bool begin_ = false;
  bool memory_is_safe_ = false;
  bool gives_up_ = false;  ///< no reset follows stop_dma
  bool is_lost_ = false;   ///< what follows stop_dma is `gone`
  std::uint32_t attempts_ = 0;
  std::uint32_t resets_ = 0;
  Instant since_;        ///< the row was entered
  Instant since_ready_;  ///< the last reset succeeded
  Instant deadline_ = never;
};

}  // namespace phasebit::driver
