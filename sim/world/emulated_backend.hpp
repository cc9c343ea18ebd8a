// The seam on the emulated drive: what the driver does lands in the world, and the world may move on within each access.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/world/drive.hpp"
#include "src/backend/backend.hpp"

namespace phasebit::sim {

class World;

/// One per drive; stays at its address as long as the world. Contract: src/backend/backend.hpp. Every access that is an event is one that
/// the world may step within; those that are none (an unchanged CSTS, an empty CQ slot) take no time and leave no trace.
class EmulatedBackend {
 public:
  EmulatedBackend(World& world, Drive& drive) : world_(world), drive_(drive) {}
  EmulatedBackend(const EmulatedBackend&) = delete;
  EmulatedBackend& operator=(const EmulatedBackend&) = delete;

  std::uint64_t bar_bytes() const { return drive_.function().bar_bytes(); }
  std::uint32_t read32(std::uint32_t offset) { return static_cast<std::uint32_t>(load(offset, 4)); }
  std::uint64_t read64(std::uint32_t offset) { return load(offset, 8); }
  void write32(std::uint32_t offset, std::uint32_t value) { store(offset, value, 4); }
  void write64(std::uint32_t offset, std::uint64_t value) { store(offset, value, 8); }
  std::uint32_t config_read32(std::uint32_t offset);
  void config_write16(std::uint32_t offset, std::uint16_t value);

  /// Emulated is the kernel that does it: no access of the host's, and no event.
  std::uint32_t enable_interrupts(std::uint32_t wanted) { return is_stale() ? 0 : drive_.enable_interrupts(wanted); }

  /// No event: what becomes of it stands in the registers that the host writes next.
  Result<DmaRegion> controller_memory(const BarRange& range) {
    return is_stale() ? Result<DmaRegion>(fail(Errc::device_gone)) : drive_.controller_memory(range);
  }

  Result<DmaRegion> allocate_dma(std::uint64_t bytes);
  /// A region that a command still owns is kept, and dma_unmapped says that it was refused: the device could write to it later.
  void free_dma(const DmaRegion& region);
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights);
  Result<void> unmap(std::span<std::byte> memory);

  std::uint32_t load_acquire32(const Le32& dword) { return load_cqe(dword, true); }
  std::uint32_t load32(const Le32& dword) { return load_cqe(dword, false); }
  void record(const Event& event);

  /// A new handle: what an older one knew is forgotten, and it is of the function that is there now.
  void opened();
  void fingerprint(Hasher& hasher) const;

 private:
  std::uint64_t load(std::uint32_t offset, std::uint32_t bytes);
  void store(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes);
  std::uint32_t load_cqe(const Le32& dword, bool acquire);
  std::uint64_t read_now(std::uint32_t offset, std::uint32_t bytes) const;
  std::uint64_t read_torn(std::uint32_t offset);
  Duration posting_delay(const Fault* late);
  bool is_stale() const { return generation_ != drive_.generation(); }
  bool refuse_unmapping(Iova iova, std::uint64_t bytes);
  void append(EventKind kind, std::uint32_t a, std::uint64_t b, std::uint64_t c, std::uint16_t queue = 0);

  World& world_;
  Drive& drive_;
  std::uint32_t generation_ = 0;
  bool status_known_ = false;
  std::uint32_t status_ = 0;  ///< CSTS as last read
  std::uint64_t stores_ = 0;
};

static_assert(HasInterrupts<EmulatedBackend>);
static_assert(HasControllerMemory<EmulatedBackend>);

}  // namespace phasebit::sim
