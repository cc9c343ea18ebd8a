#include "scenarios/engine/allocation_guard/allocation_guard.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory_resource>
#include <new>
#include <thread>
#include <vector>

namespace phasebit::scenarios {
namespace {

struct alignas(64) Wide {
  std::byte bytes[64];
};

// The compiler may drop an allocation that nobody looks at.
template <class T>
T* look_at(T* memory) {
  T* volatile seen = memory;
  return seen;
}

template <class Action>
std::uint64_t caught_by(Action action) {
  const AllocationGuard guard;
  action();
  return guard.count();
}

TEST(AllocationGuard, works_in_this_build) {
  EXPECT_TRUE(allocation_guard_works());
}

TEST(AllocationGuard, counts_nothing_where_nothing_is_allocated) {
  std::array<int, 16> values{};
  EXPECT_EQ(caught_by([&] { values[3] = 4; }), 0u);
  EXPECT_EQ(values[3], 4);
}

TEST(AllocationGuard, catches_operator_new_in_each_form) {
  EXPECT_EQ(caught_by([] { delete look_at(new int(1)); }), 1u);
  EXPECT_EQ(caught_by([] { delete[] look_at(new int[100]); }), 1u);
  EXPECT_EQ(caught_by([] { delete look_at(new Wide); }), 1u);
  EXPECT_EQ(caught_by([] { delete look_at(new (std::nothrow) int(1)); }), 1u);
}

TEST(AllocationGuard, catches_malloc_and_its_family) {
  EXPECT_EQ(caught_by([] { std::free(look_at(std::malloc(10))); }), 1u);
  EXPECT_EQ(caught_by([] { std::free(look_at(std::calloc(10, 10))); }), 1u);
  EXPECT_EQ(caught_by([] { std::free(look_at(std::aligned_alloc(64, 128))); }), 1u);
  void* memory = nullptr;
  EXPECT_EQ(caught_by([&] { ASSERT_EQ(posix_memalign(&memory, 4096, 10), 0); }), 1u);
  std::free(memory);
}

TEST(AllocationGuard, catches_a_buffer_that_grows) {
  void* memory = look_at(std::malloc(10));
  void* grown = nullptr;
  EXPECT_EQ(caught_by([&] { grown = look_at(std::realloc(memory, 1 << 20)); }), 1u);
  std::free(grown);
}

TEST(AllocationGuard, catches_the_default_resource_but_not_one_with_memory_of_its_own) {
  std::array<std::byte, 1024> memory;
  std::pmr::monotonic_buffer_resource own(memory.data(), memory.size(), std::pmr::null_memory_resource());
  EXPECT_EQ(caught_by([&] { std::pmr::vector<int>(10, &own); }), 0u);
  EXPECT_EQ(caught_by([] { std::pmr::vector<int>(10, std::pmr::get_default_resource()); }), 1u);
}

TEST(AllocationGuard, lets_memory_be_freed) {
  int* memory = look_at(new int(1));
  EXPECT_EQ(caught_by([&] { delete memory; }), 0u);
}

TEST(AllocationGuard, is_lifted_by_a_pause_and_armed_again_after_it) {
  const AllocationGuard guard;
  {
    const AllocationPause pause;
    delete look_at(new int(1));
    {
      const AllocationGuard inner;
      delete look_at(new int(1));
      EXPECT_EQ(inner.count(), 1u);
    }
    delete look_at(new int(1));
  }
  EXPECT_EQ(guard.count(), 1u);
  delete look_at(new int(1));
  EXPECT_EQ(guard.count(), 2u);
}

TEST(AllocationGuard, ends_with_its_scope) {
  { const AllocationGuard guard; }
  const AllocationPause pause;  // a pause inside no guard changes nothing
  delete look_at(new int(1));
  EXPECT_EQ(caught_by([] {}), 0u);
}

TEST(AllocationGuard, watches_its_own_thread_only) {
  std::atomic<bool> armed = false;
  std::thread other([&] {
    armed.wait(false);
    delete look_at(new int(1));
  });
  const AllocationGuard guard;
  armed = true;
  armed.notify_one();
  other.join();
  EXPECT_EQ(guard.count(), 0u);
}

}  // namespace
}  // namespace phasebit::scenarios
