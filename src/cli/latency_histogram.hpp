// Latencies by the thousand million in a few kilobytes: buckets that widen with the value, so that every percentile is exact to 1.6 per
// cent.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "src/base/time.hpp"

namespace phasebit::cli {

/// 64 buckets for each power of two; below 64 ns each nanosecond has its own.
class LatencyHistogram {
 public:
  void add(Duration latency) {
    ++counts_[bucket_of(latency.ns)];
    ++count_;
    sum_ns_ += latency.ns;
    min_ = std::min(min_, latency);
    max_ = std::max(max_, latency);
  }

  std::uint64_t count() const { return count_; }
  /// 0 without values, as are the next two.
  Duration min() const { return count_ == 0 ? Duration{} : min_; }
  Duration max() const { return max_; }
  Duration mean() const { return {count_ == 0 ? 0 : sum_ns_ / count_}; }

  /// The smallest value that `parts` of `whole` values do not exceed, rounded up to the end of its bucket; 0 without values.
  Duration percentile(std::uint64_t parts, std::uint64_t whole) const {
    const std::uint64_t wanted = std::max<std::uint64_t>(1, (count_ * parts + whole - 1) / whole);
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen >= wanted) {
        return std::min(Duration{last_of(bucket)}, max_);
      }
    }
    return max();
  }

 private:
  static constexpr unsigned fine_bits = 6;
  static constexpr std::uint64_t fine = 1u << fine_bits;

  static constexpr std::size_t bucket_of(std::uint64_t ns) {
    const unsigned width = static_cast<unsigned>(std::bit_width(ns));
    const unsigned octave = width > fine_bits ? width - fine_bits : 0;  // values of octave 0 and 1 are told apart one by one
    return octave == 0 ? ns : octave * fine + ((ns >> (octave - 1)) - fine);
  }
  /// The largest value that falls into the bucket.
  static constexpr std::uint64_t last_of(std::size_t bucket) {
    const std::uint64_t octave = bucket / fine;
    return octave == 0 ? bucket : ((bucket % fine + fine + 1) << (octave - 1)) - 1;
  }
  static constexpr std::size_t buckets = (64 - fine_bits + 1) * fine;

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
  Duration min_{~0ull};
  Duration max_{};
};

}  // namespace phasebit::cli
