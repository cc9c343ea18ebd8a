// Runs in the guest: a host that waits for QEMU's interrupts, and uses no processor time meanwhile.
#include <gtest/gtest.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX

#include <algorithm>
#include <array>
#include <memory_resource>

#include "hw/clock.hpp"
#include "hw/pcie_bus.hpp"
#include "src/driver/probe.hpp"
#include "tests/guest/guest_drive.hpp"
#include "tests/guest/read_load.hpp"
#include "tests/support/probe_diary.hpp"

namespace phasebit::driver {
namespace {

/// So long that whatever happens sooner was told by an interrupt.
constexpr Duration look_interval = seconds(20);

Options with_interrupts() {
  Options options;
  options.interrupts = true;
  options.interrupt_poll_interval = look_interval;
  return options;
}

/// What this process has used of its processors, those of DPDK's threads included.
Instant processor_time() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return Instant{} + seconds(static_cast<std::uint64_t>(time.tv_sec)) + nanoseconds(static_cast<std::uint64_t>(time.tv_nsec));
}

class SleepingOnQemu : public ::testing::Test {
 protected:
  SleepingOnQemu()
      : allowed_{hw::guest_drive()}, probe_(bus_, with_interrupts(), {.allowed = allowed_}, diary_, std::pmr::get_default_resource()) {}

  /// Sleeps in each turn. False if it takes until the driver would have looked by itself.
  template <class Done>
  bool sleep_until(Done done, Duration limit = look_interval) {
    const Instant end = hw::now() + limit;
    bool is_done = done();
    while (!is_done && hw::now() < end) {
      bus_.wait(std::min(probe_.poll(hw::now()), end));
      ++wakes_;
      is_done = done();
    }
    return is_done;
  }

  hw::PcieBus bus_;
  testing::ProbeDiary diary_;
  std::array<PciAddress, 1> allowed_;
  Probe<hw::PcieBus> probe_;
  std::uint32_t wakes_ = 0;
};

TEST_F(SleepingOnQemu, an_idle_process_uses_no_processor_time_and_is_woken_by_a_completion) {
  probe_.probe(hw::now());
  ASSERT_TRUE(sleep_until([&] { return probe_.is_settled(); }));
  AnyDriver& driver = *probe_.driver(hw::guest_drive());
  EXPECT_GT(driver.controller().interrupt_vectors, 1u);
  const auto channel = driver.create_channel({.operations_max = ReadLoad::reads_max}, hw::now()).value();
  const auto memory = probe_.backend(hw::guest_drive())->allocate_dma(ReadLoad::reads_max * ReadLoad::read_bytes).value();

  ReadLoad load(memory);
  ASSERT_TRUE(sleep_until([&] {
    load.submit(driver, channel);
    load.reap(driver, channel);
    return load.ok() == ReadLoad::reads_max;
  }));

  const Instant before = processor_time();
  wakes_ = 0;
  EXPECT_FALSE(sleep_until([] { return false; }, seconds(1)));
  EXPECT_LT(processor_time() - before, milliseconds(50));
  EXPECT_LT(wakes_, 10u);

  ReadLoad another(memory);
  another.submit(driver, channel);
  ASSERT_GT(another.out(), 0u);
  EXPECT_TRUE(sleep_until([&] { return another.reap(driver, channel); }));

  probe_.backend(hw::guest_drive())->free_dma(memory);
  probe_.detach_all(hw::now());
  EXPECT_TRUE(sleep_until([&] {
    std::array<OperationResult, 1> none;
    if (probe_.driver(hw::guest_drive()) != nullptr) {
      driver.reap(channel, hw::now(), none);
    }
    return probe_.is_idle();
  }));
  EXPECT_EQ(diary_.take().back().substr(0, 8), "detached");
}

}  // namespace
}  // namespace phasebit::driver
