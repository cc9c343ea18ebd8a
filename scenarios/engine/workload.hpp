// What a host does with a drive, turn by turn.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "scenarios/engine/seat.hpp"
#include "src/base/time.hpp"

namespace phasebit::scenarios {

/// What became so far of what a workload was told to do; reading back aside.
struct Progress {
  bool is_complete = true;  ///< all of it has ended, and none was rejected, aborted, or went with its drive
  std::uint64_t ended = 0;  ///< operations, without those
  Duration slowest{};       ///< from an operation's beginning to its end
};

/// Pumped by the host once in each of its turns. A workload tells the stream what it asks for and what it gets (operation_begun to
/// operation_ended); it judges nothing.
class Workload {
 public:
  virtual ~Workload() = default;

  virtual Seat& seat() = 0;
  /// Takes back what is done, asks for more. Returns when it next wants a turn although nothing has happened (`never`: only then).
  virtual Instant pump(Instant now) = 0;
  /// Nothing new is begun from now on.
  virtual void stop() = 0;
  /// After heal: begins to read back what was written. Without effect if there is nothing to read or nothing to read it from.
  virtual void read_back() = 0;
  /// Everything that was to be done has been done, or cannot be any more.
  virtual bool is_done() const = 0;
  /// Operations that were begun and have not ended.
  virtual std::uint64_t outstanding() const = 0;
  /// True if the last pump began or ended something.
  virtual bool was_busy() const = 0;
  virtual Progress progress() const { return {}; }
  /// How its operations ended: names of driver::Outcome.
  virtual const std::map<std::string, std::uint64_t>& outcomes() const = 0;
};

}  // namespace phasebit::scenarios
