#include "scenarios/engine/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "scenarios/engine/patient_write.hpp"

namespace phasebit::scenarios {
namespace {

int first_error = 0;

}  // namespace

/// Read-only, so that results which arrive nowhere are an error as they were: EBADF.
void hold_standard_descriptors() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) < 0 && errno == EBADF) {
      (void)::open("/dev/null", O_RDONLY);  // open takes the lowest number that is free
    }
  }
}

void print(std::string_view text) {
  if (first_error == 0) {
    first_error = write_patiently(STDOUT_FILENO, text);
  }
}

int print_error() {
  return first_error;
}

void tell(std::string_view text) {
  (void)write_patiently(STDERR_FILENO, text);
}

}  // namespace phasebit::scenarios
