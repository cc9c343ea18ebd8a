// Memory behind an IOMMU: the addresses are ours to choose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "hw/iova_space.hpp"
#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// Maps pages at addresses of a space. `Iommu` maps them where it is told: `Result<void> map(std::byte*, Iova, bytes, DmaRights)` and
/// `void unmap(Iova, bytes)`. What is left at the end ends with the IOMMU's domain, which ends when its last function is closed.
template <class Iommu>
class IommuAddresses {
 public:
  explicit IommuAddresses(Iommu& iommu, IovaSpace space = IovaSpace()) : iommu_(iommu), space_(std::move(space)) {}

  /// The address of whole pages. Errors: no_space, and what the IOMMU says.
  Result<Iova> map(std::byte* pages, std::uint64_t bytes, DmaRights rights) {
    auto first = space_.take(bytes);
    if (!first) {
      return first;
    }
    if (auto mapped = iommu_.map(pages, *first, bytes, rights); !mapped) {
      space_.give_back(*first);
      return fail(mapped.error());
    }
    return first;
  }

  /// Addresses that are never mapped, as many as `bytes`, which are whole pages. Errors: no_space.
  Result<Iova> set_aside(std::uint64_t bytes) { return space_.take(bytes); }

  /// Takes exactly one earlier map back.
  void unmap(Iova first, std::uint64_t bytes) {
    iommu_.unmap(first, bytes);
    space_.give_back(first);
  }

 private:
  Iommu& iommu_;
  IovaSpace space_;
};

}  // namespace phasebit::hw
