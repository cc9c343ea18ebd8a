// What the SQLite workload needs of a drive: blocks that are read, written and flushed, one call at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/base/error.hpp"
#include "src/base/strong.hpp"

namespace phasebit::scenarios {

/// A namespace used synchronously. Every call returns when its command has completed; after a power cut each fails with `device_gone`.
class BlockDevice {
 public:
  virtual ~BlockDevice() = default;

  virtual std::uint32_t block_bytes() const = 0;
  virtual std::uint64_t block_count() const = 0;
  /// A call of `write` with so many bytes or fewer lands whole or not at all when power is lost, at whatever block it begins: at least a
  /// block, at most AWUPF + 1 of them.
  virtual std::uint32_t atomic_write_bytes() const = 0;

  /// `data` is a whole number of blocks.
  virtual Result<void> read(Lba first, std::span<std::byte> data) = 0;
  /// With `force_unit_access` the data is durable on return.
  virtual Result<void> write(Lba first, std::span<const std::byte> data, bool force_unit_access) = 0;
  /// All that was written before is durable on return.
  virtual Result<void> flush() = 0;
};

}  // namespace phasebit::scenarios
