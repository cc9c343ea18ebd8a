// What became of one scenario under one seed: the part of a world that outlives it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/exit_code.hpp"

namespace phasebit::scenarios {

/// Why a world is not as it should be.
struct Objection {
  std::string judge;     ///< an oracle's name, `rule CMD-01`, `expect`, `fault`, `liveness`, `assertion`, `scenario file`
  std::string sentence;  ///< what it says
  ExitCode code = ExitCode::objected;
  std::uint64_t time_ns = 0;  ///< virtual time of the first offending access
  std::uint64_t event = 0;    ///< its number in the stream
  std::string access;         ///< the event itself, in words; empty if there is none
};

/// Where and when the run stands, for objections.
struct RunEnd {
  std::uint64_t time_ns = 0;
  std::uint64_t event = 0;
};

/// One fault of the list and how often it struck.
struct FaultTally {
  std::string what;  ///< its verb and its place in the list: "status #0"
  std::uint64_t fired = 0;
  std::string kind;  ///< what it counts as over many worlds: its verb, and "for ever" if a state has no end
};

/// A stretch of a failing world's timeline; `to_ns` equals `from_ns` for a moment.
struct TimelineEntry {
  std::string lane;
  std::uint64_t from_ns = 0;
  std::uint64_t to_ns = 0;
  std::string label;
  bool bad = false;
};

/// A number of the world worth showing: `operations`, `retries`, ...
struct Count {
  std::string name;
  std::uint64_t value = 0;
};

struct RunResult {
  std::string name;
  std::string file;  ///< as given; empty for a drawn world
  std::string about;
  std::uint64_t seed = 0;
  bool seeded = true;   ///< false: it ended before anybody knew its seed, as a file does that cannot be read
  std::string skipped;  ///< the reason, or empty
  std::vector<Objection> objections;
  std::vector<Objection> remarks;  ///< class S rules: reported, no failure
  std::vector<FaultTally> faults;
  std::vector<Count> counts;
  std::vector<Count> rows;              ///< see RowTally
  std::vector<TimelineEntry> timeline;  ///< of a failing world
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t virtual_ns = 0;
  std::uint64_t cycle_ns = 4;
  std::string again;         ///< the line that repeats it
  std::string failure_file;  ///< the text of the file that replays it; empty if it passed
  std::string failure_name;  ///< that file's, below the report's `failures`; empty if none is written. Given when it is shown
  std::string replay;        ///< the line that replays it; likewise

  bool failed() const { return !objections.empty(); }
};

/// The loudest objection's code; nothing_ran if it was skipped.
ExitCode exit_code(const RunResult& result);

/// As bytes between processes, and back.
std::string to_bytes(const RunResult& result);
RunResult run_result_from_bytes(const std::string& bytes);

}  // namespace phasebit::scenarios
