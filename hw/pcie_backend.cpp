#include "hw/pcie_backend.hpp"

#include <utility>

namespace phasebit::hw {

PcieBackend::PcieBackend(FunctionParts parts)
    : bar_(parts.function->bar(), parts.function->bar_bytes()),
      domain_(std::move(parts.domain)),
      function_(std::move(parts.function)),
      share_(FunctionShare::offer(function_->address(), function_->shareable_file())),
      mappings_(*domain_) {}

PcieBackend::~PcieBackend() {
  share_.reset();
  function_.reset();  // only then may memory that it still knew of go
  for (std::byte* memory : allocated_) {
    domain_->free(memory);
  }
}

Result<DmaRegion> PcieBackend::controller_memory(const BarRange& range) {
  if (controller_memory_ && controller_memory_->first == range) {
    return controller_memory_->second;
  }
  const auto memory = function_->map_memory(range);
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
  std::byte* const memory = domain_->allocate((bytes + page - 1) / page * page);
  if (memory == nullptr) {
    return fail(bytes == 0 ? Errc::invalid_argument : Errc::out_of_memory);
  }
  auto iova = mappings_.map({memory, bytes}, DmaRights::device_reads_and_writes);
  if (!iova) {
    domain_->free(memory);
    return fail(iova.error());
  }
  allocated_.insert(memory);
  return DmaRegion{memory, bytes, *iova};
}

void PcieBackend::free_dma(DmaRegion region) {
  unmap_whole(region);
  domain_->free(region.data);
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
