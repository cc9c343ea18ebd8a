// A function's registers or memory in our address space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "hw/bus_error_guard.hpp"
#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// BAR0, or a stretch of another BAR, mapped from a file that outlives this object, and watched over by a BusErrorGuard.
class BarMapping {
 public:
  /// `bytes` of the file from `offset` on, both whole pages. Errors: environment; no_space beyond BusErrorGuard::guards_max.
  static Answer<std::unique_ptr<BarMapping>> map(PciAddress address, int descriptor, std::uint64_t offset, std::uint64_t bytes);

  BarMapping(const BarMapping&) = delete;
  BarMapping& operator=(const BarMapping&) = delete;
  ~BarMapping();

  std::byte* memory() const { return memory_; }
  std::uint64_t bytes() const { return bytes_; }

  /// After a write to the Command register: if a bus error has taken the registers away and memory space is on now, they come back.
  void renew_after(std::uint16_t command);

 private:
  BarMapping(std::byte* memory, int descriptor, std::uint64_t offset, std::uint64_t bytes)
      : memory_(memory), descriptor_(descriptor), offset_(offset), bytes_(bytes) {}

  std::byte* memory_;
  int descriptor_;
  std::uint64_t offset_;
  std::uint64_t bytes_;
  std::unique_ptr<BusErrorGuard> guard_;
};

}  // namespace phasebit::hw
