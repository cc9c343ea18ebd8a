// The memory that a command points to, followed as a controller would (Base 2.0 §4.1.1), so that its addresses can be judged.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "scenarios/interpose/host_regions.hpp"
#include "scenarios/interpose/recorder.hpp"
#include "src/spec/command.hpp"
#include "src/spec/dataset_management.hpp"

namespace phasebit::scenarios {

/// What a command moves between host and device.
struct TracedTransfer {
  std::uint64_t bytes = 0;
  bool to_host = false;
};

/// Nothing for a command that moves no data by PRPs, or an amount that is not known from the entry alone. `block_bytes` is the named
/// namespace's, 0 if that is not known.
std::optional<TracedTransfer> transfer_of(Qid sqid, const spec::Sqe& sqe, std::uint32_t block_bytes);

/// Emits prp_entry for each address of a command, and dma_access for each piece of memory that it means. The device will touch the same
/// unless it refuses the command. Where an address is one that no device follows the trace ends. A list of ranges that is whole is told
/// too.
class TransferTrace {
 public:
  TransferTrace(Recorder& recorder, const HostRegions& regions) : recorder_(recorder), regions_(regions) {}

  void trace(Qid sqid, const spec::Sqe& sqe, const TracedTransfer& transfer, std::uint32_t page_bytes);

 private:
  struct Walk;

  void tell(Walk& walk, PrpRole role, std::uint64_t value);
  /// False if not all of it is mapped.
  bool touch(const Walk& walk, std::uint64_t address, std::uint64_t bytes, bool to_host);
  /// The same of the command's data, which is looked at if it is ranges.
  bool touch_data(const Walk& walk, std::uint64_t address, std::uint64_t bytes);
  void trace_data(Walk& walk, const spec::Sqe& sqe, std::uint64_t bytes);
  void trace_list(Walk& walk, std::uint64_t list, std::uint64_t bytes);
  void tell_ranges(Qid sqid, const spec::Sqe& sqe);

  Recorder& recorder_;
  const HostRegions& regions_;
  std::array<std::byte, sizeof(spec::DatasetRange) * spec::dataset_ranges_max> ranges_{};  ///< of the command that is traced
  std::size_t range_bytes_ = 0;                                                            ///< that were found of them
};

}  // namespace phasebit::scenarios
