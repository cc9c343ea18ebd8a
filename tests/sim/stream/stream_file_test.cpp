#include "sim/stream/stream_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace phasebit::sim {
namespace {

namespace fs = std::filesystem;

/// A folder of this test alone, gone at its end.
struct Folder {
  fs::path path =
      fs::path(testing::TempDir()) / ("stream_file_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A file with `count` events.
std::string record(const Folder& folder, unsigned count) {
  Stream stream(std::pmr::get_default_resource());
  std::string path = folder.file("run.stream");
  StreamRecorder recorder(path, 42);
  stream.add_reader(recorder);
  for (unsigned i = 0; i < count; ++i) {
    stream.set_now(Instant{4ull * i});
    stream.append(make_event(EventKind::interrupt_raised, 0, 0, i));
  }
  EXPECT_EQ(recorder.finish(), "");
  return path;
}

TEST(StreamFile, gives_back_what_was_recorded) {
  const Folder folder;
  const auto read = read_stream_file(record(folder, 300));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->seed, 42u);
  ASSERT_EQ(read->events.size(), 300u);
  EXPECT_EQ(read->events[299].a, 299u);
  EXPECT_EQ(read->events[299].time, 1196u);
}

TEST(StreamFile, has_the_bytes_of_the_format_page) {
  const Folder folder;
  const std::string bytes = bytes_of(record(folder, 1));
  ASSERT_EQ(bytes.size(), 96u);
  EXPECT_EQ(bytes.substr(0, 8), "PBSTREAM");
  EXPECT_EQ(bytes.substr(8, 16), std::string("\x01\0\0\0\x20\0\0\0\x2a\0\0\0\0\0\0\0", 16));
  EXPECT_EQ(bytes.substr(32 + 8, 1), "\x33") << "interrupt_raised is 51";
  EXPECT_EQ(bytes.substr(64, 16), std::string("PBSTREND\x01\0\0\0\0\0\0\0", 16));
}

TEST(StreamFile, refuses_a_file_cut_off_anywhere) {
  const Folder folder;
  const std::string whole = bytes_of(record(folder, 3));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string path = folder.file("cut.stream");
    put(path, whole.substr(0, length));
    const auto read = read_stream_file(path);
    ASSERT_FALSE(read.has_value()) << length;
    EXPECT_TRUE(read.error().starts_with(path));
  }
}

TEST(StreamFile, refuses_any_changed_byte) {
  const Folder folder;
  const std::string whole = bytes_of(record(folder, 2));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    const bool means_nothing = (at >= 16 && at < 32) || at >= whole.size() - 8;  // the seed and what is zero
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    put(folder.file("changed.stream"), changed);
    EXPECT_EQ(read_stream_file(folder.file("changed.stream")).has_value(), means_nothing) << at;
  }
}

TEST(StreamFile, refuses_what_is_none_and_what_is_not_there) {
  const Folder folder;
  put(folder.file("text"), std::string(200, 'x'));
  EXPECT_EQ(read_stream_file(folder.file("text")).error(), folder.file("text") + ": not a stream file");
  EXPECT_NE(read_stream_file(folder.file("absent")).error().find("No such file"), std::string::npos);
}

TEST(StreamFile, leaves_nothing_when_it_is_not_finished) {
  const Folder folder;
  { StreamRecorder recorder(folder.file("run.stream"), 1); }
  EXPECT_TRUE(fs::is_empty(folder.path));
}

TEST(StreamFile, says_so_when_the_disk_is_full) {
  if (!fs::exists("/dev/full")) {
    GTEST_SKIP() << "there is no /dev/full here";  // skipped: only Linux has it
  }
  const Folder folder;
  fs::create_symlink("/dev/full", folder.file("run.stream.partial"));
  StreamRecorder recorder(folder.file("run.stream"), 1);
  recorder.on_event(0, Event{});
  EXPECT_NE(recorder.finish().find("No space left"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(folder.path));
}

TEST(StreamFile, says_so_when_the_folder_does_not_exist) {
  const Folder folder;
  StreamRecorder recorder(folder.file("none/run.stream"), 1);
  recorder.on_event(0, Event{});
  EXPECT_NE(recorder.finish().find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace phasebit::sim
