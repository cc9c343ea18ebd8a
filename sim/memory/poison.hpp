// AddressSanitizer's manual poisoning, as nothing in builds without it.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#define PHASEBIT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PHASEBIT_ASAN 1
#endif
#endif

#ifdef PHASEBIT_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace phasebit::sim {

/// Later accesses to these bytes by this process are reported.
inline void poison([[maybe_unused]] const std::byte* start, [[maybe_unused]] std::uint64_t bytes) {
#ifdef PHASEBIT_ASAN
  __asan_poison_memory_region(start, bytes);
#endif
}

/// These bytes may be accessed again.
inline void unpoison([[maybe_unused]] const std::byte* start, [[maybe_unused]] std::uint64_t bytes) {
#ifdef PHASEBIT_ASAN
  __asan_unpoison_memory_region(start, bytes);
#endif
}

}  // namespace phasebit::sim
