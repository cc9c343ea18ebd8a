// A recorded block trace from a file.
#pragma once

#include <string>

#include "scenarios/engine/diagnostic.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/yaml_document.hpp"
#include "scenarios/traces/trace.hpp"

namespace phasebit::scenarios {

inline constexpr std::uint64_t trace_bytes_max = 64 << 20;

/// Complaints name the line of the trace.
Checked<Trace> load_trace(const std::string& path);

/// Reads the traces that the workloads of a scenario file name, relative to its directory. From then on they are named by their whole
/// path, so that a failure file finds them from wherever it lies. Complaints name the place in the file, and what is wrong with the trace.
Diagnostics load_traces(Scenario& scenario, const Document& document);

}  // namespace phasebit::scenarios
