// Where the device finds an address of the process.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// An address for the device, and how many bytes from there on follow one another for host and device alike.
struct Translation {
  Iova iova;
  std::uint64_t bytes = 0;  ///< never 0

  friend bool operator==(const Translation&, const Translation&) = default;
};

/// Ranges of addresses, exact to the byte, each with the IOVA of its first byte. Any 64-bit address has a place, to the last one.
///
/// A table by page, as SPDK's of 2 MiB pages, would take one load and be written page by page; it could not tell two ranges that share a
/// page from each other. Here the ranges themselves are kept, sorted: a look takes log2 of their number of steps, whatever their size.
///
/// One thread at a time may set and clear. Any number may translate meanwhile, without a lock and without writing anything: there are two
/// copies, of which the writer changes the one that `turn_` sends no reader to. A reader whose turn is over when it ends looks again.
class MemoryMap {
 public:
  MemoryMap();
  MemoryMap(const MemoryMap&) = delete;
  MemoryMap& operator=(const MemoryMap&) = delete;
  ~MemoryMap() = default;

  /// Errors: invalid_argument for no bytes, for bytes beyond the last address, and for a range that overlaps one that is set.
  Result<void> set(std::uint64_t address, std::uint64_t bytes, Iova iova);

  /// Takes exactly one range away that was set. Errors: not_found for any other.
  Result<void> clear(std::uint64_t address, std::uint64_t bytes);

  /// What `address` is for the device, and how many of the `bytes` from there on are contiguous; they may lie in several ranges that adjoin
  /// on both sides. Nothing if no range holds the address, and for no bytes. Threads: any.
  std::optional<Translation> translate(std::uint64_t address, std::uint64_t bytes) const;

  std::size_t ranges() const { return copies_[0].load()->count.load(); }

 private:
  /// Atomics, since a reader may look while they change; it then forgets what it saw.
  struct Range {
    std::atomic<std::uint64_t> address;
    std::atomic<std::uint64_t> bytes;
    std::atomic<std::uint64_t> iova;
  };

  /// By address. A copy that was outgrown is kept, since a reader may still be in it.
  struct Copy {
    explicit Copy(std::size_t most) : capacity(most), ranges(std::make_unique<Range[]>(most)) {}
    const std::size_t capacity;
    std::atomic<std::size_t> count = 0;  ///< never more than capacity
    std::unique_ptr<Range[]> ranges;
  };

  static void assign(Range& to, const Range& from);
  static std::size_t first_behind(const Copy& copy, std::uint64_t address);
  static std::optional<Translation> look(const Copy& copy, std::uint64_t address, std::uint64_t bytes);
  Copy& with_room(std::atomic<Copy*>& place);
  /// Does `change(place of the copy)` to one copy after the other, each while readers are in the other.
  template <class Change>
  void write(Change change);

  std::atomic<std::uint64_t> turn_ = 0;  ///< readers go to copies_[turn_ % 2]
  std::array<std::atomic<Copy*>, 2> copies_;
  std::vector<std::unique_ptr<Copy>> owned_;
};

}  // namespace phasebit::hw
