// Order between ordinary memory that a device reaches by DMA and the device's registers.
#pragma once

#include <atomic>

namespace phasebit::hw {

/// Every store to memory so far is seen by the device before any later store to its registers.
inline void order_memory_before_registers() {
#if defined(__x86_64__)
  // Stores to write-back memory reach an uncached register in program order; only the compiler must be told.
  std::atomic_signal_fence(std::memory_order_seq_cst);
#elif defined(__aarch64__)
  __asm__ __volatile__("dmb oshst" ::: "memory");
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

/// What was read from a register so far was read before any later load.
inline void order_registers_before_memory() {
#if defined(__x86_64__)
  std::atomic_signal_fence(std::memory_order_seq_cst);  // uncached loads are not overtaken
#elif defined(__aarch64__)
  __asm__ __volatile__("dmb oshld" ::: "memory");
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

}  // namespace phasebit::hw
