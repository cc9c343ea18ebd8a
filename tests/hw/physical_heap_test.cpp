// DPDK's hugepages for real, in a process of their own each time; the guest shows that a drive finds them.
#include "hw/physical_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "hw/environment.hpp"
#include "hw/machine_limits.hpp"
#include "tests/hw/eal/hugepages.hpp"
#include "tests/support/pagemap.hpp"

namespace phasebit::hw {
namespace {

constexpr std::uint64_t heap_kib = 1024;

/// For a child process: what is not so ends it.
void demand(bool is_so, const char* what) {
  if (!is_so) {
    std::fprintf(stderr, "not so: %s\n", what);
    std::exit(1);
  }
}

bool is_in_one_piece(const std::byte* memory, std::uint64_t bytes) {
  const Iova first = testing::physical_address(memory);
  for (std::uint64_t offset = 0; offset < bytes; offset += 4 * heap_kib) {
    if (testing::physical_address(memory + offset) != first + offset) {
      return false;
    }
  }
  return true;
}

void demand_whole(std::byte* memory, std::uint64_t bytes) {
  demand(memory != nullptr, "there is memory");
  demand(reinterpret_cast<std::uintptr_t>(memory) % (4 * heap_kib) == 0, "it begins a page");
  demand(is_in_one_piece(memory, bytes), "it is in one piece");
  demand(PhysicalHeap::address_of({memory, bytes}) == testing::physical_address(memory), "it has its physical address");
}

[[noreturn]] void allocate_and_exit() {
  const auto environment = Environment::start({.iova_mode = "pa"});
  demand(environment && PhysicalHeap::check_environment(), "DPDK runs with physical addresses");
  PhysicalHeap heap;
  std::vector<std::byte*> all;
  for (const std::uint64_t bytes : {4 * heap_kib, 12 * heap_kib, 1024 * heap_kib, 1500 * heap_kib, 2048 * heap_kib}) {
    all.push_back(heap.allocate_pages(bytes));
    demand_whole(all.back(), bytes);
  }
  for (int i = 0; i < 300; ++i) {  // three times what a hugepage holds
    all.push_back(heap.allocate_pages(24 * heap_kib));
    demand_whole(all.back(), 24 * heap_kib);
  }
  for (std::byte* const memory : all) {
    heap.free_pages(memory);
  }
  const std::byte ordinary{};
  demand(PhysicalHeap::address_of({&ordinary, 1}).error() == Errc::unsupported, "ordinary memory has no address");
  demand(heap.allocate_pages(0) == nullptr, "nothing is no memory");
  demand(heap.allocate_pages(1ull << 40) == nullptr, "there is no terabyte");
  std::exit(0);
}

[[noreturn]] void use_as_resource_and_exit() {
  const auto environment = Environment::start({.iova_mode = "pa"});
  demand(environment.has_value(), "DPDK runs");
  PhysicalHeap heap;
  auto* const dirty = static_cast<std::byte*>(heap.allocate(100, 8));
  demand_whole(dirty, 4 * heap_kib);
  std::fill_n(dirty, 4 * heap_kib, std::byte{0x5a});
  heap.deallocate(dirty, 100, 8);
  std::byte* const clean = heap.allocate_pages(4 * heap_kib);
  demand(std::all_of(clean, clean + 4 * heap_kib, [](std::byte byte) { return byte == std::byte{}; }), "memory is zeroed");
  bool is_refused = false;
  try {
    (void)heap.allocate(100, 64 * heap_kib);
  } catch (const std::bad_alloc&) {
    is_refused = true;
  }
  demand(is_refused, "an alignment that no page has is refused");
  std::exit(0);
}

[[noreturn]] void start_with_virtual_addresses_and_exit() {
  const auto environment = Environment::start();
  demand(environment.has_value(), "DPDK runs");
  demand(PhysicalHeap::check_environment().error().error == Errc::environment, "a heap needs more than that");
  std::exit(0);
}

/// Empty if this machine has what the heap needs.
std::string why_not(const Hugepages& hugepages) {
  return !hugepages.why_not().empty()                        ? hugepages.why_not()
         : !read_machine_limits({}).knows_physical_addresses ? "the kernel does not tell physical addresses"
                                                             : "";
}

TEST(PhysicalHeap, gives_memory_in_one_piece_at_its_physical_address) {
  const Hugepages hugepages(32);
  if (const std::string reason = why_not(hugepages); !reason.empty()) {
    GTEST_SKIP() << reason;  // skipped: for the privileged, with hugepages
  }
  EXPECT_EXIT(allocate_and_exit(), ::testing::ExitedWithCode(0), "");
}

TEST(PhysicalHeap, is_a_memory_resource_of_zeroed_pages) {
  const Hugepages hugepages(32);
  if (const std::string reason = why_not(hugepages); !reason.empty()) {
    GTEST_SKIP() << reason;  // skipped: for the privileged, with hugepages
  }
  EXPECT_EXIT(use_as_resource_and_exit(), ::testing::ExitedWithCode(0), "");
}

TEST(PhysicalHeap, is_none_in_a_dpdk_of_virtual_addresses) {
  const Hugepages hugepages(32);
  if (!hugepages.why_not().empty()) {
    GTEST_SKIP() << hugepages.why_not();  // skipped: DPDK does not start without hugepages
  }
  EXPECT_EXIT(start_with_virtual_addresses_and_exit(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace phasebit::hw
