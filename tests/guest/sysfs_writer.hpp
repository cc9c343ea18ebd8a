// Writing to files of sysfs that make the writer wait.
#pragma once

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace phasebit::hw {

/// Writes in another program: the kernel lets it wait, and a mere fork would hold the drive open all the while. Wait for it with waitpid.
inline pid_t write_from_elsewhere(const std::string& text, const std::string& file) {
  std::array<std::string, 3> words{"sh", "-c", "echo " + text + " > " + file};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t child = 0;
  EXPECT_EQ(0, posix_spawn(&child, "/bin/sh", nullptr, nullptr, arguments.data(), environ));
  return child;
}

}  // namespace phasebit::hw
