// Runs in the guest: a probe follows QEMU's drive as it is asked for, goes and comes back, and another one as it comes, while reads are
// out.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory_resource>
#include <string>
#include <utility>

#include "hw/clock.hpp"
#include "hw/device_name.hpp"
#include "hw/pcie_bus.hpp"
#include "src/driver/probe.hpp"
#include "tests/guest/guest_drive.hpp"
#include "tests/guest/read_load.hpp"
#include "tests/guest/sysfs_writer.hpp"
#include "tests/support/probe_diary.hpp"

namespace phasebit::driver {
namespace {

using testing::Lines;

class HotPlug : public ::testing::Test {
 protected:
  HotPlug()
      : allowed_{hw::guest_drive(), second_drive()}, probe_(bus_, {}, {.allowed = allowed_}, diary_, std::pmr::get_default_resource()) {}

  /// Where a drive in the second slot comes to lie (run-in-guest --second-slot).
  static PciAddress second_drive() {
    PciAddress address = hw::guest_drive();
    ++address.bus;
    return address;
  }

  /// False if that takes more than a minute.
  template <class Done>
  bool poll_until(Done done) {
    const Instant end = hw::now() + seconds(60);
    while (!done() && hw::now() < end) {
      probe_.poll(hw::now());
    }
    return done();
  }
  bool has_heard(const std::string& line) const { return std::ranges::find(diary_.lines, line) != diary_.lines.end(); }
  AnyDriver& driver() { return *probe_.driver(hw::guest_drive()); }

  /// One read of 4 KiB.
  void expect_that_it_reads(PciAddress drive = hw::guest_drive()) {
    AnyDriver& driver = *probe_.driver(drive);
    const auto channel = driver.create_channel({}, hw::now()).value();
    const auto memory = probe_.backend(drive)->allocate_dma(4096).value();
    ReadLoad load(memory);
    ASSERT_TRUE(poll_until([&] {
      load.submit(driver, channel);
      return load.out() == 1;
    }));
    ASSERT_TRUE(poll_until([&] { return load.reap(driver, channel); }));
    EXPECT_EQ(1u, load.ok());
    probe_.backend(drive)->free_dma(memory);
  }

  hw::PcieBus bus_;
  testing::ProbeDiary diary_;
  std::array<PciAddress, 2> allowed_;
  Probe<hw::PcieBus> probe_;
};

TEST_F(HotPlug, a_drive_that_is_asked_for_under_load_is_let_go_and_attached_again_when_it_is_back) {
  const std::string number = std::to_string(hw::guest_drive().bus + hw::guest_drive().device);
  const std::string device = "/sys/bus/pci/devices/" + hw::text(hw::guest_drive());
  probe_.probe(hw::now());
  ASSERT_TRUE(poll_until([&] { return probe_.is_settled(); }));
  ASSERT_EQ(diary_.take(), (Lines{"found " + number, "attached " + number}));
  const auto channel = driver().create_channel({.operations_max = ReadLoad::reads_max}, hw::now()).value();
  const auto memory = probe_.backend(hw::guest_drive())->allocate_dma(ReadLoad::reads_max * ReadLoad::read_bytes).value();
  ReadLoad load(memory);
  ASSERT_TRUE(poll_until([&] {
    load.submit(driver(), channel);
    return load.out() == ReadLoad::reads_max;
  }));

  const pid_t remover = hw::write_from_elsewhere("1", device + "/remove");
  ASSERT_TRUE(poll_until([&] { return has_heard("removal asked " + number); }));
  ASSERT_TRUE(poll_until([&] { return load.reap(driver(), channel); }));
  EXPECT_EQ(ReadLoad::reads_max, load.ok()) << "who asks waits until we are done";
  probe_.backend(hw::guest_drive())->free_dma(memory);
  ASSERT_TRUE(probe_.detach(hw::guest_drive(), hw::now()).has_value());
  ASSERT_TRUE(poll_until([&] { return has_heard("detached " + number); }));
  waitpid(remover, nullptr, 0);

  (void)diary_.take();
  waitpid(hw::write_from_elsewhere("1", "/sys/bus/pci/rescan"), nullptr, 0);
  ASSERT_TRUE(poll_until([&] { return has_heard("failed " + number); }));  // nobody drives it yet
  waitpid(hw::write_from_elsewhere("vfio-pci", device + "/driver_override"), nullptr, 0);
  waitpid(hw::write_from_elsewhere(hw::text(hw::guest_drive()), "/sys/bus/pci/drivers_probe"), nullptr, 0);
  ASSERT_TRUE(poll_until([&] { return has_heard("attached " + number); }));
  expect_that_it_reads();
  probe_.detach_all(hw::now());
  ASSERT_TRUE(poll_until([&] { return probe_.is_idle(); }));
  EXPECT_EQ(diary_.take().back(), "detached " + number);
}

class SecondSlot : public HotPlug {
 protected:
  /// Has the first drive read all the while, as much as it can: each read comes back well, and once.
  template <class Done>
  void read_until(ChannelId channel, const DmaRegion& memory, Done done) {
    const Instant end = hw::now() + seconds(60);
    while (!done()) {
      ReadLoad load(memory);
      ASSERT_TRUE(poll_until([&] {
        load.submit(driver(), channel);
        return load.reap(driver(), channel) && load.out() == ReadLoad::reads_max;
      }));
      ASSERT_EQ(ReadLoad::reads_max, load.ok());
      ASSERT_LT(hw::now(), end);
    }
  }
};

TEST_F(SecondSlot, a_drive_that_is_plugged_in_while_another_reads_is_attached_beside_it) {
  const std::string number = std::to_string(second_drive().bus + second_drive().device);
  probe_.probe(hw::now());
  ASSERT_TRUE(poll_until([&] { return probe_.is_settled(); }));
  ASSERT_EQ(1u, std::ranges::count_if(diary_.take(), [](const std::string& line) { return line.starts_with("attached"); }));
  const auto channel = driver().create_channel({.operations_max = ReadLoad::reads_max}, hw::now()).value();
  const auto memory = probe_.backend(hw::guest_drive())->allocate_dma(ReadLoad::reads_max * ReadLoad::read_bytes).value();

  std::puts("outside: plug in");
  std::fflush(stdout);
  ASSERT_NO_FATAL_FAILURE(read_until(channel, memory, [&] { return has_heard("failed " + number); }));  // nobody drives it yet
  const std::string device = "/sys/bus/pci/devices/" + hw::text(second_drive());
  for (const auto& [text, file] : {std::pair{std::string("vfio-pci"), device + "/driver_override"},
                                   std::pair{hw::text(second_drive()), std::string("/sys/bus/pci/drivers_probe")}}) {
    const pid_t writer = hw::write_from_elsewhere(text, file);
    ASSERT_NO_FATAL_FAILURE(read_until(channel, memory, [&] { return waitpid(writer, nullptr, WNOHANG) == writer; }));
  }
  ASSERT_NO_FATAL_FAILURE(read_until(channel, memory, [&] { return has_heard("attached " + number); }));
  EXPECT_EQ(0u, driver().statistics().resets);
  expect_that_it_reads(second_drive());
  expect_that_it_reads();
  probe_.backend(hw::guest_drive())->free_dma(memory);
  probe_.detach_all(hw::now());
  ASSERT_TRUE(poll_until([&] { return probe_.is_idle(); }));
}

}  // namespace
}  // namespace phasebit::driver
