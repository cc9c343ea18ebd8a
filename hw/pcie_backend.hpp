// The backend of a real drive: registers by loads and stores, memory through the IOMMU, or where there is none by its physical address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "hw/bar.hpp"
#include "hw/dma_domain.hpp"
#include "hw/dma_mappings.hpp"
#include "hw/function_claim.hpp"
#include "hw/function_share.hpp"
#include "hw/opened_function.hpp"
#include "hw/registered_memory.hpp"
#include "src/backend/backend.hpp"
#include "src/backend/process_link.hpp"
#include "src/base/assert.hpp"

namespace phasebit::hw {

/// One opened function. It cannot know which memory a command still owns, so unmap never answers `busy`: behind an IOMMU the device no
/// longer reaches what it should no longer reach, and an access that comes late is stopped. Without one (decision 14) nothing stops it.
class PcieBackend {
 public:
  explicit PcieBackend(FunctionParts parts);
  PcieBackend(const PcieBackend&) = delete;
  PcieBackend& operator=(const PcieBackend&) = delete;
  ~PcieBackend();

  /// True once each time that somebody asked the kernel to take the function away.
  bool removal_asked() { return function_->removal_asked(); }

  /// What PcieBus::wait sleeps on.
  const OpenedFunction& function() const { return *function_; }
  bool take_interrupt() { return function_->take_interrupt(); }
  std::uint32_t enable_interrupts(std::uint32_t wanted) { return function_->enable_interrupts(wanted); }

  /// nullptr where EAL shares nothing, or is another's.
  SecondaryLinks* secondaries() { return share_.get(); }

  std::uint64_t bar_bytes() const { return bar_.bytes(); }

  std::uint32_t read32(std::uint32_t offset) const { return bar_.read<std::uint32_t>(offset); }
  std::uint64_t read64(std::uint32_t offset) const { return bar_.read<std::uint64_t>(offset); }
  void write32(std::uint32_t offset, std::uint32_t value) { bar_.write(offset, value); }
  void write64(std::uint32_t offset, std::uint64_t value) { bar_.write(offset, value); }

  std::uint32_t config_read32(std::uint32_t offset) const { return function_->config_read32(offset); }
  void config_write16(std::uint32_t offset, std::uint16_t value) { function_->config_write16(offset, value); }

  /// The BAR's own word on its size counts, not the drive's.
  Result<DmaRegion> controller_memory(const BarRange& range);

  /// Whole pages of DPDK's heap, which lies in hugepages and is pinned. Errors: invalid_argument for 0; out_of_memory; as map's.
  Result<DmaRegion> allocate_dma(std::uint64_t bytes);
  void free_dma(DmaRegion region);
  /// The memory stays as long as the process.
  void leave_dma(DmaRegion region);
  /// A range in registered memory costs no mapping of the kernel's; the device then has that memory's rights, which are all. Errors: those
  /// of DmaMappings::map; unsupported for memory that a device without an IOMMU cannot find.
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights) { return mappings_.map(memory, rights); }
  Result<void> unmap(std::span<std::byte> memory) { return mappings_.unmap(memory); }

  /// Where this function finds registered memory: DmaMappings::translate. For any thread, at any time; PcieBus says which memory.
  Result<Translation> translate(std::span<const std::byte> memory) const { return mappings_.translate(memory); }
  Result<void> add_registered(std::span<std::byte> memory) { return mappings_.add_registered(memory); }
  bool uses_registered(std::span<std::byte> memory) const { return mappings_.uses_registered(memory); }
  void remove_registered(std::span<std::byte> memory) { mappings_.remove_registered(memory); }

  /// What the kernel says of the function's IOMMU now: how many mappings are left changes with each.
  Result<IommuInfo> iommu_info() const { return domain_->iommu_info(); }

  std::uint32_t load_acquire32(const Le32& dword) const { return load_acquire(dword); }
  std::uint32_t load32(const Le32& dword) const { return load(dword); }

  /// Hardware keeps no stream; Interposed<PcieBackend> does.
  void record(const Event& /*event*/) {}

 private:
  void unmap_whole(const DmaRegion& region);

  Bar bar_;
  std::unique_ptr<DmaDomain> domain_;
  std::unique_ptr<OpenedFunction> function_;
  std::unique_ptr<FunctionShare> share_;  ///< ends before the function
  DmaMappings<DmaDomain> mappings_;
  std::set<std::byte*> allocated_;
  std::optional<std::pair<BarRange, DmaRegion>> controller_memory_;  ///< what was shown last
};
static_assert(HasInterrupts<PcieBackend> && HasControllerMemory<PcieBackend> && HasSecondaries<PcieBackend>);
static_assert(MemoryObserver<PcieBackend>);

}  // namespace phasebit::hw
