// Runs in the guest: a probe follows QEMU's drive as it is asked for, goes and comes back, while reads are out.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory_resource>
#include <string>

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
  HotPlug() : allowed_{hw::guest_drive()}, probe_(bus_, {}, {.allowed = allowed_}, diary_, std::pmr::get_default_resource()) {}

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
  void expect_that_it_reads() {
    const auto channel = driver().create_channel({}, hw::now()).value();
    const auto memory = probe_.backend(hw::guest_drive())->allocate_dma(4096).value();
    ReadLoad load(memory);
    ASSERT_TRUE(poll_until([&] {
      load.submit(driver(), channel);
      return load.out() == 1;
    }));
    ASSERT_TRUE(poll_until([&] { return load.reap(driver(), channel); }));
    EXPECT_EQ(1u, load.ok());
    probe_.backend(hw::guest_drive())->free_dma(memory);
  }

  hw::PcieBus bus_;
  testing::ProbeDiary diary_;
  std::array<PciAddress, 1> allowed_;
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

}  // namespace
}  // namespace phasebit::driver
