// Reads that are out, and what comes back of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "hw/clock.hpp"
#include "src/driver/any_driver.hpp"

namespace phasebit::driver {

/// As many reads of 4 KiB as the memory holds, from the front of namespace 1 on. Each may end well, by a reset, or because the drive is
/// gone.
class ReadLoad {
 public:
  static constexpr std::uint32_t reads_max = 64;
  static constexpr std::uint64_t read_bytes = 4096;

  explicit ReadLoad(const DmaRegion& memory) {
    buffers_.reserve(reads_max);
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(reads_max, memory.bytes / read_bytes); ++i) {
      buffers_.push_back(memory.slice(i * read_bytes, read_bytes));
      operations_.push_back({.tag = i, .opcode = spec::NvmOpcode::read, .lba = Lba{i * 8}, .blocks = 8, .buffers = {&buffers_.back(), 1}});
    }
  }

  /// Offers what the driver has not taken yet.
  void submit(AnyDriver& driver, ChannelId channel) {
    out_ += driver.submit(channel, std::span(operations_).subspan(out_), hw::now()).accepted;
  }
  /// True once each that was taken has come back.
  bool reap(AnyDriver& driver, ChannelId channel) {
    std::array<OperationResult, reads_max> results;
    for (const auto& result : std::span(results).first(driver.reap(channel, hw::now(), results))) {
      const bool good = result.outcome == Outcome::ok;
      EXPECT_TRUE(good || result.outcome == Outcome::reset || result.outcome == Outcome::gone) << name(result.outcome);
      EXPECT_TRUE(ended_.insert(result.tag).second) << "twice";
      ok_ += good ? 1 : 0;
      reset_ += result.outcome == Outcome::reset ? 1 : 0;
    }
    return ended_.size() == out_;
  }
  std::uint32_t out() const { return out_; }
  std::uint32_t ok() const { return ok_; }
  std::uint32_t reset() const { return reset_; }

 private:
  std::vector<DmaRegion> buffers_;
  std::vector<Operation> operations_;
  std::uint32_t out_ = 0;
  std::uint32_t ok_ = 0;
  std::uint32_t reset_ = 0;
  std::set<std::uint64_t> ended_;
};

}  // namespace phasebit::driver
