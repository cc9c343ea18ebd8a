#include "bench/cycles.hpp"

#include <algorithm>
#include <chrono>

namespace phasebit::bench {

std::uint64_t cycles_of_reading() {
  std::uint64_t least = ~0ull;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t before = cycles();
    least = std::min(least, cycles() - before);
  }
  return least;
}

double ns_per_cycle() {
  static const double measured = [] {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const std::uint64_t first = cycles();
    auto end = begin;
    while (end - begin < std::chrono::milliseconds(50)) {
      end = Clock::now();
    }
    const std::uint64_t last = cycles();
    return std::chrono::duration<double, std::nano>(end - begin).count() / static_cast<double>(last - first);
  }();
  return measured;
}

}  // namespace phasebit::bench
