// What NVMe uses of PCI Express (PCIe Transport 1.0 §3.8; PCI Express Base 5.0 §7.5 to §7.7 for the layouts): configuration space and
// MSI-X.
#pragma once

#include <cstdint>

#include "src/spec/bits.hpp"

namespace phasebit::spec::pci {

/// Class, subclass and programming interface of an NVMe I/O controller, as bits 31:8 of the dword at 08h.
inline constexpr std::uint32_t class_code_nvme = 0x01'08'02;

/// Byte offsets in the configuration header.
namespace config {
inline constexpr std::uint16_t vendor_id = 0x00;
inline constexpr std::uint16_t device_id = 0x02;
inline constexpr std::uint16_t command = 0x04;
inline constexpr std::uint16_t status = 0x06;
inline constexpr std::uint16_t revision_id = 0x08;
inline constexpr std::uint16_t class_code = 0x09;  ///< three bytes, programming interface first
inline constexpr std::uint16_t header_type = 0x0e;
inline constexpr std::uint16_t bar0 = 0x10;
inline constexpr std::uint16_t bar1 = 0x14;
inline constexpr std::uint16_t subsystem_vendor_id = 0x2c;
inline constexpr std::uint16_t subsystem_id = 0x2e;
inline constexpr std::uint16_t capabilities_pointer = 0x34;
inline constexpr std::uint16_t interrupt_line = 0x3c;
inline constexpr std::uint16_t interrupt_pin = 0x3d;
inline constexpr std::uint16_t header_bytes = 0x40;
}  // namespace config

inline constexpr std::uint16_t config_bytes = 256;
inline constexpr std::uint16_t config_bytes_extended = 4096;
inline constexpr std::uint32_t bars = 6;

/// Vendor ID of a function that is not there.
inline constexpr std::uint16_t vendor_id_none = 0xffff;

/// The Command register.
struct Command : Bits<Command, std::uint16_t> {
  using Bits::Bits;
  static constexpr Field<Command, 0, 1> io_space{};
  static constexpr Field<Command, 1, 1> memory_space{};
  static constexpr Field<Command, 2, 1> bus_master{};
  static constexpr Field<Command, 6, 1> parity_error_response{};
  static constexpr Field<Command, 8, 1> serr{};
  static constexpr Field<Command, 10, 1> intx_disable{};
};

/// The Status register.
struct Status : Bits<Status, std::uint16_t> {
  using Bits::Bits;
  static constexpr Field<Status, 3, 1> interrupt{};
  static constexpr Field<Status, 4, 1> capabilities_list{};
};

enum class BarType : std::uint8_t { bits_32 = 0, bits_64 = 2 };

/// A memory BAR's low dword; bits 31:4 are address.
struct MemoryBar : Bits<MemoryBar, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<MemoryBar, 0, 1> io_space{};
  static constexpr Field<MemoryBar, 1, 2, BarType> type{};
  static constexpr Field<MemoryBar, 3, 1> prefetchable{};
  static constexpr std::uint32_t address_mask = 0xffff'fff0;
};

/// Capability identifiers; each capability starts with its identifier and the offset of the next, 0 for the last.
enum class CapabilityId : std::uint8_t { power_management = 0x01, msi = 0x05, vendor_specific = 0x09, pci_express = 0x10, msix = 0x11 };

/// Power Management Control/Status, at +4 of its capability: bits 1:0 are the power state, 3 is D3hot.
inline constexpr std::uint16_t pmcsr = 4;
inline constexpr std::uint16_t pmcsr_state_mask = 3;

/// PCI Express capability: Device Capabilities at +4, Device Control at +8.
inline constexpr std::uint16_t device_capabilities = 4;
inline constexpr std::uint32_t device_capabilities_flr = 1u << 28;
inline constexpr std::uint16_t device_control = 8;
inline constexpr std::uint16_t device_control_initiate_flr = 1u << 15;

/// MSI-X Message Control, at +2 of its capability.
struct MsixControl : Bits<MsixControl, std::uint16_t> {
  using Bits::Bits;
  static constexpr Field<MsixControl, 0, 11> table_size{};  ///< zero-based
  static constexpr Field<MsixControl, 14, 1> function_mask{};
  static constexpr Field<MsixControl, 15, 1> enable{};
};

/// Vectors of the table: 1 to 2048.
constexpr std::uint32_t msix_vectors(MsixControl control) {
  return control.get(MsixControl::table_size) + 1;
}

/// Offsets in the MSI-X capability, and the layout of the dwords at the last two: bits 2:0 are the BAR, the rest is the offset in it.
namespace msix {
inline constexpr std::uint16_t control = 2;
inline constexpr std::uint16_t table = 4;
inline constexpr std::uint16_t pending_bits = 8;
inline constexpr std::uint16_t capability_bytes = 12;
inline constexpr std::uint32_t bar_mask = 7;
/// One entry of the table: address low and high, data, vector control (bit 0 masks).
inline constexpr std::uint32_t entry_bytes = 16;
inline constexpr std::uint32_t entry_address_low = 0;
inline constexpr std::uint32_t entry_address_high = 4;
inline constexpr std::uint32_t entry_data = 8;
inline constexpr std::uint32_t entry_control = 12;
inline constexpr std::uint32_t entry_control_mask = 1;
}  // namespace msix

}  // namespace phasebit::spec::pci
