// The memory of operations that are outstanding together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::cli {

/// A buffer for each operation, from a backend's DMA memory, to which it goes back at the end. All of them lie in one region, or, where
/// there is none so large, in one each: without an IOMMU a region has to be in one piece of the machine's memory.
template <class B>
class PerfBuffers {
 public:
  explicit PerfBuffers(B& backend) : backend_(backend) {}
  PerfBuffers(const PerfBuffers&) = delete;
  PerfBuffers& operator=(const PerfBuffers&) = delete;
  ~PerfBuffers() {
    for (const DmaRegion& region : regions_) {
      backend_.free_dma(region);
    }
  }

  /// Once. Errors: those of the backend for a single buffer.
  Result<void> allocate(std::uint32_t count, std::uint64_t bytes) {
    if (const Result<DmaRegion> whole = backend_.allocate_dma(count * bytes)) {
      regions_.push_back(*whole);
      for (std::uint32_t i = 0; i < count; ++i) {
        buffers_.push_back(whole->slice(i * bytes, bytes));
      }
      return {};
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const Result<DmaRegion> one = backend_.allocate_dma(bytes);
      if (!one) {
        return fail(one.error());
      }
      regions_.push_back(*one);
    }
    buffers_ = regions_;
    return {};
  }

  std::span<const DmaRegion> buffers() const { return buffers_; }

 private:
  B& backend_;
  std::vector<DmaRegion> regions_;  ///< as they were allocated
  std::vector<DmaRegion> buffers_;
};

}  // namespace phasebit::cli
