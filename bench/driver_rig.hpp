// A whole driver on a null device, and the batches that benchmarks push through one of its channels.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/null_backend.hpp"
#include "src/driver/any_driver.hpp"

namespace phasebit::bench {

/// Reads of one size, `depth` at a time, as a user of the driver sends them: limits checked, cut into commands, described, with deadlines.
/// Time stands still but for a nanosecond each batch.
class DriverRig {
 public:
  static constexpr std::uint32_t depth_max = 512;

  /// Attaches and opens a channel. `transfer_bytes` is a multiple of the block size, 1 MiB at most; `depth` at most depth_max.
  DriverRig(std::uint32_t transfer_bytes, std::uint32_t depth);
  DriverRig(const DriverRig&) = delete;
  DriverRig& operator=(const DriverRig&) = delete;
  ~DriverRig();

  /// Submits `depth` reads in one batch. Never inlined: callgrind counts by its name.
  [[gnu::noinline]] void submit();
  /// Everything that the device has to do.
  [[gnu::noinline]] void device() { backend_.device().step(); }
  /// Takes the batch's results; returns how many there were.
  [[gnu::noinline]] std::uint32_t reap();

  std::uint32_t depth() const { return static_cast<std::uint32_t>(operations_.size()); }

 private:
  /// The control plane's and the device's turn, a little later.
  void turn();
  void run_until(driver::State state);

  NullBackend backend_;
  Instant now_{};
  driver::AnyDriver* driver_ = nullptr;
  driver::ChannelId channel_{};
  std::vector<DmaRegion> buffers_;
  std::vector<driver::Operation> operations_;
  std::vector<driver::OperationResult> results_;
};

}  // namespace phasebit::bench
