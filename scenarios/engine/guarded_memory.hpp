// What the simulated host's driver takes its memory from: a world's memory passes no malloc, and is watched here.
#pragma once

#include <cstddef>
#include <memory_resource>

#include "scenarios/engine/allocation_guard/allocation_guard.hpp"

namespace phasebit::scenarios {

/// Each allocation while a guard is armed counts as caught, once, wherever `inner` has its memory from; but not while a driver is being
/// made.
class GuardedMemory final : public std::pmr::memory_resource {
 public:
  explicit GuardedMemory(std::pmr::memory_resource* inner) : inner_(inner) {}

  /// A drive is taken up from now on: nothing is promised.
  void allow() { is_allowed_ = true; }
  /// It has been, or could not be: the promise holds again.
  void forbid() { is_allowed_ = false; }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (!is_allowed_) {
      allocation_seen();
    }
    const AllocationPause pause;
    return inner_->allocate(bytes, alignment);
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override { inner_->deallocate(memory, bytes, alignment); }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  std::pmr::memory_resource* inner_;
  bool is_allowed_ = false;
};

}  // namespace phasebit::scenarios
