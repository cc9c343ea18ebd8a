#include "scenarios/engine/text_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace phasebit::scenarios {
namespace {

/// A fresh directory that is removed at the end.
struct Folder {
  Folder() { path = ::mkdtemp(name.data()); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::size_t entries() const { return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {})); }
  std::string name = testing::TempDir() + "phasebit.XXXXXX";
  std::string path;
};

TEST(TextFile, reads_back_what_was_written_over_an_older_file) {
  const Folder folder;
  const std::string path = folder.path + "/a";
  ASSERT_TRUE(write_file(path, "older and longer"));
  ASSERT_TRUE(write_file(path, std::string_view("new\0", 4)));
  EXPECT_EQ(read_file(path, 100).value(), std::string_view("new\0", 4));
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(TextFile, refuses_what_is_missing_or_no_file_as_a_mistake_of_the_caller) {
  const Folder folder;
  for (const std::string& path :
       {folder.path + "/missing", folder.path, folder.path + "/a/b", std::string("/dev/zero"), std::string(5000, 'x')}) {
    const Checked<std::string> bytes = read_file(path, 100);
    ASSERT_FALSE(bytes) << path;
    EXPECT_EQ(bytes.error().at(0).code, ExitCode::usage);
  }
}

TEST(TextFile, reads_up_to_the_cap_and_no_further) {
  const Folder folder;
  ASSERT_TRUE(write_file(folder.path + "/a", std::string(100'000, 'x')));
  EXPECT_EQ(read_file(folder.path + "/a", 100'000)->size(), 100'000u);
  EXPECT_FALSE(read_file(folder.path + "/a", 99'999));
}

TEST(TextFile, leaves_the_old_file_and_nothing_else_when_the_disk_is_full) {
  const Folder folder;
  const std::string path = folder.path + "/a";
  ASSERT_TRUE(write_file(path, "old"));
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const Checked<void> written = write_file(path, std::string(100'000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().at(0).code, ExitCode::environment);
  EXPECT_EQ(read_file(path, 100).value(), "old");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(TextFile, writes_through_devices_and_never_replaces_them) {
  EXPECT_TRUE(write_file("/dev/null", "x"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  const Checked<void> written = write_file("/dev/full", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(to_string(written.error()[0]), "/dev/full: cannot be written: No space left on device");
  EXPECT_EQ(written.error()[0].code, ExitCode::environment);
}

TEST(TextFile, prepares_a_directory_or_says_why_it_cannot) {
  const Folder folder;
  EXPECT_TRUE(prepare_directory(folder.path + "/a/b/c"));
  EXPECT_TRUE(prepare_directory(folder.path + "/a/b/c"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path + "/a/b/c"));
  ASSERT_TRUE(write_file(folder.path + "/file", ""));
  for (const std::string& path : {folder.path + "/file", folder.path + "/file/below", std::string("/proc/none")}) {
    const Checked<void> prepared = prepare_directory(path);
    ASSERT_FALSE(prepared) << path;
    EXPECT_EQ(prepared.error().at(0).code, ExitCode::environment);
  }
}

}  // namespace
}  // namespace phasebit::scenarios
