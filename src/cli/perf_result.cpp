#include "src/cli/perf_result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
namespace phasebit::cli {
namespace {

struct Percentile {
  const char* name;
  std::uint64_t parts;  ///< of 10000
};
constexpr std::array<Percentile, 5> percentiles{{{"50.00", 5000}, {"90.00", 9000}, {"99.00", 9900}, {"99.90", 9990}, {"99.99", 9999}}};

double per_second(std::uint64_t count, Duration elapsed) {
  return elapsed.ns == 0 ? 0 : static_cast<double>(count) * 1e9 / static_cast<double>(elapsed.ns);
}
double per_io(std::uint64_t count, const PerfResult& result) {
  return static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(1, result.read.ios + result.write.ios));
}
double microseconds_of(Duration duration) {
  return static_cast<double>(duration.ns) / 1e3;
}

/// Only where a load has both.
std::string mix_text(const PerfLoad& load) {
  const bool is_mixed = load.pattern == scenarios::Pattern::rw || load.pattern == scenarios::Pattern::randrw;
  return is_mixed ? fmt::format(", rwmixread {}", load.rwmixread) : "";
}

std::string side_text(const char* name, const PerfSide& side, const PerfResult& result) {
  if (side.ios == 0) {
    return "";
  }
  std::string text =
      fmt::format("{:<9}IOPS {:.0f}, {:.1f} MiB/s, {} operations\n         latency us: min {:.2f}, mean {:.2f}, max {:.2f}", name,
                  per_second(side.ios, result.elapsed), per_second(side.ios * result.load.io_bytes, result.elapsed) / (1 << 20), side.ios,
                  microseconds_of(side.latency.min()), microseconds_of(side.latency.mean()), microseconds_of(side.latency.max()));
  for (const Percentile& percentile : percentiles) {
    text += fmt::format(", {}th {:.2f}", percentile.name, microseconds_of(side.latency.percentile(percentile.parts, 10'000)));
  }
  return text + "\n";
}

scenarios::Json side_json(const PerfSide& side, const PerfResult& result) {
  scenarios::Json latency{{"min", side.latency.min().ns}, {"mean", side.latency.mean().ns}, {"max", side.latency.max().ns}};
  for (const Percentile& percentile : percentiles) {
    latency["percentile"][percentile.name] = side.latency.percentile(percentile.parts, 10'000).ns;
  }
  return {{"total_ios", side.ios},
          {"iops", per_second(side.ios, result.elapsed)},
          {"bw_bytes", per_second(side.ios * result.load.io_bytes, result.elapsed)},
          {"lat_ns", std::move(latency)}};
}

const char* time_word(TimeKind time) {
  return time == TimeKind::wall ? "wall" : "virtual";
}

}  // namespace

std::string perf_text(const PerfResult& result) {
  const PerfLoad& load = result.load;
  std::string text = fmt::format("drive    {}\n", result.drive);
  text += fmt::format("load     {}, {} bytes, iodepth {}{}{}\n", word_of(load.pattern), load.io_bytes, load.iodepth, mix_text(load),
                      load.interrupts ? ", interrupts" : "");
  text += fmt::format(
      "time     {:.6f} s {}\n", static_cast<double>(result.elapsed.ns) / 1e9,
      result.time == TimeKind::wall ? "of the machine's clock" : "of virtual time: the emulated drive's, and no measure of speed");
  text += side_text("read", result.read, result) + side_text("write", result.write, result);
  text += fmt::format("driver   {:.3f} doorbells and {:.2f} polls per operation\n", per_io(result.doorbells, result),
                      per_io(result.polls, result));
  if (result.failed > 0) {
    text += fmt::format("failed   {} operations; the first: {}\n", result.failed, result.first_failure);
  }
  return text;
}

scenarios::Json perf_json(const PerfResult& result) {
  const PerfLoad& load = result.load;
  scenarios::Json json{{"drive", result.drive},
                       {"rw", word_of(load.pattern)},
                       {"bs", load.io_bytes},
                       {"iodepth", load.iodepth},
                       {"rwmixread", load.rwmixread},
                       {"interrupts", load.interrupts},
                       {"time", time_word(result.time)},
                       {"elapsed_ns", result.elapsed.ns},
                       {"read", side_json(result.read, result)},
                       {"write", side_json(result.write, result)},
                       {"failed", result.failed},
                       {"doorbells_per_io", per_io(result.doorbells, result)},
                       {"polls_per_io", per_io(result.polls, result)}};
  if (result.failed > 0) {
    json["first_failure"] = result.first_failure;
  }
  return json;
}

}  // namespace phasebit::cli
