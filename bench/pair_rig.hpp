// A queue pair that is live on a null device, and the batches that benchmarks push through it.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "bench/null_backend.hpp"
#include "src/driver/prp.hpp"
#include "src/driver/queue_pair.hpp"

namespace phasebit::bench {

/// Reads of one size, `depth` at a time, each with its own buffer and PRP list. The queue pair is made by hand, so that nothing but push,
/// ring and reap is measured.
class PairRig {
 public:
  static constexpr std::uint32_t depth_max = 512;

  /// `transfer_bytes` is a multiple of the block size, 1 MiB at most; `depth` at most depth_max.
  PairRig(std::uint32_t transfer_bytes, std::uint32_t depth);

  /// Describes and pushes `depth` reads and rings once. Never inlined: callgrind counts by its name.
  [[gnu::noinline]] void submit();
  /// Everything that the device has to do.
  [[gnu::noinline]] void device() { backend_.device().step(); }
  /// Takes the batch's completions; returns how many there were.
  [[gnu::noinline]] std::uint32_t reap();

  std::uint32_t depth() const { return depth_; }

 private:
  struct Transfer {
    driver::Extent buffer;
    driver::PrpListMemory list;
  };

  void enable();
  void admin_command(spec::Sqe sqe);
  driver::QueueSetup io_queues();

  NullBackend backend_;
  std::uint32_t transfer_bytes_;
  std::uint32_t depth_;
  DmaRegion admin_sq_ = *backend_.allocate_dma(4096);
  DmaRegion admin_cq_ = *backend_.allocate_dma(4096);
  std::uint32_t admin_tail_ = 0;
  driver::SubmissionSetup submission_;
  driver::QueuePair<NullBackend> pair_;
  std::vector<Transfer> transfers_;
  std::vector<driver::Completion> completions_;
  std::uint64_t next_block_ = 0;
};

}  // namespace phasebit::bench
