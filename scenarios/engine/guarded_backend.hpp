// The seam as the engine's driver sees it: what a backend allocates within the driver's call is not the driver's doing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "scenarios/engine/allocation_guard/allocation_guard.hpp"
#include "scenarios/engine/any_backend.hpp"

namespace phasebit::scenarios {

/// Hands every operation on, outside of any allocation guard. Contract: src/backend/backend.hpp.
class GuardedBackend {
 public:
  explicit GuardedBackend(AnyBackend& inner) : inner_(inner) {}

  std::uint64_t bar_bytes() { return inner_.bar_bytes(); }
  std::uint32_t read32(std::uint32_t offset) {
    const AllocationPause pause;
    return inner_.read32(offset);
  }
  std::uint64_t read64(std::uint32_t offset) {
    const AllocationPause pause;
    return inner_.read64(offset);
  }
  void write32(std::uint32_t offset, std::uint32_t value) {
    const AllocationPause pause;
    inner_.write32(offset, value);
  }
  void write64(std::uint32_t offset, std::uint64_t value) {
    const AllocationPause pause;
    inner_.write64(offset, value);
  }
  std::uint32_t config_read32(std::uint32_t offset) {
    const AllocationPause pause;
    return inner_.config_read32(offset);
  }
  void config_write16(std::uint32_t offset, std::uint16_t value) {
    const AllocationPause pause;
    inner_.config_write16(offset, value);
  }
  std::uint32_t enable_interrupts(std::uint32_t wanted) {
    const AllocationPause pause;
    return inner_.enable_interrupts(wanted);
  }
  Result<DmaRegion> controller_memory(const BarRange& range) {
    const AllocationPause pause;
    return inner_.controller_memory(range);
  }
  Result<DmaRegion> allocate_dma(std::uint64_t bytes) {
    const AllocationPause pause;
    return inner_.allocate_dma(bytes);
  }
  void free_dma(const DmaRegion& region) {
    const AllocationPause pause;
    inner_.free_dma(region);
  }
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights) {
    const AllocationPause pause;
    return inner_.map(memory, rights);
  }
  Result<void> unmap(std::span<std::byte> memory) {
    const AllocationPause pause;
    return inner_.unmap(memory);
  }
  std::uint32_t load_acquire32(const Le32& dword) {
    const AllocationPause pause;
    return inner_.load_acquire32(dword);
  }
  std::uint32_t load32(const Le32& dword) {
    const AllocationPause pause;
    return inner_.load32(dword);
  }
  void record(const Event& event) {
    const AllocationPause pause;
    inner_.record(event);
  }

 private:
  AnyBackend& inner_;
};

static_assert(HasInterrupts<GuardedBackend> && HasControllerMemory<GuardedBackend>);

}  // namespace phasebit::scenarios
