#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "scenarios/sqlite/file_store.hpp"
#include "scenarios/sqlite/sqlite_run.hpp"
#include "tests/support/crashing_disk.hpp"
#include "tests/support/slow_build.hpp"

namespace phasebit::scenarios {
namespace {

using tests::CrashingDisk;
using tests::is_slow_build;

constexpr std::uint64_t disk_bytes = 512ull * 1024;
constexpr std::uint64_t disk_blocks = disk_bytes / 512;

struct CutReport {
  std::uint64_t cuts = 0;
  std::uint64_t outcomes = 0;
  std::uint64_t objections = 0;
  std::string first_objection;
};

struct DiskKind {
  std::uint32_t block_bytes = 512;
  std::uint32_t atomic_blocks = 1;
  bool flush_lies = false;
};

/// Cuts at each write and flush of the run (in a slow build at every third), from the first on; stops early once `objections_wanted`
/// databases were objected to.
CutReport cut_everywhere(const SqliteSettings& settings, const DiskKind& kind, std::uint64_t objections_wanted = ~0ull) {
  const auto transactions = draw_transactions(settings.seed, 8);
  const auto expected = expected_digests(transactions);
  CutReport report;
  for (std::uint64_t cut = 0; report.objections < objections_wanted; cut += is_slow_build ? 3 : 1) {
    CrashingDisk disk(kind.block_bytes, kind.block_bytes == 512 ? disk_blocks : 320);
    disk.cut_at = cut;
    disk.flush_lies = kind.flush_lies;
    disk.atomic_blocks = kind.atomic_blocks;
    const SqliteProgress progress = run_transactions(disk, settings, transactions);
    if (disk.operations <= cut) {
      EXPECT_EQ(progress.error, "");
      EXPECT_EQ(progress.committed, transactions.size());
      return report;
    }
    ++report.cuts;
    for (std::size_t outcome = 0; outcome < disk.outcome_count(); ++outcome) {
      CrashingDisk back = disk.after_cut(outcome);
      const std::string verdict = judge_database(back, settings, expected, progress);
      ++report.outcomes;
      if (!verdict.empty()) {
        ++report.objections;
        report.first_objection = report.first_objection.empty() ? verdict : report.first_objection;
      }
    }
  }
  return report;
}

TEST(Sqlite, keeps_every_committed_transaction_when_the_power_is_cut_at_each_write_and_flush) {
  for (const auto journal : {SqliteJournal::delete_journal, SqliteJournal::wal}) {
    for (const std::uint32_t block_bytes : {512u, 4096u}) {
      const CutReport report = cut_everywhere({.seed = 11, .journal = journal, .page_bytes = 1024}, {.block_bytes = block_bytes});
      EXPECT_EQ(report.objections, 0u) << report.first_objection << " journal " << static_cast<int>(journal) << " block " << block_bytes;
      EXPECT_GT(report.cuts, is_slow_build ? 16u : 50u);
      EXPECT_GT(report.outcomes, 4 * report.cuts);
    }
  }
}

TEST(Sqlite, keeps_them_where_several_blocks_land_whole) {
  for (const auto journal : {SqliteJournal::delete_journal, SqliteJournal::wal}) {
    for (const std::uint32_t atomic_blocks : {3u, 8u}) {
      const CutReport report = cut_everywhere({.seed = 11, .journal = journal, .page_bytes = 2048}, {.atomic_blocks = atomic_blocks});
      EXPECT_EQ(report.objections, 0u) << report.first_objection << " journal " << static_cast<int>(journal) << " unit " << atomic_blocks;
      EXPECT_GT(report.cuts, is_slow_build ? 16u : 50u);
    }
  }
}

TEST(Sqlite, is_caught_losing_transactions_on_a_drive_that_lies_about_flush) {
  for (const auto journal : {SqliteJournal::delete_journal, SqliteJournal::wal}) {
    const CutReport report = cut_everywhere({.seed = 11, .journal = journal, .page_bytes = 1024}, {.flush_lies = true}, 10);
    EXPECT_GE(report.objections, 10u) << "journal " << static_cast<int>(journal);
  }
}

TEST(Sqlite, writes_the_same_bytes_for_the_same_seed) {
  const auto transactions = draw_transactions(3, 8);
  std::vector<std::byte> images[2];
  for (auto& image : images) {
    CrashingDisk disk(512, disk_blocks);
    ASSERT_EQ(run_transactions(disk, {.seed = 3, .journal = SqliteJournal::wal}, transactions).error, "");
    image.resize(512 * disk_blocks);
    ASSERT_TRUE(disk.read(Lba{0}, image));
  }
  EXPECT_EQ(images[0], images[1]);
}

TEST(ExpectedDigests, differ_after_every_transaction) {
  auto digests = expected_digests(draw_transactions(5, 30));
  ASSERT_EQ(digests.size(), 32u);
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::adjacent_find(digests.begin(), digests.end()), digests.end());
}

std::vector<std::byte> bytes_of(std::size_t count, int value) {
  return std::vector<std::byte>(count, static_cast<std::byte>(value));
}

TEST(FileStore, reads_zeroes_in_a_gap_even_over_old_content) {
  CrashingDisk disk(512, disk_blocks);
  FileStore store(disk);
  ASSERT_TRUE(store.mount());
  store.create(StoreFile::database);
  ASSERT_TRUE(store.write(StoreFile::database, 0, bytes_of(3000, 0xee)));
  store.truncate(StoreFile::database, 100);
  ASSERT_TRUE(store.write(StoreFile::database, 2500, bytes_of(10, 0x11)));
  std::vector<std::byte> read(2510);
  ASSERT_EQ(store.read(StoreFile::database, 0, read).value(), 2510u);
  for (std::size_t i = 0; i < read.size(); ++i) {
    const int expected = i < 100 ? 0xee : i < 2500 ? 0 : 0x11;
    ASSERT_EQ(static_cast<int>(read[i]), expected) << i;
  }
}

TEST(FileStore, remembers_only_what_was_synced) {
  CrashingDisk disk(512, disk_blocks);
  FileStore store(disk);
  ASSERT_TRUE(store.mount());
  store.create(StoreFile::journal);
  ASSERT_TRUE(store.write(StoreFile::journal, 0, bytes_of(700, 1)));
  ASSERT_TRUE(store.sync(StoreFile::journal));
  ASSERT_TRUE(store.write(StoreFile::journal, 700, bytes_of(700, 2)));
  store.create(StoreFile::wal);
  FileStore again(disk);
  ASSERT_TRUE(again.mount());
  EXPECT_TRUE(again.exists(StoreFile::journal));
  EXPECT_EQ(again.size_bytes(StoreFile::journal), 700u);
  EXPECT_FALSE(again.exists(StoreFile::wal));
  ASSERT_TRUE(store.remove(StoreFile::journal));
  FileStore last(disk);
  ASSERT_TRUE(last.mount());
  EXPECT_FALSE(last.exists(StoreFile::journal));
}

TEST(FileStore, publishes_no_length_of_a_file_that_was_not_synced_with_another_that_was) {
  CrashingDisk disk(512, disk_blocks);
  FileStore store(disk);
  ASSERT_TRUE(store.mount());
  store.create(StoreFile::database);
  ASSERT_TRUE(store.write(StoreFile::database, 0, bytes_of(700, 1)));
  store.create(StoreFile::journal);
  ASSERT_TRUE(store.sync(StoreFile::journal));
  FileStore again(disk);
  ASSERT_TRUE(again.mount());
  EXPECT_TRUE(again.exists(StoreFile::journal));
  EXPECT_FALSE(again.exists(StoreFile::database));
}

TEST(FileStore, falls_back_to_the_older_directory_copy_if_the_newer_is_torn) {
  CrashingDisk disk(512, disk_blocks);
  FileStore store(disk);
  ASSERT_TRUE(store.mount());
  store.create(StoreFile::database);
  ASSERT_TRUE(store.write(StoreFile::database, 0, bytes_of(10, 1)));
  ASSERT_TRUE(store.sync(StoreFile::database));  // sequence 1, in block 1
  ASSERT_TRUE(store.write(StoreFile::database, 10, bytes_of(10, 1)));
  ASSERT_TRUE(store.sync(StoreFile::database));  // sequence 2, in block 0
  std::vector<std::byte> block(512);
  ASSERT_TRUE(disk.read(Lba{0}, block));
  block[40] ^= std::byte{1};
  ASSERT_TRUE(disk.write(Lba{0}, block, true));
  FileStore again(disk);
  ASSERT_TRUE(again.mount());
  EXPECT_EQ(again.size_bytes(StoreFile::database), 10u);
}

TEST(FileStore, refuses_a_write_beyond_its_area_and_a_device_that_is_too_small) {
  CrashingDisk disk(512, disk_blocks);
  FileStore store(disk);
  ASSERT_TRUE(store.mount());
  store.create(StoreFile::wal);
  EXPECT_EQ(store.write(StoreFile::wal, 512ull * disk_blocks / 4, bytes_of(1, 1)).error(), Errc::too_large);
  CrashingDisk small(512, 100);
  FileStore none(small);
  EXPECT_EQ(none.mount().error(), Errc::too_large);
}

}  // namespace
}  // namespace phasebit::scenarios
