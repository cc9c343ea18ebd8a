// What a perf run came to, as text and as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "scenarios/engine/scalar.hpp"
#include "src/cli/latency_histogram.hpp"
#include "src/cli/perf_load.hpp"

namespace phasebit::cli {

/// Whose seconds were counted.
enum class TimeKind : std::uint8_t { virtual_time, wall };

/// One direction's share.
struct PerfSide {
  std::uint64_t ios = 0;  ///< that ended well
  LatencyHistogram latency;
};

struct PerfResult {
  PerfLoad load;
  TimeKind time = TimeKind::wall;
  std::string drive;  ///< model and serial
  Duration elapsed;   ///< from the first submission to the last completion
  PerfSide read;
  PerfSide write;
  std::uint64_t failed = 0;     ///< operations that ended otherwise
  std::string first_failure;    ///< in words
  std::uint64_t polls = 0;      ///< of the completion queue
  std::uint64_t doorbells = 0;  ///< of the measured stretch
};

std::string perf_text(const PerfResult& result);
/// Units stand in the keys: iops, bw_bytes (a second), lat_ns.
scenarios::Json perf_json(const PerfResult& result);

}  // namespace phasebit::cli
