#include "hw/pci_driver.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_machine.hpp"

namespace phasebit::hw {
namespace {

class OnDrive : public OnFakeMachine {
 protected:
  OnDrive() {
    machine_.add_drive(drive_name);
    machine_.add_driver("vfio-pci");
  }
  const DriverState vfio_{"vfio-pci", "vfio-pci"};
  const DriverState kernel_{"nvme", ""};
};

TEST_F(OnDrive, an_override_of_nobody_is_read_as_none) {
  EXPECT_EQ(kernel_, driver_state(machine_, drive));
}

TEST_F(OnDrive, it_changes_hands_and_back) {
  ASSERT_TRUE(set_driver(machine_, drive, vfio_).has_value());
  EXPECT_EQ(vfio_, driver_state(machine_, drive));
  ASSERT_TRUE(set_driver(machine_, drive, kernel_).has_value());
  EXPECT_EQ(kernel_, driver_state(machine_, drive));
  EXPECT_EQ("(null)", machine_.override_of(drive_name));
}

TEST_F(OnDrive, it_can_be_left_to_nobody) {
  const DriverState nobody{std::nullopt, ""};
  ASSERT_TRUE(set_driver(machine_, drive, nobody).has_value());
  EXPECT_EQ(nobody, driver_state(machine_, drive));
  ASSERT_TRUE(set_driver(machine_, drive, vfio_).has_value());
  EXPECT_EQ(vfio_, driver_state(machine_, drive));
}

TEST_F(OnDrive, nothing_is_written_where_nothing_changes) {
  machine_.writes_left = 0;
  EXPECT_TRUE(set_driver(machine_, drive, kernel_).has_value());
}

TEST_F(OnDrive, a_driver_that_stays_is_not_unbound_for_an_override) {
  machine_.put(FakeMachine::function(drive_name) + "driver_override", "vfio-pci");
  machine_.writes_left = 1;
  ASSERT_TRUE(set_driver(machine_, drive, kernel_).has_value());
  EXPECT_EQ(kernel_, driver_state(machine_, drive));
}

TEST_F(OnDrive, a_driver_that_does_not_take_it_is_noticed) {
  machine_.unwilling = {"vfio-pci"};
  const auto changed = set_driver(machine_, drive, vfio_);
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(Errc::device_failed, changed.error().error);
  EXPECT_EQ("0000:01:00.0: it should be with vfio-pci now, but is with no driver; `dmesg` may say why", changed.error().why);
}

TEST_F(OnDrive, a_write_that_is_denied_ends_the_change) {
  const auto file = FakeMachine::function(drive_name) + "driver/unbind";
  machine_.denied = {file};
  const auto changed = set_driver(machine_, drive, vfio_);
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(Errc::permission_denied, changed.error().error);
  EXPECT_EQ(file + ": cannot be written", changed.error().why);
  EXPECT_EQ("nvme", machine_.driver_of(drive_name));
}

TEST_F(OnDrive, a_driver_is_loaded_at_hand_or_absent) {
  machine_.put("/proc/sys/kernel/osrelease", "6.1.0-1-amd64");
  machine_.put("/lib/modules/6.1.0-1-amd64/modules.dep", "kernel/drivers/uio/uio_pci_generic.ko.xz: kernel/drivers/uio/uio.ko.xz");
  EXPECT_EQ(DriverPresence::loaded, driver_presence(machine_, "vfio-pci"));
  EXPECT_EQ(DriverPresence::loadable, driver_presence(machine_, "uio_pci_generic"));
  EXPECT_EQ(DriverPresence::absent, driver_presence(machine_, "uio")) << "it is needed by one, and is none";
  EXPECT_TRUE(load_driver(machine_, "vfio-pci").has_value()) << "it is there: there is no modprobe";
  EXPECT_FALSE(load_driver(machine_, "uio_pci_generic").has_value());
}

}  // namespace
}  // namespace phasebit::hw
