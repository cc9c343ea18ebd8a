#include "scenarios/sqlite/sqlite_run.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "scenarios/sqlite/file_store.hpp"
#include "scenarios/sqlite/vfs.hpp"
#include "src/base/random.hpp"

namespace phasebit::scenarios {
namespace {

/// A connection that remembers its first error.
class Connection {
 public:
  Connection(const SqliteVfs& vfs, const SqliteSettings& settings) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    note(sqlite3_open_v2("accounts", &database_, flags, vfs.vfs_name()), "open");
    run(fmt::format("PRAGMA page_size = {}", settings.page_bytes));
    run("PRAGMA temp_store = MEMORY");
    run("PRAGMA locking_mode = EXCLUSIVE");
    const bool wal = settings.journal == SqliteJournal::wal;
    run(wal ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE");
    run(wal ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = EXTRA");
    run(fmt::format("PRAGMA wal_autocheckpoint = {}", settings.wal_autocheckpoint_pages));
    run("PRAGMA cache_size = 10");  // pages: dirty pages spill before the commit, too
  }
  ~Connection() { sqlite3_close(database_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool run(const std::string& statement) {
    return error_.empty() && note(sqlite3_exec(database_, statement.c_str(), nullptr, nullptr, nullptr), statement);
  }
  const std::string& error() const { return error_; }
  sqlite3* get() { return database_; }

 private:
  bool note(int code, const std::string& what) {
    if (code != SQLITE_OK && error_.empty()) {
      error_ = fmt::format("{}: {} ({})", what, sqlite3_errmsg(database_), sqlite3_extended_errcode(database_));
    }
    return code == SQLITE_OK;
  }

  sqlite3* database_ = nullptr;
  std::string error_;
};

bool run_statements(Connection& connection, const Transaction& transaction) {
  return connection.run("BEGIN IMMEDIATE") &&
         std::all_of(transaction.begin(), transaction.end(), [&](const std::string& statement) { return connection.run(statement); });
}

std::string integrity_of(sqlite3* database) {
  std::string answer;
  const auto collect = [](void* into, int, char** columns, char**) {
    *static_cast<std::string*>(into) += columns[0] != nullptr ? columns[0] : "NULL";
    return 0;
  };
  if (sqlite3_exec(database, "PRAGMA integrity_check", collect, &answer, nullptr) != SQLITE_OK) {
    return fmt::format("integrity_check failed: {}", sqlite3_errmsg(database));
  }
  return answer == "ok" ? "" : "integrity_check says: " + answer;
}

std::string judge_content(sqlite3* database, const std::vector<std::uint64_t>& expected, const SqliteProgress& progress) {
  const ContentDigest digest = content_digest(database);
  if (!digest.valid) {
    return fmt::format("the rows cannot be read: {}", sqlite3_errmsg(database));
  }
  if (digest.value == expected[progress.committed] || (progress.commit_in_flight && digest.value == expected[progress.committed + 1])) {
    return {};
  }
  const auto found = std::find(expected.begin(), expected.end(), digest.value);
  if (found == expected.end()) {
    return fmt::format("the rows are those of no transaction boundary ({} were committed)", progress.committed);
  }
  return fmt::format("the rows are those after {} transactions, but {} were reported committed{}", found - expected.begin(),
                     progress.committed, progress.commit_in_flight ? " and one was in flight" : "");
}

}  // namespace

SqliteProgress run_transactions(BlockDevice& device, const SqliteSettings& settings, const std::vector<Transaction>& transactions,
                                std::uint32_t first) {
  SqliteProgress progress{first, false, {}};
  FileStore store(device);
  if (const auto mounted = store.mount(); !mounted) {
    progress.error = fmt::format("mount: {}", name(mounted.error()));
    return progress;
  }
  SqliteVfs vfs(store, settings.seed);
  Connection connection(vfs, settings);
  for (std::uint32_t n = first; n < transactions.size(); ++n) {
    if (!run_statements(connection, transactions[n])) {
      break;
    }
    progress.commit_in_flight = true;
    if (!connection.run("COMMIT")) {
      break;
    }
    progress.commit_in_flight = false;
    ++progress.committed;
  }
  progress.error = connection.error();
  return progress;
}

std::string judge_database(BlockDevice& device, const SqliteSettings& settings, const std::vector<std::uint64_t>& expected,
                           const SqliteProgress& progress) {
  FileStore store(device);
  if (const auto mounted = store.mount(); !mounted) {
    return fmt::format("the file store cannot be mounted: {}", name(mounted.error()));
  }
  SqliteVfs vfs(store, keyed(settings.seed, 1));
  Connection connection(vfs, settings);
  if (!connection.error().empty()) {
    return "the database does not open: " + connection.error();
  }
  std::string verdict = integrity_of(connection.get());
  return verdict.empty() ? judge_content(connection.get(), expected, progress) : verdict;
}

}  // namespace phasebit::scenarios
