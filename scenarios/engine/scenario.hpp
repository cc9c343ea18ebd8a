// A scenario: one story about a host, its drives and what goes wrong. Files, seeds and failure files all become this struct.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/engine/units.hpp"
#include "scenarios/engine/workload_options.hpp"
#include "scenarios/sqlite/sqlite_run.hpp"
#include "sim/controller/drive_options.hpp"
#include "sim/faults/fault.hpp"
#include "src/base/time.hpp"
#include "src/driver/options.hpp"
#include "src/driver/types.hpp"

namespace phasebit::scenarios {

/// What a scenario needs of the backend that it runs on; where that is missing it is skipped with a reason.
enum class Need : std::uint8_t {
  interposer,    ///< faults at the seam: register accesses and completions
  device,        ///< a real drive
  virtual_time,  ///< time that can be skipped
};

/// When the simulated host runs: it takes a turn, then lets a drawn time pass.
struct HostOptions {
  Duration interval_min = nanoseconds(100);
  Duration interval_max = microseconds(3);
};

/// A run is faulty until its workloads are done or `faulty` is over; then all faults are lifted (heal), outstanding work has to come back
/// within `drain`, and the driver is shut down.
struct Phases {
  Duration faulty = seconds(60);
  Duration drain = seconds(300);
  bool shutdown_abrupt = false;
};

/// Ranges for what the run counted; what is absent is not looked at.
struct CountRange {
  std::string name;  ///< as in a result's counts
  NumberRange range;
};

/// How much of what the workloads were told to do had come to an end when the faults were lifted. An operation that was rejected,
/// aborted, or went with its drive is nothing done.
enum class Work : std::uint8_t { all, some, none };

/// A stretch of virtual time, both ends included.
struct TimeRange {
  Duration shortest;
  Duration longest;
  bool operator==(const TimeRange&) const = default;
};

/// What has to be so at the end. Every line is evaluated, or the scenario fails. What a file does not mention is presumed: that all work
/// was done while the faults lasted, and that each drive was attached once and not lost.
struct Expect {
  std::vector<std::string> objections;  ///< judges that have to object: an oracle's name, or a rule's id
  std::vector<std::string> waive;       ///< rules that may be broken
  Work work = Work::all;
  std::optional<driver::State> state_before_heal;  ///< of the first drive's driver, when the faults are about to be lifted
  std::optional<driver::State> state;              ///< of the first drive's driver when the workload has drained, before shutdown
  std::optional<TimeRange> slowest_operation;      ///< from its beginning to its end, retries included
  std::vector<CountRange> counts;
  std::vector<CountRange> rows;      ///< as RowTally counts them
  bool faults_may_miss = false;      ///< of drawn worlds: a fault that never strikes is no failure
  bool anything_may_happen = false;  ///< likewise: nothing is presumed of work and attachments
};

/// What a failure file remembers of the run that it was written from. `run` ignores it, `replay` holds it against the new run.
struct Recorded {
  std::uint64_t hash = 0;
  std::uint64_t exit_code = 0;
  std::string objection;  ///< the first one, for a reader
};

/// A SQLite database on namespace 1 of drive 0, instead of workloads.
struct SqliteOptions {
  SqliteSettings settings;         ///< its seed is the scenario's
  std::uint32_t transactions = 8;  ///< besides the one that makes the schema
  bool cut_power = true;           ///< at every write and flush of the run, with every outcome
};

struct Scenario {
  std::string name;
  std::string about;
  std::uint64_t seed = 1;
  std::vector<Need> needs;
  std::vector<sim::DriveOptions> drives{1};
  driver::Options driver;
  HostOptions host;
  std::vector<WorkloadOptions> workloads;
  std::optional<SqliteOptions> sqlite;
  std::vector<sim::Fault> faults;
  Phases phases;
  Expect expect;
  std::optional<Recorded> recorded;
};

}  // namespace phasebit::scenarios
