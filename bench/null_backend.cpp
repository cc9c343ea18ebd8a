#include "bench/null_backend.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "src/spec/pci.hpp"

namespace phasebit::bench {
namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint32_t vendor_and_device_id = 0x0001'1b36;

Iova iova_of(const std::byte* memory) {
  return Iova{reinterpret_cast<std::uintptr_t>(memory)};
}

}  // namespace

void NullBackend::Free::operator()(std::byte* memory) const {
  std::free(memory);
}

std::uint32_t NullBackend::config_read32(std::uint32_t offset) const {
  switch (offset) {
    case spec::pci::config::vendor_id:
      return vendor_and_device_id;
    case spec::pci::config::command:
      return command_;
    case spec::pci::config::revision_id:
      return spec::pci::class_code_nvme << 8;
    default:
      return 0;
  }
}

void NullBackend::config_write16(std::uint32_t offset, std::uint16_t value) {
  if (offset == spec::pci::config::command) {
    command_ = value;
  }
}

Result<DmaRegion> NullBackend::allocate_dma(std::uint64_t bytes) {
  const std::uint64_t whole_pages = std::max(bytes + page_bytes - 1, page_bytes) / page_bytes * page_bytes;
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(page_bytes, whole_pages));
  if (memory == nullptr) {
    return fail(Errc::out_of_memory);
  }
  std::memset(memory, 0, whole_pages);
  regions_.emplace(memory, memory);
  return DmaRegion{memory, bytes, iova_of(memory)};
}

Result<Iova> NullBackend::map(std::span<std::byte> memory, DmaRights) {
  ++mappings_[{memory.data(), memory.size()}];
  return iova_of(memory.data());
}

Result<void> NullBackend::unmap(std::span<std::byte> memory) {
  const auto found = mappings_.find({memory.data(), memory.size()});
  if (found == mappings_.end()) {
    return fail(Errc::not_found);
  }
  if (--found->second == 0) {
    mappings_.erase(found);
  }
  return {};
}

}  // namespace phasebit::bench
