// The kernel's pools of hugepages, by size and NUMA node.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hw/machine.hpp"

namespace phasebit::hw {

/// Pages of one size, of the whole machine or of one node. Counts are pages.
struct HugepagePool {
  std::uint64_t page_bytes = 0;
  std::optional<unsigned> node;  ///< none: the whole machine
  std::uint64_t total = 0;       ///< those that go when their users end included
  std::uint64_t free = 0;
  std::uint64_t surplus = 0;              ///< beyond the count that was set: in use, and given back when they no longer are
  std::optional<std::uint64_t> reserved;  ///< promised to mappings and not yet touched; the kernel tells it of the whole machine only

  /// The count that was set, as far as the kernel could follow.
  std::uint64_t count() const { return total > surplus ? total - surplus : 0; }
};

/// A page's size as users write it: 2M, 1G, 64K.
std::string page_size_text(std::uint64_t page_bytes);

/// By size; of each size the whole machine's pool first, then the nodes'.
std::vector<HugepagePool> hugepage_pools(const Machine& machine);

/// The pool of that size and node. Errors: not_found, with what there is.
Answer<HugepagePool> hugepage_pool(const Machine& machine, std::uint64_t page_bytes, std::optional<unsigned> node);

/// Asks for so many pages and looks how many there are then. Pages that are in use stay until they no longer are, beyond the count. Errors:
/// those of hugepage_pool and of Machine::write; out_of_memory with the number that the kernel could give, after which the count is what it
/// was.
Answer<void> set_hugepages(Machine& machine, std::uint64_t page_bytes, std::optional<unsigned> node, std::uint64_t count);

}  // namespace phasebit::hw
