// A SQLite database on a block device: run transactions until done or the power goes, then open it again and judge.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/sqlite/block_device.hpp"
#include "scenarios/sqlite/transactions.hpp"

namespace phasebit::scenarios {

/// How commits are made durable.
enum class SqliteJournal : std::uint8_t { delete_journal /* synchronous=EXTRA */, wal /* synchronous=FULL */ };

struct SqliteSettings {
  std::uint64_t seed = 0;
  SqliteJournal journal = SqliteJournal::delete_journal;
  std::uint32_t page_bytes = 4096;             ///< 512 to 65536, a power of two
  std::uint32_t wal_autocheckpoint_pages = 8;  ///< small, so that checkpoints fall into the run
};

/// What the application knows when it has stopped.
struct SqliteProgress {
  std::uint32_t committed = 0;    ///< transactions whose COMMIT returned
  bool commit_in_flight = false;  ///< the next COMMIT was asked for and did not return
  std::string error;              ///< SQLite's first error; empty if all were committed
};

/// Opens (or makes) the database on `device` and commits transactions [first, end); stops at the first error.
SqliteProgress run_transactions(BlockDevice& device, const SqliteSettings& settings, const std::vector<Transaction>& transactions,
                                std::uint32_t first = 0);

/// Opens the database as after a restart, and says what is wrong with it: SQLite's recovery and integrity_check must succeed, every
/// committed transaction must be there and no half of another. Empty if all is well.
std::string judge_database(BlockDevice& device, const SqliteSettings& settings, const std::vector<std::uint64_t>& expected,
                           const SqliteProgress& progress);

}  // namespace phasebit::scenarios
