// SQLite's view of a FileStore: a VFS whose every call becomes block commands.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "scenarios/sqlite/file_store.hpp"

struct sqlite3;
struct sqlite3_vfs;

namespace phasebit::scenarios {

/// Registers a VFS over `store` for its lifetime, as the process's default, so that SQLite's own random numbers and clock come
/// from `seed` too: the same seed gives the same bytes on the drive. One at a time in a process.
class SqliteVfs {
 public:
  SqliteVfs(FileStore& store, std::uint64_t seed);
  ~SqliteVfs();
  SqliteVfs(const SqliteVfs&) = delete;
  SqliteVfs& operator=(const SqliteVfs&) = delete;

  /// The name to give to sqlite3_open_v2.
  const char* vfs_name() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace phasebit::scenarios
