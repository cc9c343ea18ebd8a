#include "scenarios/engine/output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "scenarios/engine/patient_write.hpp"
#include "scenarios/engine/progress.hpp"

namespace phasebit::scenarios {
namespace {

/// Puts something in place of a descriptor for as long as it lives.
class Replaced {
 public:
  Replaced(int number, const char* path) : number_(number), before_(::dup(number)) {
    ::close(number);
    if (*path != '\0') {
      const int opened = ::open(path, O_WRONLY);
      ::dup2(opened, number);
      if (opened != number) {
        ::close(opened);
      }
    }
  }
  Replaced(const Replaced&) = delete;
  Replaced& operator=(const Replaced&) = delete;
  ~Replaced() {
    ::dup2(before_, number_);
    ::close(before_);
  }

 private:
  int number_;
  int before_;
};

TEST(Tell, survives_a_stderr_that_is_full_or_closed) {
  for (const char* path : {"/dev/full", ""}) {
    const Replaced replaced(STDERR_FILENO, path);
    tell("progress\n");
    tell(std::string(100'000, 'x'));
  }
}

TEST(PatientWrite, says_what_went_wrong) {
  const int full = ::open("/dev/full", O_WRONLY);
  EXPECT_EQ(write_patiently(full, "x"), ENOSPC);
  ::close(full);
  EXPECT_EQ(write_patiently(full, "x"), EBADF);
  EXPECT_EQ(-open_patiently("/no/such"), ENOENT);
}

TEST(PatientWrite, takes_a_pipe_piece_by_piece) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string sent(50'000, 'x');
  EXPECT_EQ(write_patiently(ends[1], sent), 0);
  std::string received(sent.size(), '\0');
  EXPECT_EQ(::read(ends[0], received.data(), received.size()), static_cast<ssize_t>(sent.size()));
  EXPECT_EQ(received, sent);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace phasebit::scenarios
