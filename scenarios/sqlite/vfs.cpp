#include "scenarios/sqlite/vfs.hpp"

#include <sqlite3.h>

#include <cstring>
#include <string_view>

#include "src/base/random.hpp"

namespace phasebit::scenarios {

struct SqliteVfs::State {
  FileStore* store;
  Random random;
  sqlite3_vfs vfs;
  sqlite3_int64 clock_ms;
};

namespace {

struct OpenFile {
  sqlite3_file base;  // first: SQLite sees only this
  FileStore* store;
  StoreFile file;
};

OpenFile& opened(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}
SqliteVfs::State& state_of(sqlite3_vfs* vfs) {
  return *static_cast<SqliteVfs::State*>(vfs->pAppData);
}

StoreFile file_named(std::string_view path) {
  if (path.ends_with("-journal")) {
    return StoreFile::journal;
  }
  return path.ends_with("-wal") ? StoreFile::wal : StoreFile::database;
}

int close_file(sqlite3_file*) {
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset) {
  auto& f = opened(file);
  const auto read =
      f.store->read(f.file, static_cast<std::uint64_t>(offset), {static_cast<std::byte*>(into), static_cast<std::size_t>(bytes)});
  if (!read) {
    return SQLITE_IOERR_READ;
  }
  return *read == static_cast<std::size_t>(bytes) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  auto& f = opened(file);
  const auto written =
      f.store->write(f.file, static_cast<std::uint64_t>(offset), {static_cast<const std::byte*>(from), static_cast<std::size_t>(bytes)});
  if (written) {
    return SQLITE_OK;
  }
  return written.error() == Errc::too_large ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 bytes) {
  opened(file).store->truncate(opened(file).file, static_cast<std::uint64_t>(bytes));
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  return opened(file).store->sync(opened(file).file) ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

int file_size(sqlite3_file* file, sqlite3_int64* bytes) {
  *bytes = static_cast<sqlite3_int64>(opened(file).store->size_bytes(opened(file).file));
  return SQLITE_OK;
}

// One connection in one process: every lock is free.
int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}
int check_reserved_lock(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

/// The largest size that SQLite has a name for and that one write leaves whole when power is lost: never more than the device says.
std::uint32_t whole_bytes(sqlite3_file* file) {
  const std::uint32_t atomic = opened(file).store->device().atomic_write_bytes();
  std::uint32_t bytes = 512;
  while (bytes < 65536 && bytes * 2 <= atomic) {
    bytes *= 2;
  }
  return bytes;
}

/// What a torn write may have changed is a number of these, from its beginning on.
int sector_size(sqlite3_file* file) {
  return static_cast<int>(whole_bytes(file));
}

/// A block is never torn and a partial write rewrites its block whole, hence POWERSAFE_OVERWRITE whatever AWUPF says. Files begin at a
/// block, and the store makes one command of a write that is aligned to its size: what AWUPF covers is atomic.
int device_characteristics(sqlite3_file* file) {
  int flags = SQLITE_IOCAP_POWERSAFE_OVERWRITE;
  for (std::uint32_t bytes = 512; bytes <= whole_bytes(file); bytes *= 2) {
    flags |= SQLITE_IOCAP_ATOMIC512 * static_cast<int>(bytes / 512);
  }
  return flags;
}

constexpr sqlite3_io_methods io_methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = lock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  if (path == nullptr) {
    return SQLITE_CANTOPEN;  // a temporary file; temp_store=MEMORY keeps SQLite from asking
  }
  auto& f = opened(file);
  f.store = state_of(vfs).store;
  f.file = file_named(path);
  if (!f.store->exists(f.file)) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) {
      return SQLITE_CANTOPEN;
    }
    f.store->create(f.file);
  }
  if (out_flags != nullptr) {
    *out_flags = flags;
  }
  file->pMethods = &io_methods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int) {
  auto& store = *state_of(vfs).store;
  const StoreFile file = file_named(path);
  if (!store.exists(file)) {
    return SQLITE_IOERR_DELETE_NOENT;
  }
  return store.remove(file) ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

int access_file(sqlite3_vfs* vfs, const char* path, int, int* result) {
  *result = state_of(vfs).store->exists(file_named(path)) ? 1 : 0;
  return SQLITE_OK;
}

int full_pathname(sqlite3_vfs*, const char* path, int out_bytes, char* out) {
  sqlite3_snprintf(out_bytes, out, "%s", path);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int bytes, char* out) {
  for (int i = 0; i < bytes; ++i) {
    out[i] = static_cast<char>(state_of(vfs).random.next());
  }
  return bytes;
}

int sleep_not(sqlite3_vfs*, int) {
  return 0;
}

int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* out) {
  *out = state_of(vfs).clock_ms;
  return SQLITE_OK;
}

int current_time(sqlite3_vfs* vfs, double* out) {
  *out = static_cast<double>(state_of(vfs).clock_ms) / 86400000.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

sqlite3_vfs make_vfs(SqliteVfs::State* state) {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 256;
  vfs.zName = "phasebit";
  vfs.pAppData = state;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_pathname;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep_not;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = current_time_ms;
  return vfs;
}

constexpr sqlite3_int64 fixed_julian_day_ms = 212'641'459'200'000;  // 2026-01-01 00:00 as a Julian day number in milliseconds

}  // namespace

SqliteVfs::SqliteVfs(FileStore& store, std::uint64_t seed)
    : state_(std::make_unique<State>(State{&store, Random(keyed(seed, 0x5051)), {}, fixed_julian_day_ms})) {
  sqlite3_initialize();
  state_->vfs = make_vfs(state_.get());
  sqlite3_vfs_register(&state_->vfs, 1);
  sqlite3_randomness(0, nullptr);  // SQLite's generator is the process's: seed it anew from ours
}

SqliteVfs::~SqliteVfs() {
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_randomness(0, nullptr);
}

const char* SqliteVfs::vfs_name() const {
  return state_->vfs.zName;
}

}  // namespace phasebit::scenarios
