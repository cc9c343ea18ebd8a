// The seam between the driver and the world: one function's registers, configuration space and DMA memory.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "src/backend/dma.hpp"
#include "src/backend/event.hpp"
#include "src/base/error.hpp"
#include "src/base/little_endian.hpp"

namespace phasebit {

/// One opened function. All operations are for the thread that owns the caller's object; none throws.
///
/// | operation | contract |
/// |---|---|
/// | `bar_bytes()` | size of BAR0; no access beyond it is ever made |
/// | `read32/read64(offset)` | ordered before every later load; all ones once the device is gone |
/// | `write32/write64(offset, value)` | ordered after every earlier store to DMA memory; a doorbell is an ordinary write32 |
/// | `config_read32/config_write16(offset[, value])` | configuration space; all ones once the device is gone. Control path only: it confirms a removal and clears bus mastering |
/// | `allocate_dma(bytes)` | page aligned for host and device, contiguous for the device, zeroed. In attach, create_channel, rescan and admit only |
/// | `free_dma(region)` | gives back a region of allocate_dma, whole |
/// | `map(span, rights)` | gives the caller's memory an IOVA, contiguous; counted per identical range; `no_space` if the IOMMU is full |
/// | `unmap(span)` | takes one count back; `busy` while a command still owns a byte of it; `not_found` for a range never mapped |
/// | `load_acquire32(dword)` | of a CQE's dword 3: later loads are not moved before it |
/// | `load32(dword)` | of a CQE's other dwords |
/// | `record(event)` | one event for the stream; `time` and `drive` are filled in by the backend. A backend that keeps no stream compiles it away |
template <class B>
concept Backend =
    requires(B b, std::uint32_t offset, std::uint16_t value16, std::uint32_t value32, std::uint64_t value64, std::uint64_t bytes,
             DmaRegion region, std::span<std::byte> memory, DmaRights rights, const Le32& dword, const Event& event) {
      { b.bar_bytes() } -> std::same_as<std::uint64_t>;
      { b.read32(offset) } -> std::same_as<std::uint32_t>;
      { b.read64(offset) } -> std::same_as<std::uint64_t>;
      { b.write32(offset, value32) } -> std::same_as<void>;
      { b.write64(offset, value64) } -> std::same_as<void>;
      { b.config_read32(offset) } -> std::same_as<std::uint32_t>;
      { b.config_write16(offset, value16) } -> std::same_as<void>;
      { b.allocate_dma(bytes) } -> std::same_as<Result<DmaRegion>>;
      { b.free_dma(region) } -> std::same_as<void>;
      { b.map(memory, rights) } -> std::same_as<Result<Iova>>;
      { b.unmap(memory) } -> std::same_as<Result<void>>;
      { b.load_acquire32(dword) } -> std::same_as<std::uint32_t>;
      { b.load32(dword) } -> std::same_as<std::uint32_t>;
      { b.record(event) } -> std::same_as<void>;
    };

/// A backend that can show memory of the controller's own (Base 2.0 §8.5). `controller_memory(range)` puts it into the caller's address
/// space, and sets as many IOVAs aside for it that no mapping gets; whether the controller answers at them is for its registers to say. The
/// range comes from the drive and is not trusted: `out_of_range` for what is not memory of that register's, `misaligned` for what is not
/// whole pages, `no_space` where no addresses are left, `device_gone`. Stores to it are ordered before every later write to a register;
/// loads from it are as slow as those from registers. The same range gives the same region again; all end with the function's closing. In
/// attach only.
template <class B>
concept HasControllerMemory = Backend<B> && requires(B b, const BarRange& range) {
  { b.controller_memory(range) } -> std::same_as<Result<DmaRegion>>;
};

/// A backend whose function can interrupt (MSI-X). `enable_interrupts(wanted)` lets vectors 0 to n - 1 through and returns n: at most
/// `wanted`, fewer if the function or the machine has fewer, 0 if there are none. They end with the function's closing. From then on each
/// interrupt ends one sleep of the bus, a present one or else the next (CanWait in src/backend/bus.hpp). In attach only.
template <class B>
concept HasInterrupts = Backend<B> && requires(B b, std::uint32_t wanted) {
  { b.enable_interrupts(wanted) } -> std::same_as<std::uint32_t>;
};

}  // namespace phasebit
