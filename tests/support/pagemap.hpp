// Where in the machine's memory the kernel says that a page of this process lies.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "src/base/strong.hpp"

namespace phasebit::testing {

/// By /proc/self/pagemap (the kernel's Documentation/admin-guide/mm/pagemap.rst): the frame is in bits 54:0. For the privileged, and for
/// memory that was touched.
inline Iova physical_address(const std::byte* address) {
  constexpr std::uint64_t page_bytes = 4096;
  const auto number = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address));
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  std::uint64_t entry = 0;  // the kernel refuses to read anything but whole entries, so no stream will do
  if (pread(pagemap, &entry, sizeof entry, static_cast<off_t>(number / page_bytes * sizeof entry)) != sizeof entry) {
    std::abort();
  }
  close(pagemap);
  return Iova{(entry & ((1ull << 55) - 1)) * page_bytes + number % page_bytes};
}

}  // namespace phasebit::testing
