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
  device,        ///< faults inside the drive: only the emulated one has them
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

/// What has to be so at the end. Every line is evaluated, or the scenario fails.
struct Expect {
  std::vector<std::string> objections;  ///< judges that have to object: an oracle's name, or a rule's id
  std::vector<std::string> waive;       ///< rules that may be broken
  std::optional<driver::State> state;   ///< of the first drive's driver when the workload has drained, before shutdown
  std::vector<CountRange> counts;
  bool faults_may_miss = false;  ///< of drawn worlds: a fault that never strikes is no failure
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
