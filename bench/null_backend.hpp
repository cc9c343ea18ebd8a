// The third implementation of the seam: plain memory on both sides, for what the driver itself costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include "bench/null_device.hpp"
#include "src/backend/backend.hpp"

namespace phasebit::bench {

/// A Backend over a NullDevice: a register access is one load or store, nothing is recorded, an IOVA is a host address.
/// x86-64 keeps a doorbell behind the stores before it (total store order), as it does for a real BAR; so only the compiler is held back.
class NullBackend {
 public:
  std::uint64_t bar_bytes() const { return NullDevice::bar_bytes; }
  std::uint32_t read32(std::uint32_t offset) const { return load<std::uint32_t>(offset); }
  std::uint64_t read64(std::uint32_t offset) const { return load<std::uint64_t>(offset); }
  void write32(std::uint32_t offset, std::uint32_t value) { store(offset, value); }
  void write64(std::uint32_t offset, std::uint64_t value) { store(offset, value); }

  std::uint32_t config_read32(std::uint32_t offset) const;
  void config_write16(std::uint32_t offset, std::uint16_t value);

  Result<DmaRegion> allocate_dma(std::uint64_t bytes);
  void free_dma(DmaRegion region) { regions_.erase(region.data); }
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights);
  Result<void> unmap(std::span<std::byte> memory);

  std::uint32_t load_acquire32(const Le32& dword) const { return swap_if_big_endian(__atomic_load_n(&dword.raw(), __ATOMIC_ACQUIRE)); }
  std::uint32_t load32(const Le32& dword) const { return dword; }
  void record(const Event&) {}

  NullDevice& device() { return *device_; }

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };

  template <class T>
  T load(std::uint32_t offset) const {
    const T value = *reinterpret_cast<const volatile T*>(bar_ + offset);
    __atomic_signal_fence(__ATOMIC_ACQUIRE);
    return value;
  }
  template <class T>
  void store(std::uint32_t offset, T value) {
    __atomic_signal_fence(__ATOMIC_RELEASE);
    *reinterpret_cast<volatile T*>(bar_ + offset) = value;
  }

  std::unique_ptr<NullDevice> device_ = std::make_unique<NullDevice>();
  std::byte* bar_ = device_->bar().data();
  std::uint16_t command_ = 0;
  std::map<std::byte*, std::unique_ptr<std::byte, Free>> regions_;
  std::map<std::pair<std::byte*, std::size_t>, std::uint32_t> mappings_;  ///< how often each range is mapped
};
static_assert(Backend<NullBackend>);

}  // namespace phasebit::bench
