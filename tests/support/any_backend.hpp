// A backend whose type is not known where it is used, so that one compiled host runs on several.
#pragma once

#include <memory>

#include "src/backend/backend.hpp"

namespace phasebit::tests {

/// Passes everything on to a backend that outlives it.
class AnyBackend {
 public:
  template <Backend B>
  explicit AnyBackend(B& inner) : inner_(std::make_unique<Erased<B>>(inner)) {}

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
  struct Interface {
    virtual ~Interface() = default;
    virtual std::uint64_t bar_bytes() = 0;
    virtual std::uint32_t read32(std::uint32_t offset) = 0;
    virtual std::uint64_t read64(std::uint32_t offset) = 0;
    virtual void write32(std::uint32_t offset, std::uint32_t value) = 0;
    virtual void write64(std::uint32_t offset, std::uint64_t value) = 0;
    virtual std::uint32_t config_read32(std::uint32_t offset) = 0;
    virtual void config_write16(std::uint32_t offset, std::uint16_t value) = 0;
    virtual Result<DmaRegion> allocate_dma(std::uint64_t bytes) = 0;
    virtual void free_dma(const DmaRegion& region) = 0;
    virtual Result<Iova> map(std::span<std::byte> memory, DmaRights rights) = 0;
    virtual Result<void> unmap(std::span<std::byte> memory) = 0;
    virtual std::uint32_t load_acquire32(const Le32& dword) = 0;
    virtual std::uint32_t load32(const Le32& dword) = 0;
    virtual void record(const Event& event) = 0;
  };

  template <Backend B>
  struct Erased final : Interface {
    explicit Erased(B& wrapped) : b(wrapped) {}
    std::uint64_t bar_bytes() override { return b.bar_bytes(); }
    std::uint32_t read32(std::uint32_t offset) override { return b.read32(offset); }
    std::uint64_t read64(std::uint32_t offset) override { return b.read64(offset); }
    void write32(std::uint32_t offset, std::uint32_t value) override { b.write32(offset, value); }
    void write64(std::uint32_t offset, std::uint64_t value) override { b.write64(offset, value); }
    std::uint32_t config_read32(std::uint32_t offset) override { return b.config_read32(offset); }
    void config_write16(std::uint32_t offset, std::uint16_t value) override { b.config_write16(offset, value); }
    Result<DmaRegion> allocate_dma(std::uint64_t bytes) override { return b.allocate_dma(bytes); }
    void free_dma(const DmaRegion& region) override { b.free_dma(region); }
    Result<Iova> map(std::span<std::byte> memory, DmaRights rights) override { return b.map(memory, rights); }
    Result<void> unmap(std::span<std::byte> memory) override { return b.unmap(memory); }
    std::uint32_t load_acquire32(const Le32& dword) override { return b.load_acquire32(dword); }
    std::uint32_t load32(const Le32& dword) override { return b.load32(dword); }
    void record(const Event& event) override { b.record(event); }
    B& b;
  };

  std::unique_ptr<Interface> inner_;
};
static_assert(Backend<AnyBackend>);

}  // namespace phasebit::tests
