// A model drive with two processes at it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

#include "tests/support/model_drive.hpp"
#include "tests/support/two_processes.hpp"

namespace phasebit::driver {

struct TwoProcessBench {
  explicit TwoProcessBench(const testing::ModelDriveOptions& options = {}) : drive(options) {}

  std::function<Instant(Instant)> pass() {
    return [this, now = Instant{}](Instant wake) mutable {
      now = std::min(std::max(wake, now + nanoseconds(100)), now + milliseconds(1));
      drive.now = now;
      drive.step();
      return now;
    };
  }
  /// Of the queues that exist, the admin queue's included.
  std::size_t queues() const { return drive.queues.submissions.size(); }
  /// I/O commands are fetched and never answered.
  void swallow_io() {
    drive.script = [](std::uint16_t qid, const spec::Sqe&) { return testing::Script{.drop = qid != 0}; };
  }
  bool bus_master() const { return drive.command().get(spec::pci::Command::bus_master); }
  std::string complaint() const {
    const auto all = drive.all_complaints();
    return all.empty() ? std::string{} : all.front();
  }

  testing::ModelDrive drive;
  testing::TwoProcesses processes{drive, pass()};
};

}  // namespace phasebit::driver
