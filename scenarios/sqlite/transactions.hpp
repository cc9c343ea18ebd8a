// The transactions of the SQLite workload, drawn from a seed, and what the database must hold after each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

namespace phasebit::scenarios {

/// One transaction: its statements, without BEGIN and COMMIT.
using Transaction = std::vector<std::string>;

/// Transaction 0 makes the schema (a table and an index); each of the `count` others inserts, updates and deletes a few rows.
std::vector<Transaction> draw_transactions(std::uint64_t seed, std::uint32_t count);

/// A digest of all rows, in the order of the primary key, and again in the order of the index. 0 while the table does not exist.
/// Empty on an SQLite error.
struct ContentDigest {
  bool valid = false;
  std::uint64_t value = 0;
};
ContentDigest content_digest(sqlite3* database);

/// What content_digest gives before transaction 0 and after each of `transactions`, computed by SQLite in memory:
/// element k holds after k transactions.
std::vector<std::uint64_t> expected_digests(const std::vector<Transaction>& transactions);

}  // namespace phasebit::scenarios
