#include "sim/memory/host_memory.hpp"

#include <algorithm>
#include <cstring>

#include "sim/memory/poison.hpp"
#include "src/base/assert.hpp"
#include "src/base/random.hpp"

namespace phasebit::sim {
namespace {

enum HostMemoryDraw : std::uint64_t { draw_offset = 1, draw_content = 2, draw_gap = 3 };

constexpr std::byte poison_byte{0xdb};

constexpr std::uint64_t pages_for(std::uint64_t bytes) {
  return bytes / HostMemory::page_bytes + (bytes % HostMemory::page_bytes != 0 ? 1 : 0);
}

}  // namespace

HostMemory::HostMemory(std::uint64_t seed, std::uint64_t bytes, Region& region)
    : seed_(seed),
      bytes_(pages_for(bytes) * page_bytes),
      base_(region.allocate_pages(bytes)),
      free_pages_(region.resource()),
      allocated_(region.resource()) {
  PHASEBIT_ASSERT(base_ != nullptr && bytes_ > 0);
  free_pages_.emplace(0, bytes_ / page_bytes);
  lay_poison();
}

HostMemory::~HostMemory() {
  lift_poison();
}

Result<std::span<std::byte>> HostMemory::allocate_pages(std::uint64_t bytes) {
  const auto memory = allocate(bytes, 0);
  if (memory) {
    std::memset(memory->data(), 0, memory->size());
  }
  return memory;
}

Result<std::span<std::byte>> HostMemory::allocate_buffer(std::uint64_t bytes) {
  const std::uint64_t number = allocation_number_;
  // A quarter of the buffers begin on a page, as an allocator for direct I/O would have it; the others anywhere NVMe allows.
  const std::uint64_t drawn = keyed(seed_, draw_offset, number);
  const std::uint64_t offset_in_page = drawn % 4 == 0 ? 0 : (drawn >> 8) % (page_bytes / 4) * 4;
  const auto memory = allocate(bytes, offset_in_page);
  if (memory && keyed(seed_, draw_content, number) % 2 == 0) {
    std::memset(memory->data(), static_cast<int>(poison_byte), memory->size());
  }
  return memory;
}

Result<std::span<std::byte>> HostMemory::allocate(std::uint64_t bytes, std::uint64_t offset_in_page) {
  if (bytes == 0 || bytes > bytes_) {
    return fail(bytes == 0 ? Errc::invalid_argument : Errc::out_of_memory);
  }
  const std::uint64_t gap = 1 + keyed(seed_, draw_gap, allocation_number_++) % 3;
  const std::uint64_t pages = pages_for(offset_in_page + bytes) + gap;
  const auto first_page = take_pages(pages);
  if (!first_page) {
    return fail(first_page.error());
  }
  const std::uint64_t offset = *first_page * page_bytes + offset_in_page;
  allocated_.emplace(offset, Allocation{*first_page, pages, bytes});
  unpoison(base_ + offset, bytes);
  return std::span<std::byte>(base_ + offset, bytes);
}

Result<std::uint64_t> HostMemory::take_pages(std::uint64_t pages) {
  for (const auto& [first, length] : free_pages_) {
    if (length >= pages) {
      const std::uint64_t taken = first;
      const std::uint64_t rest = length - pages;
      free_pages_.erase(first);
      if (rest > 0) {
        free_pages_.emplace(taken + pages, rest);
      }
      return taken;
    }
  }
  return fail(Errc::out_of_memory);
}

Result<void> HostMemory::free(std::span<const std::byte> memory) {
  if (!contains(memory)) {
    return fail(Errc::not_found);
  }
  const auto found = allocated_.find(offset_of(memory.data()));
  if (found == allocated_.end() || found->second.bytes != memory.size()) {
    return fail(Errc::not_found);
  }
  const Allocation allocation = found->second;
  allocated_.erase(found);
  give_back_pages(allocation.first_page, allocation.pages);
  poison(base_ + allocation.first_page * page_bytes, allocation.pages * page_bytes);
  return {};
}

void HostMemory::give_back_pages(std::uint64_t first_page, std::uint64_t pages) {
  auto after = free_pages_.lower_bound(first_page);
  if (after != free_pages_.end() && after->first == first_page + pages) {
    pages += after->second;
    after = free_pages_.erase(after);
  }
  if (after != free_pages_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == first_page) {
      before->second += pages;
      return;
    }
  }
  free_pages_.emplace(first_page, pages);
}

bool HostMemory::contains(std::span<const std::byte> memory) const {
  const std::less_equal<> not_after;
  return not_after(static_cast<const std::byte*>(base_), memory.data()) &&
         not_after(memory.data(), static_cast<const std::byte*>(base_ + bytes_)) &&
         memory.size() <= static_cast<std::uint64_t>(base_ + bytes_ - memory.data());
}

std::uint64_t HostMemory::offset_of(const std::byte* address) const {
  PHASEBIT_ASSERT(contains({address, 0}));
  return static_cast<std::uint64_t>(address - base_);
}

void HostMemory::lift_poison() const {
  unpoison(base_, bytes_);
}

void HostMemory::lay_poison() const {
  poison(base_, bytes_);
  for (const auto& [offset, allocation] : allocated_) {
    unpoison(base_ + offset, allocation.bytes);
  }
}

void HostMemory::fingerprint(Hasher& hasher) const {
  hasher.add(allocation_number_);
  hasher.add(allocated_.size());
  for (const auto& [offset, allocation] : allocated_) {
    hasher.add(offset);
    hasher.add(allocation.pages);
    hasher.add_bytes({base_ + offset, allocation.bytes});
  }
}

}  // namespace phasebit::sim
