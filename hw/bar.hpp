// Registers by loads and stores, and the loads of completion entries that go with them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hw/barrier.hpp"
#include "src/base/little_endian.hpp"

namespace phasebit::hw {

/// A mapping of BAR0. It is somebody else's, and outlives this.
class Bar {
 public:
  Bar(std::byte* begin, std::uint64_t bytes) : begin_(begin), bytes_(bytes) {}

  std::uint64_t bytes() const { return bytes_; }

  template <class T>
  T read(std::uint32_t offset) const {
    const T value = *reinterpret_cast<const volatile T*>(begin_ + offset);
    order_registers_before_memory();
    return swap_if_big_endian(value);
  }

  /// A doorbell: one store.
  template <class T>
  void write(std::uint32_t offset, T value) const {
    order_memory_before_registers();
    *reinterpret_cast<volatile T*>(begin_ + offset) = swap_if_big_endian(value);
  }

 private:
  std::byte* begin_;
  std::uint64_t bytes_;
};

inline std::uint32_t load_acquire(const Le32& dword) {
  return swap_if_big_endian(__atomic_load_n(&dword.raw(), __ATOMIC_ACQUIRE));
}
inline std::uint32_t load(const Le32& dword) {
  return swap_if_big_endian(__atomic_load_n(&dword.raw(), __ATOMIC_RELAXED));
}

}  // namespace phasebit::hw
