// The time of the machine. Control paths read it and hand it to the driver; no data path does.
#pragma once

#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX

#include <cstdint>

#include "src/base/time.hpp"

namespace phasebit::hw {

/// Monotonic nanoseconds since an origin that stays the same while the machine is up.
inline Instant now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return Instant{static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec)};
}

/// How long it is until then, as the kernel wants to know it; nothing if that is past.
inline timespec time_until(Instant until) {
  constexpr std::uint64_t second = 1'000'000'000;
  const std::uint64_t left = (until - now()).ns;
  return {static_cast<time_t>(left / second), static_cast<long>(left % second)};
}

}  // namespace phasebit::hw
