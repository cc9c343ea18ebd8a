#include "hw/bus_error_guard.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <vector>

namespace phasebit::hw {
namespace {

/// A mapping that is watched over. `begin` is written last and cleared first, so that who sees it sees the rest.
struct Watched {
  std::atomic<std::uintptr_t> begin{0};  ///< 0: this place is free
  std::atomic<std::size_t> bytes{0};
  std::atomic<bool> has_struck{false};
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);
static_assert(std::atomic<std::size_t>::is_always_lock_free);

constinit std::array<Watched, BusErrorGuard::guards_max> watched;
/// How large a mapping is, is the drive's to say; what it costs is not.
constexpr std::size_t ones_bytes_max = std::size_t{2} << 20;
constinit std::atomic<int> file_of_ones{-1};  ///< as large as the largest mapping ever watched over, up to `ones_bytes_max`
constinit std::mutex making;                  ///< of guards; the handler does not take it
struct sigaction before_us {};                ///< written before our handler is in place

bool fill_with_ones(Watched& place, std::uintptr_t begin) {
  // The system call itself: mmap of the C library is not for signal handlers. In one step, so that no other thread sees anything between;
  // of a mapping that is larger than the file, piece by piece. Each argument is as wide as the kernel reads it: of a plain 0 only half
  // would be, and the rest of the offset whatever lay on the stack.
  constexpr long protection = PROT_READ | PROT_WRITE;
  constexpr long flags = MAP_PRIVATE | MAP_FIXED;
  constexpr long offset = 0;
  const long file = file_of_ones.load();
  const std::size_t bytes = place.bytes.load();
  bool filled = true;
  for (std::size_t done = 0; done < bytes; done += ones_bytes_max) {
    const std::size_t piece = std::min(bytes - done, ones_bytes_max);
    filled = syscall(SYS_mmap, begin + done, piece, protection, flags, file, offset) != -1 && filled;
  }
  place.has_struck.store(filled);
  return filled;
}

/// True if the address was ours.
bool answer_for(std::uintptr_t address) {
  for (Watched& place : watched) {
    const std::uintptr_t begin = place.begin.load(std::memory_order_acquire);
    if (begin != 0 && address - begin < place.bytes.load()) {
      return fill_with_ones(place, begin);
    }
  }
  return false;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  if ((before_us.sa_flags & SA_SIGINFO) != 0) {
    before_us.sa_sigaction(signal, info, context);
  } else if (before_us.sa_handler == SIG_IGN && info->si_code <= 0) {
    return;  // sent by somebody; one that an access raised cannot be ignored
  } else if (before_us.sa_handler == SIG_DFL || before_us.sa_handler == SIG_IGN) {
    struct sigaction end {};
    end.sa_handler = SIG_DFL;
    sigaction(signal, &end, nullptr);
    raise(signal);  // delivered when the handler returns
  } else {
    before_us.sa_handler(signal);
  }
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  const bool raised_by_an_access = info->si_code > 0;
  if (!raised_by_an_access || !answer_for(reinterpret_cast<std::uintptr_t>(info->si_addr))) {
    pass_on(signal, info, context);
  }
  errno = error;
}

bool install_handler() {
  static const bool installed = [] {
    struct sigaction ours {};
    ours.sa_sigaction = on_bus_error;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    return sigaction(SIGBUS, nullptr, &before_us) == 0 && sigaction(SIGBUS, &ours, nullptr) == 0;
  }();
  return installed;
}

/// The file of ones is as large as a mapping of so many bytes needs it.
bool provide_ones(std::size_t bytes) {
  static std::size_t provided = 0;
  if (file_of_ones.load() < 0) {
    file_of_ones.store(memfd_create("ones", MFD_CLOEXEC));
  }
  const std::vector<std::byte> ones(4096, std::byte{0xff});
  for (bytes = std::min(bytes, ones_bytes_max); provided < bytes; provided += ones.size()) {
    if (pwrite(file_of_ones.load(), ones.data(), ones.size(), static_cast<off_t>(provided)) != static_cast<ssize_t>(ones.size())) {
      return false;
    }
  }
  return true;
}

}  // namespace

Answer<std::unique_ptr<BusErrorGuard>> BusErrorGuard::watch(std::span<std::byte> mapping) {
  const std::lock_guard lock(making);
  if (!provide_ones(mapping.size()) || !install_handler()) {
    return refuse(Errc::environment, std::string("SIGBUS cannot be handled: ") + std::strerror(errno));
  }
  for (std::size_t place = 0; place < watched.size(); ++place) {
    if (watched[place].begin.load() == 0) {
      watched[place].bytes.store(mapping.size());
      watched[place].has_struck.store(false);
      watched[place].begin.store(reinterpret_cast<std::uintptr_t>(mapping.data()), std::memory_order_release);
      return std::unique_ptr<BusErrorGuard>(new BusErrorGuard(place));
    }
  }
  return refuse(Errc::no_space, "more BARs are mapped than SIGBUS is handled for");
}

BusErrorGuard::~BusErrorGuard() {
  watched[place_].begin.store(0);
}

bool BusErrorGuard::has_struck() const {
  return watched[place_].has_struck.load();
}

void BusErrorGuard::renew() {
  watched[place_].has_struck.store(false);
}

}  // namespace phasebit::hw
