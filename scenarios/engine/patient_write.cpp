#include "scenarios/engine/patient_write.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "scenarios/engine/interrupt.hpp"

namespace phasebit::scenarios {
namespace {

constexpr int look_again_ms = 50;

bool is_worth_another_try(int error) {
  return error == EINTR || error == EAGAIN;
}

}  // namespace

/// A signal that comes just before a write blocks would be seen after it only. So a write is made when it cannot block: a pipe that poll
/// finds ready takes PIPE_BUF bytes at once.
int write_patiently(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    if (interrupt_seen() != 0) {
      return EINTR;
    }
    pollfd ready{descriptor, POLLOUT, 0};
    if (::poll(&ready, 1, look_again_ms) <= 0) {
      continue;
    }
    const ssize_t written = ::write(descriptor, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (written < 0 && !is_worth_another_try(errno)) {
      return errno;
    }
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return 0;
}

int open_patiently(const char* path) {
  while (interrupt_seen() == 0) {
    const int descriptor = ::open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor >= 0) {
      return descriptor;
    }
    if (errno != ENXIO && errno != EINTR) {
      return -errno;
    }
    ::poll(nullptr, 0, look_again_ms);
  }
  return -EINTR;
}

}  // namespace phasebit::scenarios
