// A backend for tests that is nothing but memory: it counts, records and lets the test play the device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "src/backend/backend.hpp"

namespace phasebit::testing {

/// A write to a register, as it was made.
struct RegisterWrite {
  std::uint32_t offset = 0;
  std::uint64_t value = 0;
  friend bool operator==(const RegisterWrite&, const RegisterWrite&) = default;
};

/// IOVAs are not host addresses. Allocated memory is zeroed, as the contract says; dirty_memory fills it with a byte instead.
class MemoryBackend {
 public:
  static constexpr std::uint64_t page = 4096;

  std::uint64_t bar_bytes() const { return 1 << 20; }
  std::uint32_t read32(std::uint32_t) {
    ++reads;
    return 0;
  }
  std::uint64_t read64(std::uint32_t) {
    ++reads;
    return 0;
  }
  void write32(std::uint32_t offset, std::uint32_t value) { written(offset, value); }
  void write64(std::uint32_t offset, std::uint64_t value) { written(offset, value); }
  std::uint32_t config_read32(std::uint32_t) { return 0; }
  void config_write16(std::uint32_t, std::uint16_t) {}

  Result<DmaRegion> allocate_dma(std::uint64_t bytes) {
    const std::uint64_t rounded = (bytes + page - 1) / page * page;
    Allocation allocation{std::unique_ptr<std::byte[]>(new std::byte[rounded + page]), rounded, next_iova_};
    std::memset(aligned(allocation), 0, rounded);
    next_iova_ = next_iova_ + rounded + page;
    allocations_.push_back(std::move(allocation));
    return DmaRegion{aligned(allocations_.back()), bytes, allocations_.back().iova};
  }
  void free_dma(const DmaRegion& region) {
    std::erase_if(allocations_, [&](const Allocation& a) { return a.iova == region.iova; });
  }
  Result<Iova> map(std::span<std::byte>, DmaRights) { return fail(Errc::unsupported); }
  Result<void> unmap(std::span<std::byte>) { return fail(Errc::not_found); }

  std::uint32_t load_acquire32(const Le32& dword) {
    ++acquire_loads;
    if (before_load) {
      before_load(&dword, true);
    }
    return dword;
  }
  std::uint32_t load32(const Le32& dword) {
    if (before_load) {
      before_load(&dword, false);
    }
    return dword;
  }
  void record(const Event& event) { events.push_back(event); }

  /// Where the test finds memory that the driver named by IOVA; nullptr if nobody ever allocated it all.
  std::byte* host(Iova iova, std::uint64_t bytes) {
    for (Allocation& a : allocations_) {
      if (iova.value >= a.iova.value && iova.value + bytes <= a.iova.value + a.bytes) {
        return aligned(a) + (iova - a.iova);
      }
    }
    return nullptr;
  }
  std::size_t allocation_count() const { return allocations_.size(); }

  std::uint64_t reads = 0;
  std::uint64_t acquire_loads = 0;
  std::vector<RegisterWrite> writes;
  std::vector<Event> events;
  std::function<void(const Le32*, bool acquire)> before_load;  ///< lets the device move between two loads
  std::function<void(std::uint32_t offset, std::uint64_t value)> on_write;

 private:
  struct Allocation {
    std::unique_ptr<std::byte[]> memory;
    std::uint64_t bytes;
    Iova iova;
  };
  static std::byte* aligned(const Allocation& a) {
    const auto address = reinterpret_cast<std::uintptr_t>(a.memory.get());
    return a.memory.get() + (page - address % page) % page;
  }
  void written(std::uint32_t offset, std::uint64_t value) {
    writes.push_back({offset, value});
    if (on_write) {
      on_write(offset, value);
    }
  }

  std::vector<Allocation> allocations_;
  Iova next_iova_{0x7000'0000'0000};
};
static_assert(Backend<MemoryBackend>);

}  // namespace phasebit::testing
