#include "hw/pcie_backend.hpp"

#include <rte_malloc.h>

#include <utility>

namespace phasebit::hw {

PcieBackend::PcieBackend(VfioContainer& container, std::unique_ptr<VfioDevice> device, IovaSpace space)
    : bar_(device->bar(), device->bar_bytes()),
      device_(std::move(device)),
      share_(FunctionShare::offer(device_->address(), device_->descriptor())),
      container_(container),
      mappings_(container, std::move(space)) {}

PcieBackend::~PcieBackend() {
  share_.reset();
  device_.reset();  // resets the function; only then may memory that it still knew of go
  for (std::byte* memory : allocated_) {
    rte_free(memory);
  }
}

Result<DmaRegion> PcieBackend::controller_memory(const BarRange& range) {
  if (controller_memory_ && controller_memory_->first == range) {
    return controller_memory_->second;
  }
  const auto memory = device_->map_memory(range);
  if (!memory) {
    return fail(memory.error());
  }
  const auto iova = mappings_.set_aside(range.bytes);
  if (!iova) {
    return fail(iova.error());
  }
  controller_memory_.emplace(range, DmaRegion{*memory, range.bytes, *iova});
  return controller_memory_->second;
}

Result<DmaRegion> PcieBackend::allocate_dma(std::uint64_t bytes) {
  constexpr auto page = IovaSpace::page_bytes;
  auto* memory = static_cast<std::byte*>(rte_zmalloc("phasebit", (bytes + page - 1) / page * page, page));
  if (memory == nullptr) {
    return fail(bytes == 0 ? Errc::invalid_argument : Errc::out_of_memory);
  }
  auto iova = mappings_.map({memory, bytes}, DmaRights::device_reads_and_writes);
  if (!iova) {
    rte_free(memory);
    return fail(iova.error());
  }
  allocated_.insert(memory);
  return DmaRegion{memory, bytes, *iova};
}

void PcieBackend::free_dma(DmaRegion region) {
  unmap_whole(region);
  rte_free(region.data);
}

void PcieBackend::leave_dma(DmaRegion region) {
  unmap_whole(region);
}

void PcieBackend::unmap_whole(const DmaRegion& region) {
  const bool ours = allocated_.erase(region.data) == 1;
  PHASEBIT_ASSERT(ours);
  const bool unmapped = mappings_.unmap(region.span()).has_value();
  PHASEBIT_ASSERT(unmapped);
}

}  // namespace phasebit::hw
