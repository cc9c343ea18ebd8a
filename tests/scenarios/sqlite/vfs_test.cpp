#include "scenarios/sqlite/vfs.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/crashing_disk.hpp"

namespace phasebit::scenarios {
namespace {

using tests::CrashingDisk;

constexpr int file_bytes = 256 * 1024;
constexpr char path[] = "accounts";

/// The database file of a store on a disk, used as SQLite uses it.
class File {
 public:
  explicit File(BlockDevice& disk) : store_(disk), mounted_(store_.mount()), vfs_(store_, 1) {
    sqlite3_vfs* const vfs = sqlite3_vfs_find(vfs_.vfs_name());
    memory_.resize(static_cast<std::size_t>(vfs->szOsFile));
    const int opened = vfs->xOpen(vfs, path, get(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB, nullptr);
    EXPECT_TRUE(mounted_ && opened == SQLITE_OK);
  }

  int sector_size() { return get()->pMethods->xSectorSize(get()); }
  int characteristics() { return get()->pMethods->xDeviceCharacteristics(get()); }
  bool claims_atomic(int bytes) { return (characteristics() & (SQLITE_IOCAP_ATOMIC512 * (bytes / 512))) != 0; }
  void write(int offset, int bytes, char letter) {
    const std::string text(static_cast<std::size_t>(bytes), letter);
    EXPECT_EQ(get()->pMethods->xWrite(get(), text.data(), bytes, offset), SQLITE_OK);
  }
  void sync() { EXPECT_EQ(get()->pMethods->xSync(get(), SQLITE_SYNC_FULL), SQLITE_OK); }
  std::string read() {
    std::string text(file_bytes, '?');
    EXPECT_EQ(get()->pMethods->xRead(get(), text.data(), file_bytes, 0), SQLITE_OK);
    return text;
  }

 private:
  sqlite3_file* get() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

  FileStore store_;
  Result<void> mounted_;
  SqliteVfs vfs_;
  std::vector<std::byte> memory_;
};

/// What the file holds after each thing that a cut may leave of one write over old content: 'a' is old, 'b' new.
std::vector<std::string> contents_after_cut(CrashingDisk& disk, int offset, int bytes) {
  {
    File file(disk);
    file.write(0, file_bytes, 'a');
    file.sync();
    file.write(offset, bytes, 'b');
  }
  std::vector<std::string> contents;
  for (std::size_t outcome = 0; outcome < disk.outcome_count(); ++outcome) {
    CrashingDisk back = disk.after_cut(outcome);
    contents.push_back(File(back).read());
  }
  EXPECT_TRUE(disk.flush());
  return contents;
}

bool is_all(const std::string& text, int offset, int bytes, char letter) {
  const std::string part = text.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(bytes));
  return std::all_of(part.begin(), part.end(), [&](char each) { return each == letter; });
}

bool is_untouched_elsewhere(const std::string& text, int offset, int bytes) {
  return is_all(text, 0, offset, 'a') && is_all(text, offset + bytes, file_bytes - offset - bytes, 'a');
}

/// The sizes that are claimed to be atomic and of which a cut left a half.
std::vector<int> torn_sizes(CrashingDisk& disk) {
  std::vector<int> torn;
  for (int bytes = 512; bytes <= 65536; bytes *= 2) {
    if (!File(disk).claims_atomic(bytes)) {
      continue;
    }
    for (const std::string& text : contents_after_cut(disk, bytes, bytes)) {
      const bool is_whole = is_all(text, bytes, bytes, 'a') || is_all(text, bytes, bytes, 'b');
      if (!is_whole && (torn.empty() || torn.back() != bytes)) {
        torn.push_back(bytes);
      }
    }
  }
  return torn;
}

int largest_claim(CrashingDisk& disk) {
  int largest = 0;
  for (int bytes = 512; bytes <= 65536; bytes *= 2) {
    largest = File(disk).claims_atomic(bytes) ? bytes : largest;
  }
  return largest;
}

struct Unit {
  std::uint32_t block_bytes;
  std::uint32_t atomic_blocks;
  int claim;
};
constexpr Unit units[] = {{512, 1, 512},      {512, 2, 1024},  {512, 3, 1024},  {512, 8, 4096},
                          {512, 1000, 65536}, {4096, 1, 4096}, {4096, 2, 8192}, {4096, 5, 16384}};

CrashingDisk disk_with(const Unit& unit) {
  CrashingDisk disk(unit.block_bytes, 1024 * 1024 / unit.block_bytes + 2);
  disk.atomic_blocks = unit.atomic_blocks;
  return disk;
}

TEST(Vfs, claims_sector_size_and_atomic_writes_of_what_AWUPF_covers) {
  for (const Unit& unit : units) {
    CrashingDisk disk = disk_with(unit);
    EXPECT_EQ(File(disk).sector_size(), unit.claim) << unit.block_bytes << " * " << unit.atomic_blocks;
    EXPECT_EQ(largest_claim(disk), unit.claim) << unit.block_bytes << " * " << unit.atomic_blocks;
  }
}

TEST(Vfs, claims_nothing_that_a_torn_write_breaks) {
  for (const Unit& unit : units) {
    CrashingDisk disk = disk_with(unit);
    EXPECT_EQ(torn_sizes(disk), std::vector<int>{}) << unit.block_bytes << " * " << unit.atomic_blocks;
  }
}

TEST(Vfs, would_be_caught_if_it_claimed_more_than_the_drive_keeps) {
  CrashingDisk disk = disk_with({512, 8, 4096});
  disk.torn_blocks = 4;
  EXPECT_EQ(torn_sizes(disk), std::vector<int>{4096});
  disk.torn_blocks = 1;
  EXPECT_EQ(torn_sizes(disk), (std::vector<int>{1024, 2048, 4096}));
}

TEST(Vfs, changes_no_byte_beside_an_overwrite_that_is_torn) {
  for (const Unit& unit : units) {
    CrashingDisk disk = disk_with(unit);
    ASSERT_NE(File(disk).characteristics() & SQLITE_IOCAP_POWERSAFE_OVERWRITE, 0);
    for (const auto& [offset, bytes] : {std::pair{100, 50}, {5000, 100}, {4090, 10}, {511, 9000}}) {
      for (const std::string& text : contents_after_cut(disk, offset, bytes)) {
        EXPECT_TRUE(is_untouched_elsewhere(text, offset, bytes)) << unit.block_bytes << " * " << unit.atomic_blocks << " at " << offset;
      }
    }
  }
}

}  // namespace
}  // namespace phasebit::scenarios
