// Where in the machine's memory the kernel says that a page of this process lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>

#include "src/base/strong.hpp"

namespace phasebit::testing {

/// By /proc/self/pagemap (the kernel's Documentation/admin-guide/mm/pagemap.rst): the frame is in bits 54:0. For the privileged, and for
/// memory that was touched.
inline Iova physical_address(const std::byte* address) {
  constexpr std::uint64_t page_bytes = 4096;
  const auto number = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address));
  std::ifstream pagemap("/proc/self/pagemap", std::ios::binary);
  pagemap.seekg(static_cast<std::streamoff>(number / page_bytes * 8));
  std::uint64_t entry = 0;
  pagemap.read(reinterpret_cast<char*>(&entry), sizeof entry);
  return Iova{(entry & ((1ull << 55) - 1)) * page_bytes + number % page_bytes};
}

}  // namespace phasebit::testing
