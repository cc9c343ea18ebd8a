#include <fmt/format.h>

#include "src/cli/latency_histogram.hpp"
#include "src/cli/usable_namespace.hpp"
#include "src/cli/validate/checks.hpp"
#include "src/cli/validate/read_load.hpp"

namespace phasebit::cli {
namespace {

constexpr std::uint64_t reads = 100;

double milliseconds_of(Duration duration) {
  return static_cast<double>(duration.ns) / 1e6;
}

}  // namespace

void check_latency(DriveAccess& drive, Validation& validation, const ValidationLimits& limits) {
  const auto space = first_usable_namespace(drive.driver().namespaces());
  const DriveMemory memory(drive, space ? ReadLoad::io_bytes(*space) : 1);
  if (!space || !memory.is_there()) {
    validation.skip("latency.reads", space ? "there is no memory for a read" : "there is no namespace without metadata");
    return;
  }
  LatencyHistogram latency;
  for (std::uint64_t i = 0; i < reads; ++i) {
    ReadLoad load(drive, *space, memory.region());
    const Instant begun = drive.now();
    load.submit();
    load.finish();
    if (load.ended_as(driver::Outcome::ok) != 1) {
      validation.fail("latency.reads", fmt::format("read {} of {}: {}", i + 1, reads, load.text()));
      return;
    }
    latency.add(drive.now() - begun);
  }
  const Duration slowest = latency.percentile(99, 100);
  validation.judge(
      "latency.reads", slowest <= limits.read_latency_max,
      fmt::format("one at a time: median {:.3f} ms, 99th percentile {:.3f} ms, at most {:.3f} ms are allowed",
                  milliseconds_of(latency.percentile(1, 2)), milliseconds_of(slowest), milliseconds_of(limits.read_latency_max)));
}

void check_conduct(DriveAccess& drive, Validation& validation) {
  const driver::Statistics counted = drive.driver().statistics();
  validation.judge(
      "conduct.completions", counted.completions_bogus == 0 && counted.queue_heads_bogus == 0,
      fmt::format("{} completions that nobody waited for, {} impossible queue heads", counted.completions_bogus, counted.queue_heads_bogus),
      "Base 2.0 §3.3.3.2");
  std::uint64_t resets_of_its_own = 0;
  for (auto event = drive.driver().next_event(); event; event = drive.driver().next_event()) {
    resets_of_its_own += event->kind == driver::DriverEvent::Kind::reset_started && event->dword0 != 0 ? 1 : 0;
  }
  validation.judge("conduct.answers", counted.timeouts == 0 && resets_of_its_own == 0,
                   fmt::format("{} commands not answered in time, {} resets that nobody asked for", counted.timeouts, resets_of_its_own));
}

}  // namespace phasebit::cli
