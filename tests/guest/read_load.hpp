// Reads that are out, and what comes back of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "hw/clock.hpp"
#include "src/driver/any_driver.hpp"

namespace phasebit::driver {

/// As many reads of 4 KiB as the memory holds, from the front of namespace 1 on. Each may end well, by a reset, because the drive is gone,
/// or as the test says.
class ReadLoad {
 public:
  static constexpr std::uint32_t reads_max = 64;
  static constexpr std::uint64_t read_bytes = 4096;

  explicit ReadLoad(const DmaRegion& memory, std::set<Outcome> also = {}) : allowed_(std::move(also)) {
    allowed_.insert({Outcome::ok, Outcome::reset, Outcome::gone});
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
      EXPECT_TRUE(allowed_.contains(result.outcome)) << name(result.outcome);
      EXPECT_TRUE(ended_.emplace(result.tag, result).second) << "twice";
    }
    return ended_.size() == out_;
  }
  std::uint32_t out() const { return out_; }
  std::uint32_t ok() const { return count(Outcome::ok); }
  std::uint32_t reset() const { return count(Outcome::reset); }
  std::uint32_t count(Outcome outcome) const {
    return static_cast<std::uint32_t>(std::ranges::count_if(ended_, [&](const auto& entry) { return entry.second.outcome == outcome; }));
  }
  /// By tag, which is the read's place in the memory.
  const std::map<std::uint64_t, OperationResult>& ended() const { return ended_; }

 private:
  std::vector<DmaRegion> buffers_;
  std::vector<Operation> operations_;
  std::uint32_t out_ = 0;
  std::set<Outcome> allowed_;
  std::map<std::uint64_t, OperationResult> ended_;
};

}  // namespace phasebit::driver
