#include "sim/pci/function.hpp"

#include <algorithm>
#include <bit>

namespace phasebit::sim {
namespace {

namespace pci = spec::pci;

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint32_t device_control = capability::express + pci::device_control;

constexpr std::uint32_t bits(pci::Command command) {
  return command.raw;
}

/// What begins each capability: who it is and where the next one is.
constexpr std::uint32_t capability_header(pci::CapabilityId id, std::uint32_t next) {
  return static_cast<std::uint32_t>(id) | next << 8;
}

constexpr std::uint64_t round_up_to_page(std::uint64_t bytes) {
  return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

}  // namespace

Function::Function(const FunctionOptions& options, std::pmr::memory_resource* memory)
    : options_(options), table_(memory), pending_(memory) {
  table_.resize(static_cast<std::size_t>(options.interrupt_vectors) * table_entry_dwords);
  pending_.resize(options.interrupt_vectors);
  table_offset_ = round_up_to_page(options.register_bytes);
  pending_offset_ = table_offset_ + round_up_to_page(table_.size() * sizeof(std::uint32_t));
  bar_bytes_ = std::bit_ceil(pending_offset_ + round_up_to_page((options.interrupt_vectors + 63) / 64 * 8ul));
  reset();
}

void Function::reset() {
  bytes_.fill(0);
  writable_.fill(0);
  lay_out();
  for (std::size_t i = 0; i < table_.size(); ++i) {
    // Each vector is masked after a reset (PCIe Base §7.7.2.6).
    table_[i] = i % table_entry_dwords == pci::msix::entry_control / 4 ? pci::msix::entry_control_mask : 0;
  }
  std::fill(pending_.begin(), pending_.end(), std::uint8_t{0});
}

void Function::lay_out() {
  const auto command = pci::Command{}
                           .with(pci::Command::memory_space, true)
                           .with(pci::Command::bus_master, true)
                           .with(pci::Command::parity_error_response, true)
                           .with(pci::Command::serr, true)
                           .with(pci::Command::intx_disable, true);
  put16(pci::config::vendor_id, options_.vendor_id, 0);
  put16(pci::config::device_id, options_.device_id, 0);
  put16(pci::config::command, 0, bits(command));
  put16(pci::config::status, pci::Status{}.with(pci::Status::capabilities_list, true).raw, 0);
  put32(pci::config::revision_id, options_.class_code << 8 | 0x02, 0);
  lay_out_bar(0, bar_bytes_, false);
  if (options_.memory_bar != 0) {
    lay_out_bar(options_.memory_bar, std::bit_ceil(options_.memory_bytes), true);
  }
  put16(pci::config::subsystem_vendor_id, options_.subsystem_vendor_id, 0);
  put16(pci::config::subsystem_id, options_.subsystem_id, 0);
  put16(pci::config::capabilities_pointer, capability::power_management, 0);
  put16(pci::config::interrupt_line, 1u << 8, 0xff);  // Interrupt pin A; the line is firmware's to note.

  put32(capability::power_management, capability_header(pci::CapabilityId::power_management, capability::msix) | 3u << 16, 0);
  put16(capability::power_management + pci::pmcsr, 1u << 3, pci::pmcsr_state_mask);  // No soft reset.

  put16(capability::msix, capability_header(pci::CapabilityId::msix, capability::express), 0);
  put16(capability::msix + pci::msix::control, options_.interrupt_vectors - 1,
        pci::MsixControl{}.with(pci::MsixControl::enable, true).with(pci::MsixControl::function_mask, true).raw);
  put32(capability::msix + pci::msix::table, static_cast<std::uint32_t>(table_offset_), 0);
  put32(capability::msix + pci::msix::pending_bits, static_cast<std::uint32_t>(pending_offset_), 0);

  put32(capability::express, capability_header(pci::CapabilityId::pci_express, 0) | 2u << 16, 0);  // Version 2, an endpoint.
  put32(capability::express + pci::device_capabilities, pci::device_capabilities_flr | 1, 0);      // Payloads of 256 bytes.
  put16(device_control, 0x2810, static_cast<std::uint16_t>(~pci::device_control_initiate_flr));
}

void Function::lay_out_bar(std::uint32_t bar, std::uint64_t bytes, bool prefetchable) {
  const std::uint64_t size_mask = ~(bytes - 1);
  const auto low = pci::MemoryBar{}.with(pci::MemoryBar::type, pci::BarType::bits_64).with(pci::MemoryBar::prefetchable, prefetchable);
  put32(pci::config::bar0 + 4 * bar, low.raw, static_cast<std::uint32_t>(size_mask) & pci::MemoryBar::address_mask);
  put32(pci::config::bar0 + 4 * bar + 4, 0, static_cast<std::uint32_t>(size_mask >> 32));
}

PciFunction Function::description() const {
  return {options_.address,   options_.class_code,          options_.vendor_id,
          options_.device_id, options_.subsystem_vendor_id, options_.subsystem_id};
}

std::uint32_t Function::config_read32(std::uint32_t offset) const {
  if (offset % 4 != 0 || offset >= pci::config_bytes) {
    return 0xffff'ffff;
  }
  return get16(offset) | static_cast<std::uint32_t>(get16(offset + 2)) << 16;
}

Function::ConfigEffect Function::config_write16(std::uint32_t offset, std::uint16_t value) {
  if (offset % 2 != 0 || offset >= pci::config_bytes) {
    return {};
  }
  for (std::uint32_t i = 0; i < 2; ++i) {
    const auto written = static_cast<std::uint8_t>(value >> (8 * i));
    std::uint8_t& byte = bytes_[offset + i];
    byte = static_cast<std::uint8_t>((byte & ~writable_[offset + i]) | (written & writable_[offset + i]));
  }
  return {offset == device_control && (value & pci::device_control_initiate_flr) != 0};
}

void Function::assign_bar(std::uint64_t address) {
  put_bar(0, address);
  if (options_.memory_bar != 0) {
    const std::uint64_t bytes = std::bit_ceil(options_.memory_bytes);
    put_bar(options_.memory_bar, (address + bar_bytes_ + bytes - 1) & ~(bytes - 1));
  }
}

void Function::put_bar(std::uint32_t bar, std::uint64_t address) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    config_write16(pci::config::bar0 + 4 * bar + 2 * i, static_cast<std::uint16_t>(address >> (16 * i)));
  }
}

std::uint32_t Function::msix_read32(std::uint64_t offset) const {
  if (offset < pending_offset_) {
    const std::uint64_t index = (offset - table_offset_) / sizeof(std::uint32_t);
    return index < table_.size() ? table_[index] : 0;
  }
  const std::uint64_t first = (offset - pending_offset_) * 8;
  std::uint32_t bits = 0;
  for (unsigned bit = 0; bit < 32 && first + bit < pending_.size(); ++bit) {
    bits |= static_cast<std::uint32_t>(pending_[first + bit]) << bit;
  }
  return bits;
}

void Function::msix_write32(std::uint64_t offset, std::uint32_t value) {
  const std::uint64_t index = (offset - table_offset_) / sizeof(std::uint32_t);
  if (offset < pending_offset_ && index < table_.size()) {
    table_[index] = value;
  }
}

std::uint32_t Function::enable_msix(std::uint32_t wanted) {
  const std::uint32_t enabled = std::min(wanted, options_.interrupt_vectors);
  for (std::uint32_t vector = 0; vector < enabled; ++vector) {
    table_[vector * table_entry_dwords + pci::msix::entry_control / 4] &= ~pci::msix::entry_control_mask;
  }
  config_write16(capability::msix + pci::msix::control, pci::MsixControl{}.with(pci::MsixControl::enable, enabled != 0).raw);
  return enabled;
}

bool Function::raise(std::uint16_t vector) {
  if (vector >= pending_.size() || !msix_control().get(pci::MsixControl::enable)) {
    return false;
  }
  pending_[vector] = masked(vector) ? 1 : 0;
  return !masked(vector);
}

bool Function::pending(std::uint16_t vector) const {
  return vector < pending_.size() && pending_[vector] != 0;
}

bool Function::masked(std::uint16_t vector) const {
  return msix_control().get(pci::MsixControl::function_mask) ||
         (table_[vector * table_entry_dwords + pci::msix::entry_control / 4] & pci::msix::entry_control_mask) != 0;
}

std::optional<std::uint16_t> Function::take_unmasked() {
  for (std::size_t index = 0; index < pending_.size(); ++index) {
    const auto vector = static_cast<std::uint16_t>(index);
    if (pending_[index] != 0 && !masked(vector)) {
      pending_[index] = 0;
      return vector;
    }
  }
  return std::nullopt;
}

void Function::put16(std::uint32_t offset, std::uint32_t value, std::uint32_t writable) {
  for (std::uint32_t i = 0; i < 2; ++i) {
    bytes_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    writable_[offset + i] = static_cast<std::uint8_t>(writable >> (8 * i));
  }
}

void Function::put32(std::uint32_t offset, std::uint32_t value, std::uint32_t writable) {
  put16(offset, value & 0xffff, writable & 0xffff);
  put16(offset + 2, value >> 16, writable >> 16);
}

std::uint16_t Function::get16(std::uint32_t offset) const {
  return static_cast<std::uint16_t>(bytes_[offset] | bytes_[offset + 1] << 8);
}

void Function::fingerprint(Hasher& hasher) const {
  hasher.add_bytes(std::as_bytes(std::span(bytes_)));
  for (const std::uint32_t dword : table_) {
    hasher.add(dword);
  }
  for (const std::uint8_t bit : pending_) {
    hasher.add(bit);
  }
}

}  // namespace phasebit::sim
