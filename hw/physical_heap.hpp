// DPDK's heap for drives that no IOMMU stands before: they find memory by its physical address, and so it has to stay where it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <span>

#include "hw/refusal.hpp"
#include "src/base/error.hpp"
#include "src/base/strong.hpp"

struct rte_memzone;

namespace phasebit::hw {

/// Memory of DPDK's, in hugepages. Each allocation is in one piece physically: up to 2 MiB it lies in one hugepage, and a larger one needs
/// hugepages that happen to lie side by side, if they are not larger themselves. Threads: one, for each object.
class PhysicalHeap final : public std::pmr::memory_resource {
 public:
  /// Whether DPDK runs as such a heap needs it. Errors: environment, in words that say how to start it.
  static Answer<void> check_environment();

  PhysicalHeap() = default;
  ~PhysicalHeap() override = default;

  /// Zeroed, page aligned; nullptr if none is left, or none in one piece.
  std::byte* allocate_pages(std::uint64_t bytes);
  /// What allocate_pages gave.
  void free_pages(std::byte* memory);

  /// Where a drive finds a range, whoever allocated it. Errors: unsupported if it is not DPDK's or not in one piece.
  static Result<Iova> address_of(std::span<const std::byte> memory);

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  std::map<std::byte*, const rte_memzone*> zones_;  ///< allocations that DPDK's malloc could not give in one piece
};

}  // namespace phasebit::hw
