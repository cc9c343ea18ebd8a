#include "hw/vfio_domain.hpp"

#include <rte_malloc.h>

namespace phasebit::hw {

std::byte* VfioDomain::allocate(std::uint64_t bytes) {
  return static_cast<std::byte*>(rte_zmalloc("phasebit", bytes, IovaSpace::page_bytes));
}

void VfioDomain::free(std::byte* memory) {
  rte_free(memory);
}

}  // namespace phasebit::hw
