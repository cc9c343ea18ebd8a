// A recorded block trace from a file.
#pragma once

#include <string>

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/traces/trace.hpp"

namespace phasebit::scenarios {

inline constexpr std::uint64_t trace_bytes_max = 64 << 20;

/// Complaints name the line of the trace.
Checked<Trace> load_trace(const std::string& path);

}  // namespace phasebit::scenarios
