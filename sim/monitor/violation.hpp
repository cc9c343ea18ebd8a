// A rule that a host broke, and where.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/monitor/rule.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

/// The first offending access of a broken rule.
struct Violation {
  const Rule* rule = nullptr;
  std::uint64_t event_number = 0;  ///< in the stream
  Instant at;
  std::uint8_t drive = 0;
  std::string detail;  ///< what was done, with the numbers that show it
};

/// Collects violations of one event at a time.
class ViolationList {
 public:
  /// Where the next violations happen.
  void set_place(std::uint64_t event_number, Instant at, std::uint8_t drive) {
    event_number_ = event_number;
    at_ = at;
    drive_ = drive;
  }
  void set_drive(std::uint8_t drive) { drive_ = drive; }
  /// `id` must be in the table.
  void add(std::string_view id, std::string detail);

  const std::vector<Violation>& all() const { return all_; }
  /// How many accesses broke a rule, with those beyond the 1000 of each rule that are kept.
  std::uint64_t count() const { return count_; }

 private:
  std::vector<Violation> all_;
  std::map<const Rule*, std::uint64_t> counts_;  ///< is only looked up
  std::uint64_t count_ = 0;
  std::uint64_t event_number_ = 0;
  Instant at_;
  std::uint8_t drive_ = 0;
};

/// "0x" and the digits, for details.
std::string hex(std::uint64_t value);

}  // namespace phasebit::sim
