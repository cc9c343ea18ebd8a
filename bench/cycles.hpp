// The processor's time stamp, for stretches of some ten nanoseconds.
#pragma once

#include <cstdint>

namespace phasebit::bench {

#if !defined(__x86_64__)
#error "the benchmarks read x86-64's time stamp counter"
#endif

/// Ticks of the time stamp counter, after everything before it has been done.
inline std::uint64_t cycles() {
  unsigned processor;
  return __builtin_ia32_rdtscp(&processor);
}

/// What a pair of readings with nothing between them takes.
std::uint64_t cycles_of_reading();

/// Nanoseconds of a tick, measured against the steady clock once.
double ns_per_cycle();

}  // namespace phasebit::bench
