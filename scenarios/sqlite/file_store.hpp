// Three files on raw logical blocks, laid out so that a power cut leaves each as it was after its last sync.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scenarios/sqlite/block_device.hpp"
#include "src/base/error.hpp"

namespace phasebit::scenarios {

/// The files that SQLite keeps for one database.
enum class StoreFile : std::uint8_t { database = 0, journal = 1, wal = 2 };
inline constexpr std::size_t store_file_count = 3;

/// Blocks 0 and 1 hold two copies of the directory (which file exists, how long it is), written in turn with a sequence number and a
/// checksum, each with FUA. Behind them each file has an area of its own: half of the rest for the database, a quarter each for journal and
/// WAL. Data is made durable by a Flush before the directory entry that names it.
class FileStore {
 public:
  static constexpr std::uint64_t directory_blocks = 2;
  /// Of a device: 64 for each quarter.
  static constexpr std::uint64_t blocks_min = directory_blocks + 4 * std::uint64_t{64};

  explicit FileStore(BlockDevice& device) : device_(device) {}

  /// Reads the directory; a device with no valid copy holds no files. `too_large` if the device is smaller than `blocks_min`.
  Result<void> mount();

  bool exists(StoreFile file) const { return entry(file).exists; }
  std::uint64_t size_bytes(StoreFile file) const { return entry(file).bytes; }

  /// The file exists from now on; durable with its first sync.
  void create(StoreFile file);
  /// Fills `data` from `offset`; what lies behind the end reads as zeroes. Returns the bytes that lay before the end.
  Result<std::size_t> read(StoreFile file, std::uint64_t offset, std::span<std::byte> data);
  /// Grows the file as needed; `too_large` beyond its area. Bytes between the old end and `offset` are zeroes.
  Result<void> write(StoreFile file, std::uint64_t offset, std::span<const std::byte> data);
  /// Shortens the file; durable with its next sync. A longer size is ignored.
  void truncate(StoreFile file, std::uint64_t bytes);
  /// Everything written to the file, and its length, is durable on return.
  Result<void> sync(StoreFile file);
  /// The file is gone, durably, on return.
  Result<void> remove(StoreFile file);

  BlockDevice& device() { return device_; }

 private:
  struct Entry {
    bool exists = false;
    std::uint64_t bytes = 0;
    bool operator==(const Entry&) const = default;
  };
  using Entries = std::array<Entry, store_file_count>;

  Entry& entry(StoreFile file) { return now_[static_cast<std::size_t>(file)]; }
  const Entry& entry(StoreFile file) const { return now_[static_cast<std::size_t>(file)]; }
  Lba first_block(StoreFile file) const;
  std::uint64_t capacity_bytes(StoreFile file) const;

  Result<void> read_directory(unsigned copy);
  Result<void> publish(StoreFile file);
  Result<void> extend_with_zeroes(StoreFile file, std::uint64_t to);
  Result<void> store(StoreFile file, std::uint64_t offset, std::span<const std::byte> data);
  Result<void> load_block(StoreFile file, std::uint64_t block, std::span<std::byte> into);

  BlockDevice& device_;
  Entries now_{};      ///< as the file's user sees it
  Entries durable_{};  ///< as the newest directory copy says
  std::uint64_t sequence_ = 0;
  std::vector<std::byte> scratch_;
};

}  // namespace phasebit::scenarios
