// The memory of a drive that no IOMMU stands before.
#pragma once

#include "hw/dma_domain.hpp"
#include "hw/physical_heap.hpp"

namespace phasebit::hw {

/// The drive reaches all of the machine's memory, whatever is mapped, with whatever rights: to map is to ask where memory lies, and to
/// unmap is nothing. Only hugepages of DPDK's have an address, for ordinary memory does not stay where it is.
class PhysicalDomain final : public DmaDomain {
 public:
  std::byte* allocate(std::uint64_t bytes) override { return heap_.allocate_pages(bytes); }
  void free(std::byte* memory) override { heap_.free_pages(memory); }
  /// Errors: unsupported if the pages are not DPDK's or not in one piece.
  Result<Iova> map(std::byte* pages, std::uint64_t bytes, DmaRights /*rights*/) override {
    return PhysicalHeap::address_of({pages, bytes});
  }
  Result<Iova> set_aside(std::uint64_t /*bytes*/) override { return fail(Errc::unsupported); }
  void unmap(Iova /*first*/, std::uint64_t /*bytes*/) override {}
  Result<IommuInfo> iommu_info() const override { return fail(Errc::unsupported); }

 private:
  PhysicalHeap heap_;
};

}  // namespace phasebit::hw
