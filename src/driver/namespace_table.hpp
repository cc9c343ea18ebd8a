// The namespaces that a controller has, in memory that was taken once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "src/driver/types.hpp"

namespace phasebit::driver {

/// Up to a fixed number of namespaces, NSIDs ascending.
class NamespaceTable {
 public:
  NamespaceTable(std::uint32_t namespaces_max, std::pmr::memory_resource* memory) : namespaces_(memory) {
    namespaces_.reserve(namespaces_max);
  }

  std::span<const Namespace> all() const { return namespaces_; }
  std::size_t size() const { return namespaces_.size(); }
  Namespace& operator[](std::size_t index) { return namespaces_[index]; }
  bool is_full() const { return namespaces_.size() == namespaces_.capacity(); }
  std::uint32_t namespaces_max() const { return static_cast<std::uint32_t>(namespaces_.capacity()); }

  /// Room for so many, if it is more than there is.
  void reserve(std::uint32_t namespaces_max) { namespaces_.reserve(namespaces_max); }
  void clear() { namespaces_.clear(); }
  /// The NSID is greater than every one before, and the table is not full.
  void add(const Namespace& entry) {
    PHASEBIT_ASSERT(!is_full() && (namespaces_.empty() || namespaces_.back().nsid < entry.nsid));
    namespaces_.push_back(entry);
  }
  /// Drops those that have no blocks.
  void drop_empty() {
    std::erase_if(namespaces_, [](const Namespace& entry) { return entry.blocks == 0; });
  }

  /// nullptr if there is none.
  const Namespace* find(Nsid nsid) const {
    const auto found = std::lower_bound(namespaces_.begin(), namespaces_.end(), nsid,
                                        [](const Namespace& entry, Nsid wanted) { return entry.nsid < wanted; });
    return found != namespaces_.end() && found->nsid == nsid ? &*found : nullptr;
  }

 private:
  std::pmr::vector<Namespace> namespaces_;
};

/// True if an LBA of one does not mean the same block of the other: another namespace has taken its place, or another format.
inline bool is_another(const Namespace& a, const Namespace& b) {
  return a.block_bytes != b.block_bytes || a.metadata_bytes != b.metadata_bytes || a.nguid != b.nguid || a.eui64 != b.eui64 ||
         a.uuid != b.uuid;
}

/// True if a user of one should hear of the other.
inline bool differs(const Namespace& a, const Namespace& b) {
  return a.blocks != b.blocks || a.read_only != b.read_only || is_another(a, b);
}

}  // namespace phasebit::driver
