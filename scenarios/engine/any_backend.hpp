// The seam behind virtual calls, so that one engine serves every backend. Only scenarios pay for it: a verb that measures has the backend
// itself.
#pragma once

#include <cstdint>
#include <span>

#include "src/backend/backend.hpp"

namespace phasebit::scenarios {

/// Contract: src/backend/backend.hpp.
class AnyBackend {
 public:
  virtual ~AnyBackend() = default;
  virtual std::uint64_t bar_bytes() = 0;
  virtual std::uint32_t read32(std::uint32_t offset) = 0;
  virtual std::uint64_t read64(std::uint32_t offset) = 0;
  virtual void write32(std::uint32_t offset, std::uint32_t value) = 0;
  virtual void write64(std::uint32_t offset, std::uint64_t value) = 0;
  virtual std::uint32_t config_read32(std::uint32_t offset) = 0;
  virtual void config_write16(std::uint32_t offset, std::uint16_t value) = 0;
  virtual std::uint32_t enable_interrupts(std::uint32_t wanted) = 0;
  virtual Result<DmaRegion> controller_memory(const BarRange& range) = 0;
  virtual Result<DmaRegion> allocate_dma(std::uint64_t bytes) = 0;
  virtual void free_dma(const DmaRegion& region) = 0;
  virtual Result<Iova> map(std::span<std::byte> memory, DmaRights rights) = 0;
  virtual Result<void> unmap(std::span<std::byte> memory) = 0;
  virtual std::uint32_t load_acquire32(const Le32& dword) = 0;
  virtual std::uint32_t load32(const Le32& dword) = 0;
  virtual void record(const Event& event) = 0;
};

/// `inner` is set before the first call.
template <Backend B>
class BackendOf final : public AnyBackend {
 public:
  explicit BackendOf(B* inner = nullptr) : inner_(inner) {}
  void set(B* inner) { inner_ = inner; }

  std::uint64_t bar_bytes() override { return inner_->bar_bytes(); }
  std::uint32_t read32(std::uint32_t offset) override { return inner_->read32(offset); }
  std::uint64_t read64(std::uint32_t offset) override { return inner_->read64(offset); }
  void write32(std::uint32_t offset, std::uint32_t value) override { inner_->write32(offset, value); }
  void write64(std::uint32_t offset, std::uint64_t value) override { inner_->write64(offset, value); }
  std::uint32_t config_read32(std::uint32_t offset) override { return inner_->config_read32(offset); }
  void config_write16(std::uint32_t offset, std::uint16_t value) override { inner_->config_write16(offset, value); }
  std::uint32_t enable_interrupts(std::uint32_t wanted) override {
    if constexpr (HasInterrupts<B>) {
      return inner_->enable_interrupts(wanted);
    }
    return 0;
  }
  Result<DmaRegion> controller_memory(const BarRange& range) override {
    if constexpr (HasControllerMemory<B>) {
      return inner_->controller_memory(range);
    }
    return fail(Errc::unsupported);
  }
  Result<DmaRegion> allocate_dma(std::uint64_t bytes) override { return inner_->allocate_dma(bytes); }
  void free_dma(const DmaRegion& region) override { inner_->free_dma(region); }
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights) override { return inner_->map(memory, rights); }
  Result<void> unmap(std::span<std::byte> memory) override { return inner_->unmap(memory); }
  std::uint32_t load_acquire32(const Le32& dword) override { return inner_->load_acquire32(dword); }
  std::uint32_t load32(const Le32& dword) override { return inner_->load32(dword); }
  void record(const Event& event) override { inner_->record(event); }

 private:
  B* inner_;
};

}  // namespace phasebit::scenarios
