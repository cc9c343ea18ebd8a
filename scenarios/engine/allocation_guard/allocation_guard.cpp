#include "scenarios/engine/allocation_guard/allocation_guard.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdlib>

namespace phasebit::scenarios {
namespace {

struct ThreadState {
  bool armed = false;
  std::uint64_t caught = 0;
};
constinit thread_local ThreadState state;

}  // namespace

AllocationGuard::AllocationGuard() noexcept : armed_before_(state.armed), caught_before_(state.caught) {
  state.armed = true;
}

AllocationGuard::~AllocationGuard() {
  state.armed = armed_before_;
}

std::uint64_t AllocationGuard::count() const noexcept {
  return state.caught - caught_before_;
}

AllocationPause::AllocationPause() noexcept : armed_before_(state.armed) {
  state.armed = false;
}

AllocationPause::~AllocationPause() {
  state.armed = armed_before_;
}

bool allocation_guard_works() noexcept {
  const std::uint64_t caught_before = state.caught;
  const AllocationGuard guard;
  void* volatile probe = std::malloc(1);
  std::free(probe);
  const bool works = guard.count() == 1;
  state.caught = caught_before;
  return works;
}

[[gnu::noinline]] void allocation_caught() noexcept {
  ++state.caught;
}

void allocation_seen() noexcept {
  if (state.armed) {
    allocation_caught();
  }
}

}  // namespace phasebit::scenarios

// How allocations come by here. A sanitizer brings an allocator of its own with hooks into it; else the definitions below stand before
// glibc's, for operator new too, and pass on to the names that glibc keeps for this.
#if defined(__SANITIZE_ADDRESS__)
#define PHASEBIT_SANITIZED_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PHASEBIT_SANITIZED_ALLOCATOR 1
#endif
#endif

// The names below are not ours to choose. NOLINTBEGIN(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)
extern "C" {
#ifdef PHASEBIT_SANITIZED_ALLOCATOR

int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*, std::size_t),
                                              void (*free_hook)(const volatile void*));

#else

void* __libc_malloc(std::size_t bytes) noexcept;
void* __libc_calloc(std::size_t count, std::size_t bytes) noexcept;
void* __libc_realloc(void* memory, std::size_t bytes) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t bytes) noexcept;

void* malloc(std::size_t bytes) noexcept {
  phasebit::scenarios::allocation_seen();
  return __libc_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes) noexcept {
  phasebit::scenarios::allocation_seen();
  return __libc_calloc(count, bytes);
}

void* realloc(void* memory, std::size_t bytes) noexcept {
  phasebit::scenarios::allocation_seen();
  return __libc_realloc(memory, bytes);
}

void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  phasebit::scenarios::allocation_seen();
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  return memalign(alignment, bytes);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) noexcept {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) {
    return EINVAL;
  }
  *memory = memalign(alignment, bytes);
  return *memory != nullptr ? 0 : ENOMEM;
}

#endif
}
// NOLINTEND(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)

#ifdef PHASEBIT_SANITIZED_ALLOCATOR
namespace {
const int hooks_installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { phasebit::scenarios::allocation_seen(); }, [](const volatile void*) {});
}  // namespace
#endif
