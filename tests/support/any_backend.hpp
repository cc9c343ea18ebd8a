// A backend whose type is not known where it is used, so that one compiled host runs on several.
#pragma once

#include <memory>

#include "scenarios/engine/any_backend.hpp"
#include "src/backend/backend.hpp"

namespace phasebit::tests {

/// Passes everything on to a backend that outlives it.
class AnyBackend {
 public:
  template <Backend B>
  explicit AnyBackend(B& inner) : inner_(std::make_unique<scenarios::BackendOf<B>>(&inner)) {}

  std::uint64_t bar_bytes() { return inner_->bar_bytes(); }
  std::uint32_t read32(std::uint32_t offset) { return inner_->read32(offset); }
  std::uint64_t read64(std::uint32_t offset) { return inner_->read64(offset); }
  void write32(std::uint32_t offset, std::uint32_t value) { inner_->write32(offset, value); }
  void write64(std::uint32_t offset, std::uint64_t value) { inner_->write64(offset, value); }
  std::uint32_t config_read32(std::uint32_t offset) { return inner_->config_read32(offset); }
  void config_write16(std::uint32_t offset, std::uint16_t value) { inner_->config_write16(offset, value); }
  Result<DmaRegion> allocate_dma(std::uint64_t bytes) { return inner_->allocate_dma(bytes); }
  void free_dma(const DmaRegion& region) { inner_->free_dma(region); }
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights) { return inner_->map(memory, rights); }
  Result<void> unmap(std::span<std::byte> memory) { return inner_->unmap(memory); }
  std::uint32_t load_acquire32(const Le32& dword) { return inner_->load_acquire32(dword); }
  std::uint32_t load32(const Le32& dword) { return inner_->load32(dword); }
  void record(const Event& event) { inner_->record(event); }

 private:
  std::unique_ptr<scenarios::AnyBackend> inner_;
};
static_assert(Backend<AnyBackend>);

}  // namespace phasebit::tests
