// A driver on a model drive, with a clock that jumps to whatever is due.
#pragma once

#include <array>
#include <functional>
#include <memory_resource>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/driver/make_any_driver.hpp"
#include "tests/support/counting_resource.hpp"
#include "tests/support/model_drive.hpp"

namespace phasebit::driver {

/// Compiled once, in tests/driver/model_drive.cpp.
extern template tl::expected<AnyDriver*, Problem> make_driver(testing::ModelDrive&, const Options&, std::pmr::memory_resource*);

}  // namespace phasebit::driver

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
    const auto made = driver::make_driver(drive, options, &memory);
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

  /// Writes one block over and over from tag `first` on, so that something is always outstanding.
  void write_blocks(driver::ChannelId channel, std::uint64_t first, std::uint32_t count) {
    if (buffer.data == nullptr) {
      buffer = drive.allocate_dma(4096).value();
    }
    for (std::uint64_t tag = first; tag < first + count; ++tag) {
      const DmaRegion block = buffer.slice(0, 512);
      const driver::Operation write{
          .tag = tag, .opcode = spec::NvmOpcode::write, .lba = Lba{tag % 64}, .blocks = 1, .buffers = {&block, 1}};
      submitted += driver->submit(channel, {&write, 1}, now).accepted;
    }
  }
  /// Every operation that was accepted has come back, and none twice.
  bool all_came_back_once() const {
    std::set<std::uint64_t> tags;
    for (const driver::OperationResult& result : results) {
      tags.insert(result.tag);
    }
    return tags.size() == results.size() && results.size() == submitted;
  }
  std::size_t count(driver::Outcome outcome) const {
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(), [&](const driver::OperationResult& result) { return result.outcome == outcome; }));
  }
  /// How often a row was left, or entered, with a result.
  std::size_t transitions(driver::Machine machine, std::uint8_t row, driver::WaitResult result) const {
    return static_cast<std::size_t>(std::count_if(drive.events.begin(), drive.events.end(), [&](const Event& event) {
      return event.kind == EventKind::driver_state && event.queue == static_cast<std::uint16_t>(machine) && (event.a & 0xffff) == row &&
             event.b == static_cast<std::uint64_t>(result);
    }));
  }
  std::size_t transitions(driver::RecoveryRow row, driver::WaitResult result) const {
    return transitions(driver::Machine::recovery, static_cast<std::uint8_t>(row), result);
  }
  std::size_t transitions(driver::BringUpRow row, driver::WaitResult result) const {
    return transitions(driver::Machine::bring_up, static_cast<std::uint8_t>(row), result);
  }
  std::vector<driver::DriverEvent> take_events() {
    std::vector<driver::DriverEvent> events;
    while (const auto event = driver->next_event()) {
      events.push_back(*event);
    }
    return events;
  }
  /// The first complaint, or nothing.
  std::string complaint() const {
    const auto all = drive.all_complaints();
    return all.empty() ? std::string{} : all.front();
  }

  CountingResource memory;  ///< the driver's
  ModelDrive drive;
  DmaRegion buffer{};
  std::uint64_t submitted = 0;
  driver::AnyDriver* driver = nullptr;
  driver::Problem problem = driver::Problem::none;
  Instant now{};
  std::vector<driver::ChannelId> channels;
  std::vector<driver::OperationResult> results;
};

}  // namespace phasebit::testing
