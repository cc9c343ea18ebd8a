#include "sim/memory/region.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

#include "src/base/assert.hpp"

namespace phasebit::sim {
namespace {

// Far from where systems put programs, heaps, stacks and the shadow of AddressSanitizer (which ends below 10 0080 0000 0000h on
// x86-64), and within 47 bits, which every 64-bit machine has.
constexpr std::uint64_t candidate_first = 0x2000'0000'0000;
constexpr std::uint64_t candidate_stride = 0x0100'0000'0000;
constexpr unsigned candidates = 16;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// A block's size class: 16 bytes and up, in powers of two.
constexpr unsigned size_class(std::uint64_t bytes) {
  return static_cast<unsigned>(std::bit_width(std::max<std::uint64_t>(bytes, 16) - 1));
}

}  // namespace

/// Hands out blocks of powers of two, each aligned to its size (at most to a page), and takes them back into lists.
class BumpResource final : public std::pmr::memory_resource {
 public:
  BumpResource(std::byte* base, std::uint64_t used_bytes, std::uint64_t bytes) : base_(base), used_bytes_(used_bytes), bytes_(bytes) {}

  std::byte* bump(std::uint64_t bytes, std::uint64_t alignment) {
    const std::uint64_t start = round_up(used_bytes_, alignment);
    if (start > bytes_ || bytes > bytes_ - start) {
      return nullptr;
    }
    used_bytes_ = start + bytes;
    return base_ + start;
  }
  std::uint64_t used_bytes() const { return used_bytes_; }

 private:
  struct Free {
    Free* next;
  };

  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    const unsigned index = size_class(std::max(bytes, alignment));
    if (Free* free = free_[index]; free != nullptr) {
      free_[index] = free->next;
      return free;
    }
    const std::uint64_t block_bytes = 1ull << index;
    std::byte* block = bump(block_bytes, std::min<std::uint64_t>(block_bytes, Region::page_bytes));
    if (block == nullptr) {
      throw std::bad_alloc();
    }
    return block;
  }

  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    const unsigned index = size_class(std::max(bytes, alignment));
    free_[index] = new (block) Free{free_[index]};
  }

  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  std::byte* base_;
  std::uint64_t used_bytes_;
  std::uint64_t bytes_;
  std::array<Free*, 64> free_{};
};

namespace {

bool is_zero(const std::byte* page) {
  static constexpr std::array<std::byte, Region::page_bytes> zeros{};
  return std::memcmp(page, zeros.data(), zeros.size()) == 0;
}

}  // namespace

/// Lies at the start of the region, so that the allocator's own state is part of a snapshot.
struct Region::Header {
  BumpResource resource;
};

Result<Region> Region::create(std::uint64_t bytes, unsigned first_candidate) {
  const std::uint64_t mapped_bytes = round_up(std::max(bytes, page_bytes), page_bytes);
  for (unsigned index = first_candidate; index < first_candidate + candidates; ++index) {
    void* wanted = reinterpret_cast<void*>(candidate_first + (index % candidates) * candidate_stride);  // NOLINT(performance-no-int-to-ptr)
    constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    void* got = mmap(wanted, mapped_bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (got == wanted) {
      return Region(static_cast<std::byte*>(got), mapped_bytes);
    }
    if (got != MAP_FAILED) {  // A kernel that takes the address for a hint.
      munmap(got, mapped_bytes);
    }
  }
  return fail(Errc::out_of_memory);
}

Region::Region(std::byte* base, std::uint64_t bytes) : base_(base), bytes_(bytes) {
  new (base_) Header{BumpResource(base_, sizeof(Header), bytes_)};
}

Region::Region(Region&& other) noexcept : base_(std::exchange(other.base_, nullptr)), bytes_(other.bytes_) {}

Region::~Region() {
  if (base_ != nullptr) {
    munmap(base_, bytes_);
  }
}

Region::Header& Region::header() const {
  return *std::launder(reinterpret_cast<Header*>(base_));
}

std::pmr::memory_resource* Region::resource() {
  return &header().resource;
}

std::byte* Region::allocate_pages(std::uint64_t bytes) {
  return header().resource.bump(round_up(bytes, page_bytes), page_bytes);
}

std::uint64_t Region::used_bytes() const {
  return header().resource.used_bytes();
}

RegionSnapshot Region::snapshot() const {
  RegionSnapshot taken;
  taken.used_bytes = used_bytes();
  const std::uint64_t pages = round_up(taken.used_bytes, page_bytes) / page_bytes;
  for (std::uint64_t page = 0; page < pages; ++page) {
    const std::byte* start = base_ + page * page_bytes;
    if (!is_zero(start)) {
      taken.page_indexes.push_back(static_cast<std::uint32_t>(page));
      taken.pages.insert(taken.pages.end(), start, start + page_bytes);
    }
  }
  return taken;
}

void Region::restore(const RegionSnapshot& snapshot) {
  const std::uint64_t touched_bytes = round_up(std::max(used_bytes(), snapshot.used_bytes), page_bytes);
  PHASEBIT_ASSERT(touched_bytes <= bytes_);
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < snapshot.page_indexes.size(); ++i) {
    const std::uint64_t page = snapshot.page_indexes[i];
    clear_pages(next, page);
    std::memcpy(base_ + page * page_bytes, snapshot.pages.data() + i * page_bytes, page_bytes);
    next = page + 1;
  }
  clear_pages(next, touched_bytes / page_bytes);
}

/// Gives the pages from `first` to before `last` back to the kernel; private anonymous memory reads as zeros afterwards.
void Region::clear_pages(std::uint64_t first, std::uint64_t last) {
  if (first < last) {
    PHASEBIT_ASSERT(madvise(base_ + first * page_bytes, (last - first) * page_bytes, MADV_DONTNEED) == 0);
  }
}

}  // namespace phasebit::sim
