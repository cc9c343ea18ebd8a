// DMA memory of the driver's own: aligned to the controller's page, given back with its owner.
#pragma once

#include <cstdint>
#include <utility>

#include "src/backend/backend.hpp"
#include "src/base/error.hpp"

namespace phasebit::driver {

/// The backend aligns to 4096 bytes; a controller may be set to larger pages, and queues have to begin at one (Base 2.0 §3.1.3.9).
inline constexpr std::uint64_t backend_page_bytes = 4096;

constexpr std::uint64_t round_up(std::uint64_t bytes, std::uint64_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

/// Owns one region of allocate_dma. The device must not reach it any more when it is destroyed.
template <Backend B>
class DmaMemory {
 public:
  DmaMemory() = default;
  DmaMemory(DmaMemory&& other) noexcept : backend_(std::exchange(other.backend_, nullptr)), whole_(other.whole_), part_(other.part_) {}
  DmaMemory& operator=(DmaMemory&& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(whole_, other.whole_);
    std::swap(part_, other.part_);
    return *this;
  }
  ~DmaMemory() {
    if (backend_ != nullptr) {
      backend_->free_dma(whole_);
    }
  }

  /// At least `bytes` zeroed bytes whose IOVA is a multiple of `page_bytes`.
  static Result<DmaMemory> take(B& backend, std::uint64_t bytes, std::uint32_t page_bytes) {
    const std::uint64_t needed = round_up(bytes, page_bytes);
    auto whole = backend.allocate_dma(page_bytes > backend_page_bytes ? needed + page_bytes : needed);
    if (!whole) {
      return fail(whole.error());
    }
    DmaMemory memory;
    memory.backend_ = &backend;
    memory.whole_ = *whole;
    const std::uint64_t start = round_up(whole->iova.value, page_bytes) - whole->iova.value;
    memory.part_ = whole->slice(start, needed);
    return memory;
  }

  const DmaRegion& region() const { return part_; }
  /// The whole of it is the caller's business from now on.
  DmaRegion release() {
    backend_ = nullptr;
    return whole_;
  }

 private:
  B* backend_ = nullptr;
  DmaRegion whole_{};
  DmaRegion part_{};
};

}  // namespace phasebit::driver
