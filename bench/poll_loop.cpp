// What the driver costs a read, the device's time and the clock's taken out: of a bare queue pair (push, ring, reap) and of a channel of a
// whole driver (limits, splitting, PRPs, deadlines).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "bench/cycles.hpp"
#include "bench/driver_rig.hpp"
#include "bench/pair_rig.hpp"

namespace phasebit::bench {
namespace {

/// The mean of the middle half: what an interrupt or a busy neighbour does to some rounds does not show.
double interquartile_mean(std::vector<std::uint64_t> rounds) {
  std::sort(rounds.begin(), rounds.end());
  const auto first = rounds.begin() + static_cast<std::ptrdiff_t>(rounds.size() / 4);
  const auto last = rounds.end() - static_cast<std::ptrdiff_t>(rounds.size() / 4);
  return std::accumulate(first, last, 0.0, [](double sum, std::uint64_t value) { return sum + static_cast<double>(value); }) /
         static_cast<double>(last - first);
}

/// Rounds of: submit `depth` reads, let the device work, reap them all. Reports ns for each read, beside the wall time of whole rounds.
template <class Rig>
void read_batches(benchmark::State& state) {
  Rig rig(static_cast<std::uint32_t>(state.range(0)), static_cast<std::uint32_t>(state.range(1)));
  const std::uint64_t reading = cycles_of_reading();
  std::vector<std::uint64_t> submit;
  std::vector<std::uint64_t> reap;
  while (state.KeepRunning()) {
    const std::uint64_t begin = cycles();
    rig.submit();
    const std::uint64_t submitted = cycles();
    rig.device();
    const std::uint64_t answered = cycles();
    const std::uint32_t reaped = rig.reap();
    const std::uint64_t end = cycles();
    if (reaped != rig.depth()) {
      state.SkipWithError("a read did not come back");
      return;
    }
    submit.push_back(submitted - begin - std::min(reading, submitted - begin));
    reap.push_back(end - answered - std::min(reading, end - answered));
  }
  const double per_read = ns_per_cycle() / static_cast<double>(rig.depth());
  state.counters["submit_ns"] = interquartile_mean(submit) * per_read;
  state.counters["reap_ns"] = interquartile_mean(reap) * per_read;
  state.counters["ns_per_read"] = state.counters["submit_ns"] + state.counters["reap_ns"];
}
void sizes_and_depths(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"bytes", "depth"})->ArgsProduct({{4096, 131072}, {1, 32, 128}});
}
BENCHMARK(read_batches<PairRig>)->Name("queue_pair")->Apply(sizes_and_depths);
BENCHMARK(read_batches<DriverRig>)->Name("channel")->Apply(sizes_and_depths);

}  // namespace
}  // namespace phasebit::bench

BENCHMARK_MAIN();
