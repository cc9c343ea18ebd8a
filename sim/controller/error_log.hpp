// Error Information: the last errors, newest first (Base 2.0 §5.16.1.2).
#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "sim/controller/command.hpp"
#include "sim/controller/drive_options.hpp"
#include "sim/stream/digest.hpp"
#include "src/spec/log_pages.hpp"

namespace phasebit::sim {

/// Keeps as many entries as Identify says (ELPE). Survives resets; a power cut loses the entries, not the count.
class ErrorLog {
 public:
  /// With the entries that the options begin with.
  ErrorLog(const DriveOptions& options, std::pmr::memory_resource* memory);

  /// A command failed with `status`; `lba` is the first block in question, 0 if there is none.
  void add(const Command& command, spec::Status status, std::uint64_t lba);
  /// An error of no command: SQID and CID are FFFFh.
  void add(spec::Status status);

  /// All entries of the page, newest first; unused ones are zeroes.
  const spec::ErrorLogEntry& entry(std::size_t index) const;
  std::uint32_t entries_max() const { return entries_max_; }
  std::uint64_t count() const { return count_; }
  void lose_entries() { entries_.clear(); }

  void fingerprint(Hasher& hasher) const;

 private:
  void push(spec::ErrorLogEntry entry);

  std::pmr::vector<spec::ErrorLogEntry> entries_;  ///< oldest first
  std::uint32_t entries_max_;
  std::uint64_t count_;
};

}  // namespace phasebit::sim
