#include "hw/machine.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/fake_machine.hpp"

namespace phasebit::hw {
namespace {

namespace fs = std::filesystem;

class OnFiles : public ::testing::Test {
 protected:
  void write_program(const std::string& file, const std::string& script) const {
    tree_.put(file, "#!/bin/sh\n" + script);
    fs::permissions(tree_.at(file), fs::perms::owner_all);
  }
  std::string why_not_loaded() {
    const auto loaded = machine_.load_module("vfio-pci");
    return loaded ? "loaded" : loaded.error().why;
  }

  FakeMachine tree_;
  Machine machine_{tree_.at("/")};
};

TEST_F(OnFiles, reads_first_lines_numbers_and_names) {
  tree_.put("/sys/a/line", "two words\nnext");
  tree_.put("/sys/a/number", "42");
  tree_.put("/sys/a/almost", "42x");
  EXPECT_EQ("two words", machine_.line_of("/sys/a/line"));
  EXPECT_EQ(42u, machine_.number_in("/sys/a/number"));
  EXPECT_EQ(std::nullopt, machine_.number_in("/sys/a/almost"));
  EXPECT_EQ(std::nullopt, machine_.line_of("/sys/a/absent"));
  EXPECT_EQ((std::vector<std::string>{"almost", "line", "number"}), machine_.names_in("/sys/a"));
  EXPECT_TRUE(machine_.names_in("/sys/absent").empty());
}

TEST_F(OnFiles, a_write_that_fails_names_the_file_and_the_reason) {
  const auto written = machine_.write("/sys/absent", "x");
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(Errc::environment, written.error().error);
  EXPECT_EQ("/sys/absent: cannot be written: No such file or directory", written.error().why);
  EXPECT_FALSE(tree_.has("/sys/absent")) << "nothing is made";
}

using OnFilesOfOthers = OnFiles;

TEST_F(OnFilesOfOthers, a_write_that_is_not_allowed_says_who_may) {
  tree_.put("/sys/file", "");
  tree_.show_to_everybody();
  fs::permissions(tree_.at("/sys/file"), fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  EXPECT_EXIT(
      {
        (void)::setuid(65534);
        const auto written = machine_.write("/sys/file", "x");
        std::fputs(written ? "written" : written.error().why.c_str(), stderr);
        std::_Exit(written || written.error().error != Errc::permission_denied ? 1 : 0);
      },
      testing::ExitedWithCode(0), "/sys/file: cannot be written: Permission denied; run this as root");
}

TEST_F(OnFiles, a_module_is_loaded_by_the_program_that_the_kernel_names) {
  tree_.put("/proc/sys/kernel/modprobe", "/tools/load");
  write_program("/tools/load", "echo \"$1\" >" + tree_.at("/asked").string());
  EXPECT_EQ("loaded", why_not_loaded());
  EXPECT_EQ("vfio-pci", tree_.line_of("/asked"));
}

TEST_F(OnFiles, a_module_that_cannot_be_loaded_is_told_with_the_reason) {
  EXPECT_EQ(
      "the kernel module vfio-pci is not loaded, and /sbin/modprobe cannot be run: No such file or directory; load the module by hand, "
      "or install the package kmod",
      why_not_loaded());
  write_program("/sbin/modprobe", "exit 3");
  EXPECT_EQ(
      "the kernel module vfio-pci is not loaded, and `/sbin/modprobe vfio-pci` ends with 3; it needs root, and the module has to be one "
      "of this kernel's",
      why_not_loaded());
}

}  // namespace
}  // namespace phasebit::hw
