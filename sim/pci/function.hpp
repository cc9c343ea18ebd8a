// A PCI function as configuration space shows it, and the MSI-X structures that lie in its BAR.
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "sim/stream/digest.hpp"
#include "src/backend/bus.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::sim {

/// Where this function keeps its capabilities in configuration space.
namespace capability {
inline constexpr std::uint32_t power_management = 0x40;
inline constexpr std::uint32_t msix = 0x50;
inline constexpr std::uint32_t express = 0x60;
}  // namespace capability

/// What does not change in the life of a function.
struct FunctionOptions {
  PciAddress address;
  std::uint32_t class_code = spec::pci::class_code_nvme;
  std::uint16_t vendor_id = 0x1b36;
  std::uint16_t device_id = 0x0010;
  std::uint16_t subsystem_vendor_id = 0x1af4;
  std::uint16_t subsystem_id = 0x1100;
  std::uint64_t register_bytes = 0x2000;  ///< of BAR0, from its start: registers and doorbells
  std::uint32_t interrupt_vectors = 1;    ///< of MSI-X: 1 to 2048
  std::uint32_t memory_bar = 0;           ///< 2 or 4: a further BAR, of memory; 0: there is none
  std::uint64_t memory_bytes = 0;         ///< that it has to hold
};

/// Configuration space of type 0 with one or two 64-bit memory BARs and the capabilities power management, MSI-X and PCI Express. The MSI-X
/// table and the pending bits lie in BAR0 behind the registers, in pages of their own.
class Function {
 public:
  Function(const FunctionOptions& options, std::pmr::memory_resource* memory);

  const FunctionOptions& options() const { return options_; }
  /// Size of BAR0: a power of two.
  std::uint64_t bar_bytes() const { return bar_bytes_; }
  PciFunction description() const;

  /// A dword at a multiple of four; all ones beyond configuration space.
  std::uint32_t config_read32(std::uint32_t offset) const;

  /// What a write to configuration space asks for beyond the bits that it changes.
  struct ConfigEffect {
    bool function_level_reset = false;
  };
  /// 16 bits at a multiple of two; read-only bits keep their value.
  ConfigEffect config_write16(std::uint32_t offset, std::uint16_t value);

  bool memory_space_enabled() const { return command().get(spec::pci::Command::memory_space); }
  bool bus_master_enabled() const { return command().get(spec::pci::Command::bus_master); }

  /// True if this offset of BAR0 lies behind the registers.
  bool holds_msix(std::uint64_t offset) const { return offset >= table_offset_; }
  std::uint32_t msix_read32(std::uint64_t offset) const;
  void msix_write32(std::uint64_t offset, std::uint32_t value);

  /// What a kernel does for a process that wants interrupts: MSI-X on, the first `wanted` vectors unmasked. How many there are of those.
  std::uint32_t enable_msix(std::uint32_t wanted);

  /// Asks for an interrupt: true if it is sent now; while it is masked it pends; without MSI-X it is forgotten.
  bool raise(std::uint16_t vector);
  bool pending(std::uint16_t vector) const;
  /// A vector that pends and is no longer masked, now sent; asked after writes to the MSI-X structures until there is none.
  std::optional<std::uint16_t> take_unmasked();

  /// After a conventional reset, an FLR or power-on: everything writable is as it was at first, BAR0 without an address.
  void reset();
  /// Firmware gives BAR0 its address, and the memory BAR, if there is one, the next that fits; the low bits are a BAR's own.
  void assign_bar(std::uint64_t address);

  void fingerprint(Hasher& hasher) const;

 private:
  static constexpr std::uint32_t table_entry_dwords = spec::pci::msix::entry_bytes / 4;

  void lay_out_bar(std::uint32_t bar, std::uint64_t bytes, bool prefetchable);
  void put_bar(std::uint32_t bar, std::uint64_t address);
  void put16(std::uint32_t offset, std::uint32_t value, std::uint32_t writable);
  void put32(std::uint32_t offset, std::uint32_t value, std::uint32_t writable);
  std::uint16_t get16(std::uint32_t offset) const;
  spec::pci::Command command() const { return spec::pci::Command{get16(spec::pci::config::command)}; }
  spec::pci::MsixControl msix_control() const { return spec::pci::MsixControl{get16(capability::msix + spec::pci::msix::control)}; }
  bool masked(std::uint16_t vector) const;
  void lay_out();

  FunctionOptions options_;
  std::uint64_t table_offset_ = 0;
  std::uint64_t pending_offset_ = 0;
  std::uint64_t bar_bytes_ = 0;
  std::array<std::uint8_t, spec::pci::config_bytes> bytes_{};
  std::array<std::uint8_t, spec::pci::config_bytes> writable_{};
  std::pmr::vector<std::uint32_t> table_;  ///< address low, high, data, vector control for each vector
  std::pmr::vector<std::uint8_t> pending_;
};

}  // namespace phasebit::sim
