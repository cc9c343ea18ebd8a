// Many reads at once on a drive's channel, and an account of what came back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/random.hpp"
#include "src/cli/validate/drive_access.hpp"

namespace phasebit::cli {

/// Reads of 4 KiB, or of a block where that is more, at places that are scattered, and the same each time; each has a tag of its own, and
/// memory is given back only by the owner of the load, once all have come back.
class ReadLoad {
 public:
  /// `memory` has io_bytes for each read.
  ReadLoad(DriveAccess& drive, const driver::Namespace& space, const DmaRegion& memory);

  static std::uint64_t io_bytes(const driver::Namespace& space);

  /// Offers all reads; false if the driver does not take them all.
  bool submit();
  void reap();
  /// Goes on until all that were submitted have come back.
  void finish();

  std::uint64_t submitted() const { return submitted_; }
  bool has_ended() const { return ended_ == submitted_; }
  std::uint64_t ended_as(driver::Outcome outcome) const { return by_outcome_[static_cast<std::size_t>(outcome)]; }
  /// A tag came back that was not out.
  bool has_stranger() const { return strangers_ != 0; }
  /// "61 ok, 3 aborted".
  std::string text() const;

 private:
  DriveAccess& drive_;
  driver::Namespace space_;
  DmaRegion memory_;
  Random random_;
  std::vector<bool> is_out_;  ///< by tag
  std::array<std::uint64_t, 8> by_outcome_{};
  std::uint64_t submitted_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t strangers_ = 0;
};

}  // namespace phasebit::cli
