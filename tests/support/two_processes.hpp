// A primary and other processes at one drive, with a clock that jumps to whatever is due.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <memory_resource>
#include <string>
#include <vector>

#include "src/driver/make_any_driver.hpp"
#include "tests/support/driver_bench.hpp"
#include "tests/support/process_links.hpp"

namespace phasebit::driver {

/// Compiled once, in tests/driver/process_drivers.cpp.
extern template tl::expected<AnyDriver*, Problem> make_driver(testing::PrimaryBackend&, const Options&, std::pmr::memory_resource*);
extern template tl::expected<AnyDriver*, Problem> make_driver(testing::SecondaryBackend&, const Options&, std::pmr::memory_resource*);

}  // namespace phasebit::driver

namespace phasebit::testing {

/// One process: its driver and channel. All memory of a process that is killed goes as a whole, without a word.
struct Process {
  explicit Process(std::function<Result<DmaRegion>(std::uint64_t)> allocate) : allocate_dma(std::move(allocate)) {}

  bool is_over() const {
    const driver::State state = driver->state();
    return state == driver::State::detached || state == driver::State::failed || state == driver::State::gone;
  }
  /// Writes `count` times the block that the tag says, with the tag's low byte; tags count up from `first`.
  void write(std::uint64_t first, std::uint32_t count, Instant now) { submit(spec::NvmOpcode::write, first, count, now); }
  void read(std::uint64_t first, std::uint32_t count, Instant now) { submit(spec::NvmOpcode::read, first, count, now); }
  std::size_t count(driver::Outcome outcome) const {
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(), [&](const driver::OperationResult& result) { return result.outcome == outcome; }));
  }
  bool has_all_back() const { return results.size() == submitted; }

  std::function<Result<DmaRegion>(std::uint64_t)> allocate_dma;
  std::pmr::monotonic_buffer_resource memory;
  driver::AnyDriver* driver = nullptr;
  driver::ChannelId channel{};
  bool has_channel = false;
  bool runs = true;
  DmaRegion buffer{};  ///< of 64 blocks of 512 bytes, by tag
  std::vector<driver::OperationResult> results;
  std::uint64_t submitted = 0;

 private:
  void submit(spec::NvmOpcode opcode, std::uint64_t first, std::uint32_t count, Instant now) {
    if (buffer.data == nullptr) {
      buffer = allocate_dma(std::uint64_t{64} * 512).value();
    }
    for (std::uint64_t tag = first; tag < first + count; ++tag) {
      const DmaRegion block = buffer.slice(tag % 64 * 512, 512);
      if (opcode == spec::NvmOpcode::write) {
        std::memset(block.data, static_cast<int>(tag & 0xff), 512);
      }
      const driver::Operation operation{.tag = tag, .opcode = opcode, .lba = Lba{tag}, .blocks = 1, .buffers = {&block, 1}};
      submitted += driver->submit(channel, {&operation, 1}, now).accepted;
    }
  }
};

/// `pass(wake)` lets the drive go on until then at most, and gives the time.
class TwoProcesses {
 public:
  static driver::Options quick() {
    driver::Options options = DriverBench::quick();
    options.primary_timeout = milliseconds(100);
    options.granted_bytes = 64 << 10;
    return options;
  }

  template <Backend D>
  TwoProcesses(D& drive, std::function<Instant(Instant)> pass) : first_backend(drive, links), pass_(std::move(pass)) {
    open_second_ = [&drive](ProcessLinks::Peer& end) { return std::make_unique<SecondaryBackend>(drive, end); };
    now = pass_(Instant{});
    start_first();
  }
  TwoProcesses(const TwoProcesses&) = delete;
  TwoProcesses& operator=(const TwoProcesses&) = delete;

  /// A primary; the one before, if there was one, has been killed.
  Process& start_first(const driver::Options& options = quick()) {
    first = std::make_unique<Process>([this](std::uint64_t bytes) { return first_backend.allocate_dma(bytes); });
    first->driver = driver::make_driver(first_backend, options, &first->memory).value();
    return *first;
  }
  /// Another process, in place of the one before, which is over.
  Process& start_second(const driver::Options& options = quick()) {
    peer = &links.join();
    second_backend = open_second_(*peer);
    second = std::make_unique<Process>([this](std::uint64_t bytes) { return second_backend->allocate_dma(bytes); });
    second->driver = driver::make_driver(*second_backend, options, &second->memory).value();
    return *second;
  }
  void kill_first() {
    first->runs = false;
    links.end_primary();
  }
  void kill_second() {
    second->runs = false;
    peer->is_over = true;
  }
  /// The driver has ended; its process lets go of the function.
  void close_second() {
    second->driver->destroy();
    second->driver = nullptr;
    kill_second();
  }

  void turn() {
    Instant wake = never;
    for (Process* process : {first.get(), second.get()}) {
      if (process != nullptr && process->runs) {
        wake = std::min(wake, turn(*process));
      }
    }
    now = pass_(wake);
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
  void run_for(Duration time) {
    const Instant end = now + time;
    run_until([&] { return now >= end; }, time + time);
  }
  bool run_until_ready(Process& process) {
    return run_until([&] { return process.driver->state() == driver::State::ready || process.is_over(); }) &&
           process.driver->state() == driver::State::ready;
  }
  /// Both attached, each with its channel.
  bool run_until_both_are_ready() {
    if (!run_until_ready(*first)) {
      return false;
    }
    open(*first);
    start_second();
    if (!run_until_ready(*second)) {
      return false;
    }
    open(*second);
    return true;
  }
  void open(Process& process) {
    process.channel = process.driver->create_channel({}, now).value();
    process.has_channel = true;
  }

  ProcessLinks links;
  PrimaryBackend first_backend;
  std::unique_ptr<SecondaryBackend> second_backend;
  ProcessLinks::Peer* peer = nullptr;  ///< the second's
  std::unique_ptr<Process> first;
  std::unique_ptr<Process> second;
  Instant now{};

 private:
  Instant turn(Process& process) const {
    process.driver->admit(now);
    const Instant wake = process.driver->poll(now);
    if (process.has_channel) {
      std::array<driver::OperationResult, 16> batch;
      const std::uint32_t count = process.driver->reap(process.channel, now, batch);
      process.results.insert(process.results.end(), batch.begin(), batch.begin() + count);
    }
    return wake;
  }

  std::function<Instant(Instant)> pass_;
  std::function<std::unique_ptr<SecondaryBackend>(ProcessLinks::Peer&)> open_second_;
};

}  // namespace phasebit::testing
