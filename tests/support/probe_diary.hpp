// A listener of a probe that only writes down what it hears.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/driver/probe_listener.hpp"

namespace phasebit::testing {

using Lines = std::vector<std::string>;

/// Writes down what it hears: "found 1", "attached 1", ... The number is that of the device, or of the bus where each drive has its own.
class ProbeDiary final : public driver::ProbeListener {
 public:
  bool found(const PciFunction& function, driver::Options& options) override {
    note("found", function);
    if (changes_options) {
      options.io_queues_max = 1;
    }
    return number(function) != declines;
  }
  void begun(const PciFunction&, driver::AnyDriver&) override { ++begun_count; }
  void attached(const PciFunction& function, driver::AnyDriver&) override { note("attached", function); }
  void failed(const PciFunction& function, const driver::AttachFailure& failure) override {
    note("failed", function);
    last_failure = failure;
    last_why = failure.why;
  }
  void removal_asked(const PciFunction& function, driver::AnyDriver&) override { note("removal asked", function); }
  bool ended(const PciFunction& function, driver::AnyDriver& ended) override {
    if (keeps) {
      return false;
    }
    ++ended_count;
    note(ended.state() == driver::State::detached ? "detached" : ended.state() == driver::State::gone ? "gone" : "lost", function);
    return true;
  }

  Lines take() { return std::exchange(lines, {}); }

  Lines lines;
  driver::AttachFailure last_failure;
  std::string last_why;
  std::uint32_t begun_count = 0;
  std::uint32_t ended_count = 0;
  std::uint8_t declines = 255;
  bool changes_options = false;
  bool keeps = false;  ///< drivers that have ended

 private:
  static int number(const PciFunction& function) { return function.address.bus + function.address.device; }
  void note(const std::string& what, const PciFunction& function) { lines.push_back(what + " " + std::to_string(number(function))); }
};

}  // namespace phasebit::testing
