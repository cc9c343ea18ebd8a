#include "scenarios/engine/trace_file.hpp"

#include "scenarios/engine/text_file.hpp"

namespace phasebit::scenarios {

Checked<Trace> load_trace(const std::string& path) {
  const Checked<std::string> text = read_file(path, trace_bytes_max);
  if (!text) {
    return tl::unexpected(text.error());
  }
  tl::expected<Trace, TraceError> trace = parse_trace(*text);
  if (!trace) {
    return refuse(path, {trace.error().line, 1}, trace.error().message);
  }
  return std::move(*trace);
}

}  // namespace phasebit::scenarios
