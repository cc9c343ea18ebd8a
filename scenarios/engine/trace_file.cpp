#include "scenarios/engine/trace_file.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "scenarios/engine/text_file.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::size_t path_bytes_max = 1000;  // as the key allows: a failure file has to be read again

std::string whole_path(const std::string& scenario_file, const std::string& trace) {
  const std::filesystem::path beside = std::filesystem::path(scenario_file).parent_path() / trace;
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(beside, error);
  return (error ? beside : whole).lexically_normal().string();
}

Checked<Trace> load_beside(WorkloadOptions& work, const std::string& scenario_file) {
  work.trace = whole_path(scenario_file, work.trace);
  if (work.trace.size() > path_bytes_max) {
    return refuse(work.trace, {}, fmt::format("the whole path has more than {} bytes", path_bytes_max));
  }
  return load_trace(work.trace);
}

}  // namespace

Checked<Trace> load_trace(const std::string& path) {
  const Checked<std::string> text = read_file(path, trace_bytes_max);
  if (!text) {
    return tl::unexpected(text.error());
  }
  tl::expected<Trace, TraceError> trace = parse_trace(*text);
  if (!trace) {
    const unsigned line = trace.error().line;
    return refuse(path, {line, line == 0 ? 0u : 1u}, trace.error().message);
  }
  return std::move(*trace);
}

Diagnostics load_traces(Scenario& scenario, const Document& document) {
  Diagnostics complaints;
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    WorkloadOptions& work = scenario.workloads[i];
    if (work.trace.empty()) {
      continue;
    }
    Checked<Trace> trace = load_beside(work, document.file);
    if (trace) {
      work.trace_entries = std::make_shared<const Trace>(std::move(*trace));
      continue;
    }
    const std::string workload = document.tree.contains("workload") ? "/workload" : step_into("/workloads", i);
    for (const Diagnostic& wrong : trace.error()) {
      complaints.push_back({document.file, document.place(workload + "/trace"), "the trace " + to_string(wrong), wrong.code});
    }
  }
  return complaints;
}

}  // namespace phasebit::scenarios
