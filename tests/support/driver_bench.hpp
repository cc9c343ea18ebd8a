// A driver on a model drive, with a clock that jumps to whatever is due.
#pragma once

#include <array>
#include <functional>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/driver/make_any_driver.hpp"
#include "tests/support/model_drive.hpp"

namespace phasebit::testing {

class DriverBench {
 public:
  explicit DriverBench(const ModelDriveOptions& drive_options = {}, const driver::Options& options = quick()) : drive(drive_options) {
    attach(options);
  }
  DriverBench(const DriverBench&) = delete;
  DriverBench& operator=(const DriverBench&) = delete;
  ~DriverBench() {
    if (driver != nullptr && !is_over()) {
      drive.gone = true;
      run_until([&] { return is_over(); }, seconds(60));
    }
    if (driver != nullptr) {
      driver::destroy_any_driver(driver);
    }
  }

  static driver::Options quick() {
    driver::Options options;
    options.command_timeout = milliseconds(200);
    options.admin_timeout = milliseconds(100);
    options.abort_timeout = milliseconds(50);
    options.ready_timeout_floor = milliseconds(100);
    options.shutdown_timeout_floor = milliseconds(200);
    options.removal_grace = milliseconds(50);
    options.async_event_interval_min = milliseconds(10);
    return options;
  }

  void attach(const driver::Options& options) {
    const auto made = driver::make_driver(drive, options, std::pmr::new_delete_resource());
    driver = made ? *made : nullptr;
    problem = made ? driver::Problem::none : made.error();
  }

  bool is_over() const {
    const driver::State state = driver->state();
    return state == driver::State::detached || state == driver::State::failed || state == driver::State::gone;
  }
  bool is_ready() const { return driver->state() == driver::State::ready; }

  /// One turn of everybody; then time moves to what is due next, but at most a millisecond.
  void turn() {
    drive.now = now;
    drive.step();
    const Instant wake = driver->poll(now);
    drive.step();
    for (const driver::ChannelId channel : channels) {
      std::array<driver::OperationResult, 16> batch;
      const std::uint32_t count = driver->reap(channel, now, batch);
      results.insert(results.end(), batch.begin(), batch.begin() + count);
    }
    now = std::min(std::max(wake, now + nanoseconds(100)), now + milliseconds(1));
  }
  /// False if it did not come about in that time.
  bool run_until(const std::function<bool()>& done, Duration limit = seconds(120)) {
    const Instant end = now + limit;
    while (!done()) {
      if (now >= end) {
        return false;
      }
      turn();
    }
    return true;
  }
  bool run_until_ready() {
    return run_until([&] { return is_ready(); });
  }
  bool run_until_over() {
    return run_until([&] { return is_over(); });
  }
  void run_for(Duration time) {
    const Instant end = now + time;
    run_until([&] { return now >= end; }, time + time);
  }

  driver::ChannelId open_channel(const driver::ChannelOptions& options = {}) {
    const auto channel = driver->create_channel(options, now);
    channels.push_back(channel.value());
    return channels.back();
  }
  /// The result of an operation, once it has come back.
  std::optional<driver::OperationResult> result_of(std::uint64_t tag) const {
    std::optional<driver::OperationResult> found;
    for (const driver::OperationResult& result : results) {
      found = result.tag == tag ? std::optional(result) : found;
    }
    return found;
  }

  ModelDrive drive;
  driver::AnyDriver* driver = nullptr;
  driver::Problem problem = driver::Problem::none;
  Instant now{};
  std::vector<driver::ChannelId> channels;
  std::vector<driver::OperationResult> results;
};

}  // namespace phasebit::testing
