#include "hw/drive_users.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/fake_machine.hpp"

namespace phasebit::hw {
namespace {

class OnNamespace : public OnFakeMachine {
 protected:
  OnNamespace() {
    machine_.add_drive(drive_name);
    machine_.add_partition("nvme1n1", "nvme1n1p1", "259:11");
    machine_.add_partition("nvme1n1", "nvme1n1p2", "259:12");
    machine_.add_drive("0000:02:00.0");
  }

  /// The texts of the drive's users. Another drive, of which nothing is ever said here, has none.
  std::vector<std::string> users() const {
    const DriveUsers all(machine_);
    EXPECT_TRUE(all.of(PciAddress{0, 2, 0, 0}).empty());
    std::vector<std::string> texts;
    for (const auto& user : all.of(drive)) {
      texts.push_back(text(user));
    }
    return texts;
  }
  void expect_user(const std::string& user) const { EXPECT_EQ(std::vector<std::string>{user}, users()); }
};

TEST_F(OnNamespace, nobody_uses_a_drive_that_is_only_there) {
  EXPECT_TRUE(users().empty());
  EXPECT_EQ("", DriveUsers(machine_).unseen(drive));
  EXPECT_EQ(1u, hold_namespaces(machine_, drive).value().size());
}

TEST_F(OnNamespace, a_mounted_namespace_is_known_by_its_number) {
  machine_.add_line("/proc/self/mountinfo", "36 25 259:1 / /srv/of\\040us rw,noatime shared:1 - ext4 /dev/disk/by-uuid/1-2 rw");
  expect_user("nvme1n1 is mounted on /srv/of us");
}

TEST_F(OnNamespace, a_mounted_partition_is_named) {
  machine_.add_line("/proc/self/mountinfo", "36 25 259:11 / / rw - ext4 /dev/root rw");
  expect_user("nvme1n1p1 is mounted on /");
}

TEST_F(OnNamespace, a_mount_that_has_no_device_number_is_known_by_its_source) {
  machine_.add_line("/proc/self/mountinfo", "36 25 0:31 / /data rw shared:1 master:2 - btrfs /dev/nvme1n1p2 rw");
  expect_user("nvme1n1p2 is mounted on /data");
}

TEST_F(OnNamespace, what_is_mounted_elsewhere_is_not_its_own) {
  machine_.add_line("/proc/self/mountinfo", "36 25 259:111 / /a rw - ext4 /dev/nvme1n11 rw");
  EXPECT_TRUE(users().empty());
}

TEST_F(OnNamespace, a_mount_that_only_others_see_is_told_with_one_who_does) {
  machine_.link("/proc/70/ns/mnt", "mnt:[1]");
  machine_.put("/proc/70/mountinfo", "36 25 259:11 / /seen/before rw - ext4 /dev/nvme1n1p1 rw");
  EXPECT_TRUE(users().empty()) << "process 70 sees what we see, and has unmounted it by now";
  machine_.link("/proc/71/ns/mnt", "mnt:[2]");
  machine_.put("/proc/71/mountinfo", "36 25 259:11 / /inside rw - ext4 /dev/nvme1n1p1 rw");
  expect_user("nvme1n1p1 is mounted on /inside, as process 71 sees it");
}

TEST_F(OnNamespace, swap_is_a_use) {
  machine_.add_line("/proc/swaps", "/dev/nvme1n1p2                          partition\t1048572\t0\t-2");
  expect_user("nvme1n1p2 is swap");
}

TEST_F(OnNamespace, a_raid_is_a_use) {
  machine_.put("/sys/class/block/nvme1n1/holders/md127/dev", "9:127");
  machine_.put("/sys/class/block/md127/md/level", "raid1");
  expect_user("nvme1n1 is part of md127 (MD RAID)");
}

TEST_F(OnNamespace, a_logical_volume_is_a_use_and_called_by_its_name) {
  machine_.put("/sys/class/block/nvme1n1p1/holders/dm-0/dev", "253:0");
  machine_.put("/sys/class/block/dm-0/dm/name", "vg-root");
  machine_.put("/sys/class/block/dm-0/dm/uuid", "LVM-xyz");
  expect_user("nvme1n1p1 is part of vg-root (LVM)");
  machine_.put("/sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-xyz");
  expect_user("nvme1n1p1 is part of vg-root (device mapper)");
}

TEST_F(OnNamespace, any_other_holder_is_a_use) {
  machine_.put("/sys/class/block/nvme1n1/holders/bcache0/dev", "254:0");
  expect_user("nvme1n1 is part of bcache0");
}

TEST_F(OnNamespace, a_loop_device_on_it_is_a_use) {
  machine_.put("/sys/class/block/loop0/loop/backing_file", "/var/image");
  EXPECT_TRUE(users().empty());
  machine_.put("/sys/class/block/loop1/loop/backing_file", "/dev/nvme1n1p1");
  expect_user("nvme1n1p1 is part of loop1 (loop device)");
}

TEST_F(OnNamespace, an_export_of_it_is_a_use_once_it_is_enabled) {
  const std::string exported = "/sys/kernel/config/nvmet/subsystems/nqn.2014-08.org.example:a/namespaces/1/";
  machine_.put(exported + "device_path", "/dev/nvme1n1");
  machine_.put(exported + "enable", "0");
  EXPECT_TRUE(users().empty());
  machine_.put(exported + "enable", "1");
  expect_user("nvme1n1 is part of nqn.2014-08.org.example:a (NVMe target)");
}

TEST_F(OnNamespace, an_export_or_a_loop_device_may_have_been_told_another_name) {
  machine_.devices = {{"/dev/nvme1n1", "b259:1"}, {"/dev/disk/by-id/nvme-x", "b259:1"}, {"/dev/disk/by-id/nvme-y", "b259:2"}};
  const std::string exported = "/sys/kernel/config/nvmet/subsystems/nqn.2014-08.org.example:a/namespaces/1/";
  machine_.put(exported + "enable", "1");
  machine_.put(exported + "device_path", "(null)");
  machine_.put("/sys/class/block/loop0/loop/backing_file", "");
  EXPECT_TRUE(users().empty());
  machine_.put(exported + "device_path", "/dev/disk/by-id/nvme-x");
  expect_user("nvme1n1 is part of nqn.2014-08.org.example:a (NVMe target)");
  machine_.put(exported + "enable", "0");
  machine_.put("/sys/class/block/loop0/loop/backing_file", "/dev/disk/by-id/nvme-x");
  expect_user("nvme1n1 is part of loop0 (loop device)");
}

TEST_F(OnNamespace, an_export_of_the_whole_controller_is_a_use) {
  const std::string exported = "/sys/kernel/config/nvmet/subsystems/nqn.2014-08.org.example:a/passthru/";
  machine_.put(exported + "device_path", "/dev/nvme1");
  machine_.put(exported + "enable", "0");
  EXPECT_TRUE(users().empty());
  machine_.put(exported + "enable", "1");
  expect_user("/dev/nvme1 is part of nqn.2014-08.org.example:a (NVMe target)");
}

TEST_F(OnNamespace, who_has_it_open_for_himself_need_not_be_known) {
  machine_.opened = {"/dev/nvme1n1"};
  expect_user("/dev/nvme1n1 is opened exclusively by somebody");
  EXPECT_EQ(Errc::busy, hold_namespaces(machine_, drive).error().error);
}

TEST_F(OnNamespace, a_process_that_has_it_open_is_a_use) {
  machine_.open_in("42", "qemu", "/dev/nvme1n1");
  expect_user("/dev/nvme1n1 is open in process 42 (qemu)");
  machine_.open_in("42", "nvme", "/dev/nvme1");
  expect_user("/dev/nvme1 is open in process 42 (nvme)");
  machine_.open_in("42", "fio", "/dev/ng1n1");
  expect_user("/dev/ng1n1 is open in process 42 (fio)");
  machine_.open_in("42", "cat", "/dev/nvme1n1p2");
  expect_user("/dev/nvme1n1p2 is open in process 42 (cat)");
}

TEST_F(OnNamespace, a_process_that_has_it_open_under_another_name_is_a_use) {
  machine_.devices = {{"/dev/nvme1n1", "b259:1"}, {"/proc/42/fd/7", "b259:1"}};
  machine_.open_in("42", "dd", "/mnt/dev/nvme1n1");
  expect_user("/dev/nvme1n1 is open in process 42 (dd)");
  machine_.devices["/proc/42/fd/7"] = "c259:1";  // a character device of the same number is another one
  EXPECT_TRUE(users().empty());
}

TEST_F(OnNamespace, we_ourselves_are_no_user) {
  std::filesystem::rename(machine_.at("/proc/self"), machine_.at("/proc/42"));
  machine_.link("/proc/self", "42");
  machine_.open_in("42", "phasebit", "/dev/nvme1n1");
  EXPECT_TRUE(users().empty());
}

TEST_F(OnNamespace, all_users_are_told) {
  machine_.add_line("/proc/self/mountinfo", "36 25 259:11 / /a rw - ext4 /dev/nvme1n1p1 rw");
  machine_.add_line("/proc/swaps", "/dev/nvme1n1p2 partition 1 0 -2");
  machine_.open_in("42", "fio", "/dev/nvme1n1");
  machine_.opened = {"/dev/nvme1n1"};
  EXPECT_EQ((std::vector<std::string>{"nvme1n1p1 is mounted on /a", "nvme1n1p2 is swap", "/dev/nvme1n1 is open in process 42 (fio)"}),
            users());
}

TEST_F(OnNamespace, what_may_not_be_looked_at_is_told) {
  std::filesystem::remove(machine_.at("/dev/nvme1n1"));
  EXPECT_EQ("/dev/nvme1n1", DriveUsers(machine_).unseen(drive));
}

TEST_F(OnNamespace, a_process_that_may_not_be_looked_at_is_told) {
  machine_.show_to_everybody();
  machine_.open_in("42", "fio", "/dev/nvme1n1");
  std::filesystem::permissions(machine_.at("/proc/42/fd"), std::filesystem::perms::none);
  EXPECT_EXIT(
      {
        (void)::setuid(65534);
        std::fputs(DriveUsers(machine_).unseen(drive).c_str(), stderr);
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "/proc/42/fd");
  std::filesystem::permissions(machine_.at("/proc/42/fd"), std::filesystem::perms::owner_all);
}

TEST_F(OnNamespace, a_namespace_that_several_controllers_share_is_found_by_each_of_them) {
  machine_.put("/sys/bus/pci/devices/0000:03:00.0/nvme/nvme7/nvme1c7n1/size", "8");
  machine_.put("/sys/bus/pci/devices/0000:03:00.0/nvme/nvme7/hwmon3/name", "nvme");
  const auto devices = block_devices(machine_, PciAddress{0, 3, 0, 0});
  ASSERT_EQ(3u, devices.size());
  EXPECT_EQ("nvme1n1", devices[0].name);
  EXPECT_EQ("nvme1n1p1", devices[1].name);
  EXPECT_EQ("259:12", devices[2].number);
}

class OnVfio : public OnFakeMachine {
 protected:
  OnVfio() {
    machine_.add_function(drive_name);
    machine_.set_group(drive_name, "5");
    machine_.add_driver("vfio-pci");
    machine_.link(FakeMachine::function(drive_name) + "driver", "../../../bus/pci/drivers/vfio-pci");
    machine_.put("/dev/vfio/5", "");
  }
};

TEST_F(OnVfio, an_idle_group_has_no_user) {
  EXPECT_TRUE(DriveUsers(machine_).of(drive).empty());
  EXPECT_EQ("", DriveUsers(machine_).unseen(drive));
}

TEST_F(OnVfio, who_has_the_group_open_is_a_user) {
  machine_.opened = {"/dev/vfio/5"};
  EXPECT_EQ((std::vector<DriveUser>{{DriveUser::Kind::exclusive, "/dev/vfio/5", ""}}), DriveUsers(machine_).of(drive));
  machine_.open_in("8", "phasebit", "/dev/vfio/5");
  EXPECT_EQ((std::vector<DriveUser>{{DriveUser::Kind::process, "/dev/vfio/5", "process 8 (phasebit)"}}), DriveUsers(machine_).of(drive));
}

TEST_F(OnVfio, who_has_the_uio_device_open_is_a_user) {
  machine_.put(FakeMachine::function(drive_name) + "uio/uio0/dev", "240:0");
  machine_.open_in("8", "spdk", "/dev/uio0");
  EXPECT_EQ((std::vector<DriveUser>{{DriveUser::Kind::process, "/dev/uio0", "process 8 (spdk)"}}), DriveUsers(machine_).of(drive));
}

TEST_F(OnVfio, who_has_configuration_space_open_is_a_user) {
  machine_.put("/sys/devices/pci0000:00/0000:01:00.0/config", "");
  machine_.link(FakeMachine::function(drive_name) + "config", machine_.at("/sys/devices/pci0000:00/0000:01:00.0/config").string());
  EXPECT_TRUE(DriveUsers(machine_).of(drive).empty());
  machine_.open_in("8", "phasebit", "/sys/devices/pci0000:00/0000:01:00.0/config");
  machine_.open_in("9", "lspci", "/sys/devices/pci0000:00/0000:02:00.0/config");
  EXPECT_EQ((std::vector<DriveUser>{{DriveUser::Kind::process, "/sys/devices/pci0000:00/0000:01:00.0/config", "process 8 (phasebit)"}}),
            DriveUsers(machine_).of(drive));
}

}  // namespace
}  // namespace phasebit::hw
