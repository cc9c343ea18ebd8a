#include "sim/pci/function.hpp"

#include <algorithm>
#include <bit>

namespace phasebit::sim {
namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint32_t power_management_id = 0x01;
constexpr std::uint32_t express_id = 0x10;
constexpr std::uint32_t msix_id = 0x11;
constexpr std::uint32_t device_control = config::express + 8;
constexpr std::uint16_t initiate_function_level_reset = 1u << 15;

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
  bar_bytes_ = std::bit_ceil(pending_offset_ + round_up_to_page((options.interrupt_vectors + 63) / 64 * 8));
  reset();
}

void Function::reset() {
  bytes_.fill(0);
  writable_.fill(0);
  lay_out();
  for (std::size_t i = 0; i < table_.size(); ++i) {
    table_[i] = i % table_entry_dwords == 3 ? 1 : 0;  // Each vector is masked after a reset (PCIe Base §7.7.2.6).
  }
  std::fill(pending_.begin(), pending_.end(), std::uint8_t{0});
}

void Function::lay_out() {
  put16(0x00, options_.vendor_id, 0);
  put16(0x02, options_.device_id, 0);
  put16(config::command, 0, config::memory_space | config::bus_master | 1u << 6 | 1u << 8 | config::interrupt_disable);
  put16(0x06, 1u << 4, 0);  // There is a list of capabilities.
  put32(config::class_code, options_.class_code << 8 | 0x02, 0);
  put32(config::bar0, 0x4, static_cast<std::uint32_t>(~(bar_bytes_ - 1)) & ~0xfu);  // 64 bits wide, not prefetchable.
  put32(config::bar0 + 4, 0, static_cast<std::uint32_t>(~(bar_bytes_ - 1) >> 32));
  put16(config::subsystem, options_.subsystem_vendor_id, 0);
  put16(config::subsystem + 2, options_.subsystem_id, 0);
  put16(config::capabilities, config::power_management, 0);
  put16(0x3c, 1u << 8, 0xff);  // Interrupt pin A; the line is firmware's to note.

  put16(config::power_management, power_management_id | config::msix << 8, 0);
  put16(config::power_management + 2, 0x0003, 0);
  put32(config::power_management + 4, 1u << 3, 0x3);  // No soft reset; the power state is writable.

  put16(config::msix, msix_id | config::express << 8, 0);
  put16(config::msix + 2, options_.interrupt_vectors - 1, config::msix_enable | config::msix_mask);
  put32(config::msix + 4, static_cast<std::uint32_t>(table_offset_), 0);
  put32(config::msix + 8, static_cast<std::uint32_t>(pending_offset_), 0);

  put16(config::express, express_id, 0);
  put16(config::express + 2, 0x0002, 0);          // Version 2, an endpoint.
  put32(config::express + 4, 1u << 28 | 0x1, 0);  // FLR; payloads of 256 bytes.
  put16(device_control, 0x2810, 0x7fff);          // As after a reset (PCIe Base §7.5.3.4).
  put32(config::express + 0xc, 0x0043, 0);        // Four lanes of 8 GT/s.
  put16(config::express + 0x12, 0x0043, 0);
}

PciFunction Function::description() const {
  return {options_.address,   options_.class_code,          options_.vendor_id,
          options_.device_id, options_.subsystem_vendor_id, options_.subsystem_id};
}

std::uint32_t Function::config_read32(std::uint32_t offset) const {
  if (offset % 4 != 0 || offset >= config::bytes) {
    return 0xffff'ffff;
  }
  return get16(offset) | static_cast<std::uint32_t>(get16(offset + 2)) << 16;
}

Function::ConfigEffect Function::config_write16(std::uint32_t offset, std::uint16_t value) {
  if (offset % 2 != 0 || offset >= config::bytes) {
    return {};
  }
  for (std::uint32_t i = 0; i < 2; ++i) {
    const auto written = static_cast<std::uint8_t>(value >> (8 * i));
    std::uint8_t& byte = bytes_[offset + i];
    byte = static_cast<std::uint8_t>((byte & ~writable_[offset + i]) | (written & writable_[offset + i]));
  }
  if (offset == config::msix + 2) {
    send_unmasked();
  }
  return {offset == device_control && (value & initiate_function_level_reset) != 0};
}

void Function::assign_bar(std::uint64_t address) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    config_write16(config::bar0 + 2 * i, static_cast<std::uint16_t>(address >> (16 * i)));
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
    send_unmasked();
  }
}

bool Function::raise(std::uint16_t vector) {
  if (vector >= pending_.size() || (msix_control() & config::msix_enable) == 0) {
    return false;
  }
  pending_[vector] = masked(vector) ? 1 : 0;
  return !masked(vector);
}

bool Function::pending(std::uint16_t vector) const {
  return vector < pending_.size() && pending_[vector] != 0;
}

bool Function::masked(std::uint16_t vector) const {
  return (msix_control() & config::msix_mask) != 0 || (table_[vector * table_entry_dwords + 3] & 1) != 0;
}

void Function::send_unmasked() {
  for (std::size_t vector = 0; vector < pending_.size(); ++vector) {
    if (pending_[vector] != 0 && !masked(static_cast<std::uint16_t>(vector))) {
      pending_[vector] = 0;
    }
  }
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
