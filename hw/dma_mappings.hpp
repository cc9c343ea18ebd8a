// Which ranges of the process the device reaches, where, and how often each was asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>

#include "hw/iova_space.hpp"
#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// Counts identical ranges; others that overlap get an address of their own. `Iommu` maps whole pages:
/// `Result<void> map(std::byte*, Iova, bytes, DmaRights)` and `void unmap(Iova, bytes)`. Ranges that are left at the end end with the
/// IOMMU's domain, which ends when its last function is closed.
template <class Iommu>
class DmaMappings {
 public:
  explicit DmaMappings(Iommu& iommu) : iommu_(iommu) {}
  DmaMappings(const DmaMappings&) = delete;
  DmaMappings& operator=(const DmaMappings&) = delete;

  /// The address of `memory` for the device. Errors: invalid_argument for nothing; permission_denied if the range is mapped with
  /// fewer rights; no_space; and what the IOMMU says.
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights) {
    if (memory.empty()) {
      return fail(Errc::invalid_argument);
    }
    auto known = mapped_.find({memory.data(), memory.size()});
    if (known == mapped_.end()) {
      return map_pages(memory, rights);
    }
    if ((static_cast<unsigned>(known->second.rights) & static_cast<unsigned>(rights)) != static_cast<unsigned>(rights)) {
      return fail(Errc::permission_denied);
    }
    ++known->second.count;
    return known->second.first_page + offset_in_page(memory);
  }

  /// Takes one count back; with the last the device loses the range. `not_found` for a range that was never mapped.
  Result<void> unmap(std::span<std::byte> memory) {
    auto known = mapped_.find({memory.data(), memory.size()});
    if (known == mapped_.end()) {
      return fail(Errc::not_found);
    }
    auto& mapping = known->second;
    if (--mapping.count == 0) {
      iommu_.unmap(mapping.first_page, mapping.bytes);
      space_.give_back(mapping.first_page);
      mapped_.erase(known);
    }
    return {};
  }

  std::size_t ranges() const { return mapped_.size(); }

 private:
  struct Mapping {
    Iova first_page;
    std::uint64_t bytes = 0;  ///< whole pages
    DmaRights rights = DmaRights::device_reads;
    std::uint64_t count = 1;  ///< never 0
  };

  static std::uint64_t offset_in_page(std::span<std::byte> memory) {
    return reinterpret_cast<std::uintptr_t>(memory.data()) % IovaSpace::page_bytes;
  }

  Result<Iova> map_pages(std::span<std::byte> memory, DmaRights rights) {
    const auto offset = offset_in_page(memory);
    const auto pages = (offset + memory.size() + IovaSpace::page_bytes - 1) / IovaSpace::page_bytes;
    const auto bytes = pages * IovaSpace::page_bytes;
    auto first_page = space_.take(bytes);
    if (!first_page) {
      return first_page;
    }
    auto mapped = iommu_.map(memory.data() - offset, *first_page, bytes, rights);
    if (!mapped) {
      space_.give_back(*first_page);
      return fail(mapped.error());
    }
    mapped_.emplace(std::pair(memory.data(), memory.size()), Mapping{*first_page, bytes, rights});
    return *first_page + offset;
  }

  Iommu& iommu_;
  IovaSpace space_;
  std::map<std::pair<std::byte*, std::size_t>, Mapping> mapped_;
};

}  // namespace phasebit::hw
