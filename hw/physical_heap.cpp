#include "hw/physical_heap.hpp"

#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_memzone.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>

#include "hw/physical_range.hpp"
#include "src/base/assert.hpp"

namespace phasebit::hw {
namespace {

constexpr std::uint64_t heap_page = 4096;
constexpr std::uint64_t smallest_of_hugepages = 2 << 20;

/// Up to its end a hugepage is in one piece. The kernel is asked, not DPDK: a DPDK that was started for virtual addresses, here or in the
/// process that shares its memory with us, would call those the memory's addresses, and the drive would write to whatever lies there.
std::optional<PhysicalPiece> piece_at(const std::byte* address) {
  const rte_memseg_list* const list = rte_mem_virt2memseg_list(address);
  const bool is_of_dpdk = list != nullptr && list->external == 0;
  const phys_addr_t physical = is_of_dpdk ? rte_mem_virt2phy(address) : RTE_BAD_IOVA;
  if (physical == RTE_BAD_IOVA) {
    return std::nullopt;
  }
  const std::uint64_t into = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address)) % list->page_sz;
  return PhysicalPiece{Iova{physical}, list->page_sz - into};
}

/// Names are shared by all processes that share the memory.
const rte_memzone* reserve_zone(std::uint64_t bytes) {
  static std::atomic<unsigned> number = 0;
  char name[RTE_MEMZONE_NAMESIZE];
  std::snprintf(name, sizeof name, "phasebit-%d-%u", getpid(), number.fetch_add(1));
  return rte_memzone_reserve_aligned(name, bytes, SOCKET_ID_ANY, RTE_MEMZONE_IOVA_CONTIG, heap_page);
}

}  // namespace

Answer<void> PhysicalHeap::check_environment() {
  // A further process leaves it to the primary to find memory in one piece.
  const bool finds_pieces = rte_eal_iova_mode() == RTE_IOVA_PA || rte_eal_process_type() == RTE_PROC_SECONDARY;
  if (rte_eal_has_hugepages() != 0 && finds_pieces) {
    return {};
  }
  return refuse(Errc::environment,
                "without an IOMMU a drive finds memory by its physical address: DPDK has to be started with hugepages and --iova-mode pa");
}

std::byte* PhysicalHeap::allocate_pages(std::uint64_t bytes) {
  // What is aligned to its own size crosses no boundary of hugepages.
  const std::uint64_t alignment = bytes > smallest_of_hugepages ? smallest_of_hugepages : std::bit_ceil(std::max(bytes, heap_page));
  if (auto* memory = static_cast<std::byte*>(rte_zmalloc("phasebit", bytes, static_cast<unsigned>(alignment)))) {
    if (address_of({memory, bytes})) {
      return memory;
    }
    rte_free(memory);
  }
  const rte_memzone* const zone = bytes == 0 ? nullptr : reserve_zone(bytes);
  if (zone == nullptr) {
    return nullptr;
  }
  auto* memory = static_cast<std::byte*>(zone->addr);
  std::memset(memory, 0, bytes);
  zones_.emplace(memory, zone);
  return memory;
}

void PhysicalHeap::free_pages(std::byte* memory) {
  const auto zone = zones_.find(memory);
  if (zone == zones_.end()) {
    rte_free(memory);
  } else {
    const bool is_freed = rte_memzone_free(zone->second) == 0;
    PHASEBIT_ASSERT(is_freed);
    zones_.erase(zone);
  }
}

Result<Iova> PhysicalHeap::address_of(std::span<const std::byte> memory) {
  return physical_address(memory, piece_at);
}

void* PhysicalHeap::do_allocate(std::size_t bytes, std::size_t alignment) {
  void* const memory =
      alignment > heap_page ? nullptr : allocate_pages((std::max<std::size_t>(bytes, 1) + heap_page - 1) / heap_page * heap_page);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

void PhysicalHeap::do_deallocate(void* memory, std::size_t, std::size_t) {
  free_pages(static_cast<std::byte*>(memory));
}

}  // namespace phasebit::hw
