// The backend of a process that is not the primary: the same drive, through the primary's file of it, in memory that the primary lends.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "hw/bar.hpp"
#include "hw/primary_process.hpp"
#include "hw/vfio_device.hpp"
#include "src/backend/backend.hpp"
#include "src/backend/dma_arena.hpp"
#include "src/backend/process_link.hpp"

namespace phasebit::hw {

/// DPDK's heap is left alone: a process that is killed while it holds the heap's lock would take the primary with it.
class GrantedBackend {
 public:
  GrantedBackend(std::unique_ptr<VfioDevice> device, MessageSocket socket)
      : bar_(device->bar(), device->bar_bytes()), device_(std::move(device)), primary_(std::move(socket)) {}
  GrantedBackend(const GrantedBackend&) = delete;
  GrantedBackend& operator=(const GrantedBackend&) = delete;

  PrimaryProcess& process() { return primary_; }
  PrimaryLink& primary() { return primary_; }

  std::uint64_t bar_bytes() const { return bar_.bytes(); }

  std::uint32_t read32(std::uint32_t offset) const { return bar_.read<std::uint32_t>(offset); }
  std::uint64_t read64(std::uint32_t offset) const { return bar_.read<std::uint64_t>(offset); }
  void write32(std::uint32_t offset, std::uint32_t value) { bar_.write(offset, value); }
  void write64(std::uint32_t offset, std::uint64_t value) { bar_.write(offset, value); }

  std::uint32_t config_read32(std::uint32_t offset) const { return device_->config_read32(offset); }
  void config_write16(std::uint32_t offset, std::uint16_t value) { device_->config_write16(offset, value); }

  void take_granted(const DmaRegion& region) { arena_ = DmaArena(region); }
  /// Whole pages of what was granted. Errors: invalid_argument for nothing; out_of_memory.
  Result<DmaRegion> allocate_dma(std::uint64_t bytes) { return arena_.take(bytes); }
  void free_dma(const DmaRegion& region) { arena_.give_back(region); }
  /// Memory of the process's own would need the primary's IOMMU domain.
  Result<Iova> map(std::span<std::byte> /*memory*/, DmaRights /*rights*/) { return fail(Errc::unsupported); }
  Result<void> unmap(std::span<std::byte> /*memory*/) { return fail(Errc::not_found); }

  std::uint32_t load_acquire32(const Le32& dword) const { return load_acquire(dword); }
  std::uint32_t load32(const Le32& dword) const { return load(dword); }

  void record(const Event& /*event*/) {}

 private:
  Bar bar_;
  std::unique_ptr<VfioDevice> device_;
  PrimaryProcess primary_;  ///< ends before the device: the primary may then take back what it lent
  DmaArena arena_;
};
static_assert(HasPrimary<GrantedBackend>);

}  // namespace phasebit::hw
