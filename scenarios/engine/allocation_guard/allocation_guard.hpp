// Catches allocations where the driver promised none: in poll, push, ring, reap and recovery.
#pragma once

#include <cstdint>

namespace phasebit::scenarios {

/// While one is alive, every allocation of this thread counts as caught: malloc and its family, and with it operator new and pmr's default
/// resource. Other threads are not touched. Guards and pauses nest; the innermost one decides. Freeing is allowed.
///
/// To see who allocates, break on `phasebit::scenarios::allocation_caught` in a debugger.
class AllocationGuard {
 public:
  AllocationGuard() noexcept;
  ~AllocationGuard();
  AllocationGuard(const AllocationGuard&) = delete;
  AllocationGuard& operator=(const AllocationGuard&) = delete;

  /// Allocations caught since this guard was made, those of guards inside it included.
  std::uint64_t count() const noexcept;

 private:
  bool armed_before_;
  std::uint64_t caught_before_;
};

/// While one is alive, this thread may allocate inside a guard: for what a backend does within the driver's call.
class AllocationPause {
 public:
  AllocationPause() noexcept;
  ~AllocationPause();
  AllocationPause(const AllocationPause&) = delete;
  AllocationPause& operator=(const AllocationPause&) = delete;

 private:
  bool armed_before_;
};

/// Whether allocations of this program pass through the guard at all, found by trying it. False means that a count of 0 says nothing:
/// another allocator was linked or preloaded.
bool allocation_guard_works() noexcept;

/// Counts as an allocation if a guard is armed: for memory that comes from elsewhere than malloc.
void allocation_seen() noexcept;

/// Called for each caught allocation; it does nothing but count.
void allocation_caught() noexcept;

}  // namespace phasebit::scenarios
