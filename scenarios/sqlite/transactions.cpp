#include "scenarios/sqlite/transactions.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <xxhash.h>

#include "src/base/assert.hpp"
#include "src/base/random.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::uint64_t id_range = 200;

std::string draw_statement(Random& random) {
  const std::uint64_t id = random.below(id_range);
  const std::uint64_t amount = random.below(1'000'000);
  switch (random.below(8)) {
    case 0:
      return fmt::format("DELETE FROM account WHERE id = {}", id);
    case 1:
      return fmt::format("UPDATE account SET amount = amount + {} WHERE owner = 'owner{}'", amount, amount % 23);
    case 2:
      return fmt::format("UPDATE account SET note = hex(zeroblob({})) WHERE id = {}", random.below(1500), id);
    default:
      return fmt::format("INSERT OR REPLACE INTO account VALUES ({}, 'owner{}', {}, 'note {}')", id, amount % 23, amount, random.next());
  }
}

bool add_row(sqlite3_stmt* statement, XXH3_state_t* hash) {
  for (int column = 0; column < sqlite3_column_count(statement); ++column) {
    const auto* text = sqlite3_column_text(statement, column);
    const int bytes = sqlite3_column_bytes(statement, column);
    const auto length = static_cast<std::uint32_t>(bytes);
    const unsigned char prefix[4] = {static_cast<unsigned char>(length), static_cast<unsigned char>(length >> 8),
                                     static_cast<unsigned char>(length >> 16), static_cast<unsigned char>(length >> 24)};
    XXH3_64bits_update(hash, prefix, sizeof prefix);
    XXH3_64bits_update(hash, text, length);
  }
  return true;
}

bool add_rows(sqlite3* database, const char* query, XXH3_state_t* hash) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, query, -1, &statement, nullptr) != SQLITE_OK) {
    return false;
  }
  int step = sqlite3_step(statement);
  for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
    add_row(statement, hash);
  }
  return sqlite3_finalize(statement) == SQLITE_OK && step == SQLITE_DONE;
}

/// 1 or 0; -1 on an error.
int table_exists(sqlite3* database) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'account'", -1, &statement, nullptr) != SQLITE_OK) {
    return -1;
  }
  const int found = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
  return sqlite3_finalize(statement) == SQLITE_OK ? found : -1;
}

}  // namespace

std::vector<Transaction> draw_transactions(std::uint64_t seed, std::uint32_t count) {
  Random random(keyed(seed, 0x7478));
  std::vector<Transaction> transactions;
  transactions.push_back({"CREATE TABLE account(id INTEGER PRIMARY KEY, owner TEXT NOT NULL, amount INTEGER NOT NULL, note TEXT)",
                          "CREATE INDEX account_by_owner ON account(owner, amount)"});
  for (std::uint32_t n = 0; n < count; ++n) {
    Transaction transaction;
    const std::uint64_t statements = random.between(1, 6);
    for (std::uint64_t i = 0; i < statements; ++i) {
      transaction.push_back(draw_statement(random));
    }
    // A row that names the transaction: no two states of the database are ever alike.
    transaction.push_back(fmt::format("INSERT OR REPLACE INTO account VALUES ({}, 'counter', {}, NULL)", id_range, n + 1));
    transactions.push_back(std::move(transaction));
  }
  return transactions;
}

ContentDigest content_digest(sqlite3* database) {
  const int exists = table_exists(database);
  if (exists != 1) {
    return {exists == 0, 0};
  }
  XXH3_state_t* hash = XXH3_createState();
  XXH3_64bits_reset(hash);
  const bool read = add_rows(database, "SELECT id, owner, amount, note FROM account NOT INDEXED ORDER BY id", hash) &&
                    add_rows(database, "SELECT owner, amount FROM account INDEXED BY account_by_owner ORDER BY owner, amount, id", hash);
  const ContentDigest digest{read, XXH3_64bits_digest(hash)};
  XXH3_freeState(hash);
  return digest;
}

std::vector<std::uint64_t> expected_digests(const std::vector<Transaction>& transactions) {
  sqlite3* database = nullptr;
  PHASEBIT_ASSERT(sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) == SQLITE_OK);
  std::vector<std::uint64_t> digests{content_digest(database).value};
  for (const Transaction& transaction : transactions) {
    for (const std::string& statement : transaction) {
      PHASEBIT_ASSERT(sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    digests.push_back(content_digest(database).value);
  }
  sqlite3_close(database);
  return digests;
}

}  // namespace phasebit::scenarios
