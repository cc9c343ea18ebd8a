// Which ranges of the process the device reaches, where, and how often each was asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <utility>

#include "hw/iova_space.hpp"
#include "hw/memory_map.hpp"
#include "src/backend/dma.hpp"
#include "src/base/assert.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// Counts identical ranges. One that lies in registered memory is answered from there; each other is asked for by itself, also where it
/// overlaps one. `Domain` maps whole pages, as DmaDomain does: `Result<Iova> map(std::byte*, bytes, DmaRights)` `Result<Iova>
/// set_aside(bytes)` and `void unmap(Iova, bytes)`. Ranges that are left at the end are left to it. Threads: any.
template <class Domain>
class DmaMappings {
 public:
  explicit DmaMappings(Domain& domain) : domain_(domain) {}
  DmaMappings(const DmaMappings&) = delete;
  DmaMappings& operator=(const DmaMappings&) = delete;

  /// The address of `memory` for the device. Errors: invalid_argument for nothing; permission_denied if the range is mapped with
  /// fewer rights; and what the domain says.
  Result<Iova> map(std::span<std::byte> memory, DmaRights rights) {
    if (memory.empty()) {
      return fail(Errc::invalid_argument);
    }
    const std::lock_guard lock(mutex_);
    auto known = mapped_.find({memory.data(), memory.size()});
    if (known == mapped_.end()) {
      return map_anew(memory, rights);
    }
    if ((static_cast<unsigned>(known->second.rights) & static_cast<unsigned>(rights)) != static_cast<unsigned>(rights)) {
      return fail(Errc::permission_denied);
    }
    ++known->second.count;
    return known->second.iova;
  }

  /// Takes one count back; with the last the device loses the range, unless that is registered. `not_found` for a range that was never
  /// mapped.
  Result<void> unmap(std::span<std::byte> memory) {
    const std::lock_guard lock(mutex_);
    auto known = mapped_.find({memory.data(), memory.size()});
    if (known == mapped_.end()) {
      return fail(Errc::not_found);
    }
    auto& mapping = known->second;
    if (--mapping.count == 0) {
      if (mapping.registered != nullptr) {
        --mapping.registered->ranges_mapped;
      } else {
        give_back(mapping.pages);
      }
      mapped_.erase(known);
    }
    return {};
  }

  /// Addresses that no memory of the host's ever gets, as many as `bytes`, which are whole pages. Errors: what the domain says.
  Result<Iova> set_aside(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    return domain_.set_aside(bytes);
  }

  /// Maps memory that was registered, for reads and writes, until remove_registered. Errors: invalid_argument for nothing and for what
  /// overlaps other registered memory; and what the domain says.
  Result<void> add_registered(std::span<std::byte> memory) {
    const std::lock_guard lock(mutex_);
    if (memory.empty()) {
      return fail(Errc::invalid_argument);
    }
    auto pages = map_pages(memory, DmaRights::device_reads_and_writes);
    if (!pages) {
      return fail(pages.error());
    }
    if (auto set = table_.set(address_of(memory), memory.size(), iova_in(*pages, memory)); !set) {
      give_back(*pages);
      return set;
    }
    registered_.emplace(memory.data(), Registered{*pages, memory.size()});
    return {};
  }

  /// Whether a range that lies in this registered memory is mapped.
  bool uses_registered(std::span<std::byte> memory) const {
    const std::lock_guard lock(mutex_);
    return registered_.at(memory.data()).ranges_mapped != 0;
  }

  /// What add_registered mapped and nobody uses.
  void remove_registered(std::span<std::byte> memory) {
    const std::lock_guard lock(mutex_);
    auto known = registered_.find(memory.data());
    PHASEBIT_ASSERT(known != registered_.end() && known->second.bytes == memory.size() && known->second.ranges_mapped == 0);
    const bool cleared = table_.clear(address_of(memory), memory.size()).has_value();
    PHASEBIT_ASSERT(cleared);
    give_back(known->second.pages);
    registered_.erase(known);
  }

  /// Where the device finds the first byte of `memory`, and how many of its bytes follow contiguously. Only registered memory is known
  /// here; `not_found` for other. Takes no lock.
  Result<Translation> translate(std::span<const std::byte> memory) const {
    const auto found = table_.translate(address_of(memory), memory.size());
    return found ? Result<Translation>(*found) : fail(Errc::not_found);
  }

  std::size_t ranges() const { return mapped_.size(); }

 private:
  /// One mapping of the domain's: whole pages.
  struct Pages {
    Iova first;
    std::uint64_t bytes = 0;
  };
  struct Registered {
    Pages pages;
    std::uint64_t bytes = 0;          ///< from its first byte, which need not begin a page
    std::uint64_t ranges_mapped = 0;  ///< entries of mapped_ that lie in it
  };
  struct Mapping {
    Iova iova;
    DmaRights rights = DmaRights::device_reads;
    Registered* registered = nullptr;  ///< what it lies in; without one it has pages of its own
    Pages pages{};
    std::uint64_t count = 1;  ///< never 0
  };

  static std::uint64_t address_of(std::span<const std::byte> memory) { return reinterpret_cast<std::uintptr_t>(memory.data()); }
  static std::uint64_t offset_in_page(std::span<const std::byte> memory) { return address_of(memory) % IovaSpace::page_bytes; }
  static Iova iova_in(const Pages& pages, std::span<const std::byte> memory) { return pages.first + offset_in_page(memory); }

  Result<Iova> map_anew(std::span<std::byte> memory, DmaRights rights) {
    Mapping mapping{.iova = {}, .rights = rights};
    if (auto around = registered_around(memory); around != registered_.end()) {
      mapping.registered = &around->second;
      mapping.iova = table_.translate(address_of(memory), memory.size())->iova;
      mapping.rights = DmaRights::device_reads_and_writes;
      ++mapping.registered->ranges_mapped;
    } else {
      auto pages = map_pages(memory, rights);
      if (!pages) {
        return fail(pages.error());
      }
      mapping.pages = *pages;
      mapping.iova = iova_in(*pages, memory);
    }
    mapped_.emplace(std::pair(memory.data(), memory.size()), mapping);
    return mapping.iova;
  }

  /// The registered range that holds all of `memory`.
  auto registered_around(std::span<std::byte> memory) {
    auto next = registered_.upper_bound(memory.data());
    if (next == registered_.begin()) {
      return registered_.end();
    }
    auto before = std::prev(next);
    const auto offset = static_cast<std::uint64_t>(memory.data() - before->first);
    return offset <= before->second.bytes && memory.size() <= before->second.bytes - offset ? before : registered_.end();
  }

  Result<Pages> map_pages(std::span<std::byte> memory, DmaRights rights) {
    const auto offset = offset_in_page(memory);
    const auto pages = (offset + memory.size() + IovaSpace::page_bytes - 1) / IovaSpace::page_bytes;
    const auto bytes = pages * IovaSpace::page_bytes;
    return domain_.map(memory.data() - offset, bytes, rights).map([bytes](Iova first) { return Pages{first, bytes}; });
  }

  void give_back(const Pages& pages) { domain_.unmap(pages.first, pages.bytes); }

  Domain& domain_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::byte*, std::size_t>, Mapping> mapped_;
  std::map<std::byte*, Registered> registered_;
  MemoryMap table_;  ///< the ranges of registered_
};

}  // namespace phasebit::hw
