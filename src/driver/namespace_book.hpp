// The namespaces twice: as the user sees them, and as the scan under way finds them. Only a finished scan is ever shown.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory_resource>

#include "src/driver/namespace_scan.hpp"
#include "src/driver/namespace_table.hpp"

namespace phasebit::driver {

class NamespaceBook {
 public:
  NamespaceBook(std::uint32_t namespaces_max, std::pmr::memory_resource* memory)
      : tables_{NamespaceTable{std::max(namespaces_max, 1u), memory}, NamespaceTable{std::max(namespaces_max, 1u), memory}} {}

  const NamespaceTable& current() const { return tables_[current_]; }
  NamespaceTable& draft() { return tables_[1 - current_]; }
  NamespaceScan& scan() { return scan_; }
  const NamespaceScan& scan() const { return scan_; }

  /// The drive had more namespaces than memory was taken for.
  bool wants_room() const { return scan_.counted() > current().namespaces_max(); }
  /// Allocates for as many as the last scan counted. A scan under way has to be begun again.
  void take_room() {
    for (NamespaceTable& table : tables_) {
      table.reserve(scan_.counted());
    }
  }

  /// The scan found what is shown already.
  bool is_unchanged() const {
    const std::span<const Namespace> now = current().all();
    const std::span<const Namespace> found = tables_[1 - current_].all();
    return std::equal(now.begin(), now.end(), found.begin(), found.end(), [](const Namespace& a, Namespace b) {
      b.life = a.life;
      return a == b;
    });
  }

  /// Shows what the scan found. Calls `changed(const Namespace&)` for each namespace that is new, other than before, or no more (0 blocks),
  /// NSIDs ascending.
  template <class Changed>
  void show_draft(Changed&& changed) {
    current_ = 1 - current_;
    const std::span<const Namespace> before = draft().all();
    auto old = before.begin();
    for (std::size_t i = 0; i < tables_[current_].size(); ++i) {
      Namespace& entry = tables_[current_][i];
      for (; old != before.end() && old->nsid < entry.nsid; ++old) {
        changed(Namespace{.nsid = old->nsid});
      }
      const bool was_there = old != before.end() && old->nsid == entry.nsid;
      entry.life = was_there && !is_another(*old, entry) ? old->life : ++lives_;
      if (!was_there || differs(*old, entry)) {
        changed(entry);
      }
      old += was_there ? 1 : 0;
    }
    for (; old != before.end(); ++old) {
      changed(Namespace{.nsid = old->nsid});
    }
  }

 private:
  std::array<NamespaceTable, 2> tables_;
  std::size_t current_ = 0;
  std::uint32_t lives_ = 0;  ///< the last that was given
  NamespaceScan scan_;
};

}  // namespace phasebit::driver
