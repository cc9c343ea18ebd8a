// Shutdown (Base 2.0 §3.6.1): queues deleted in order, the controller told, its word awaited, its reach into memory cut.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/time.hpp"
#include "src/driver/bring_up.hpp"
#include "src/driver/wait.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

/// The waits, in order. Values are part of the stream format: only append.
enum class ShutdownRow : std::uint8_t {
  drain = 0,  ///< nothing new is taken; what is outstanding comes back
  delete_submission_queues = 1,
  delete_completion_queues = 2,
  notify = 3,    ///< CC.SHN was written; CSTS.SHST says when it is done
  stop_dma = 4,  ///< bus mastering was cleared in configuration space; it is read back
};
inline constexpr std::size_t shutdown_rows = 5;

/// The enumerator's own name.
std::string_view name(ShutdownRow row);

enum class ShutdownAction : std::uint8_t { none, send_command, write_shutdown, clear_bus_master };

/// One row of the table.
struct ShutdownWait {
  ShutdownRow row;
  ShutdownAction on_entry;
  std::string_view until;
  std::string_view section;
};
extern const std::array<ShutdownWait, shutdown_rows> shutdown_table;

struct ShutdownTimes {
  Duration drain_timeout = seconds(10);
  Duration admin_timeout = seconds(5);
  Duration shutdown_timeout = seconds(10);  ///< the greater of RTD3E and a floor
  Duration stop_timeout = seconds(1);
};

/// What the driver saw in this poll; all ones is the recovery machine's business.
struct ShutdownSeen {
  Instant now;
  std::optional<spec::Csts> csts;
  bool outstanding = false;  ///< I/O commands are out, or one of the driver's own that may make or delete a queue
  bool has_submission_queues = false;
  bool has_completion_queues = false;
  Answer answer = Answer::none;
  bool bus_master_off = false;  ///< read back as such
};

struct ShutdownStep {
  std::optional<Transition> left;
  std::optional<Transition> entered;
  ShutdownAction action = ShutdownAction::none;
  Instant next_wake = never;
};

class ShutdownSequence {
 public:
  enum class State : std::uint8_t { idle, running, done };

  /// Where to begin: `drain` for an orderly shutdown, `notify` for an abrupt one, `stop_dma` for a controller that is not ready to listen.
  void start(ShutdownRow first, const ShutdownTimes& times);
  /// Decides once: at most one row is left and one entered.
  ShutdownStep poll(const ShutdownSeen& seen);
  /// Ends the wait from outside. Empty if no row was waiting.
  std::optional<Transition> stop(WaitResult result);

  State state() const { return state_; }
  ShutdownRow row() const { return row_; }
  bool is_running() const { return state_ == State::running; }

 private:
  bool is_lost(const ShutdownSeen& seen) const;
  std::optional<WaitResult> judge(const ShutdownSeen& seen) const;
  std::optional<WaitResult> judge_answer(Answer answer) const;
  void enter_from(std::size_t row, const ShutdownSeen& seen, ShutdownStep& step);
  Transition transition(WaitResult result) const;
  Duration bound() const;

  ShutdownTimes times_;
  std::array<std::uint16_t, shutdown_rows> visits_{};
  State state_ = State::idle;
  ShutdownRow row_ = ShutdownRow::drain;
  bool entered_ = false;
  Instant since_;
  Instant deadline_ = never;
};

}  // namespace phasebit::driver
