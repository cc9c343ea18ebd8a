#include <csignal>
#include <cstdlib>

#include "scenarios/engine/interrupt.hpp"
#include "tests/cli/setup/setup_fixture.hpp"

namespace phasebit::cli {
namespace {

using Bind = OnSetup;
using Unbind = OnSetup;

TEST_F(Bind, a_named_drive_goes_to_vfio_and_no_other) {
  const Said said = bind({first});
  EXPECT_EQ(ExitCode::clean, said.code) << said.err;
  EXPECT_EQ("0000:01:00.0: is with vfio-pci now, was with nvme\n", said.out);
  EXPECT_EQ("", said.err);
  EXPECT_EQ("vfio-pci vfio-pci nvme (null) 64 40 24 ", state());
  EXPECT_EQ((SetupRecord{{{drive, {"nvme", ""}}}, {}}), read_record(machine_).value());
}

TEST_F(Bind, a_drive_named_twice_is_one) {
  EXPECT_EQ("0000:01:00.0: is with vfio-pci now, was with nvme\n", bind({"01:00.0", "trtype:PCIe traddr:0000:01:00.0"}).out);
  EXPECT_EQ("0000:01:00.0: is with vfio-pci already\n", bind({first}).out);
}

TEST_F(Bind, a_named_drive_that_is_used_is_refused_and_does_not_keep_the_others) {
  mount("nvme1n1");
  const Said said = bind({first, second});
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_EQ("phasebit: 0000:01:00.0: it is in use: nvme1n1 is mounted on /mnt\n", said.err);
  EXPECT_EQ("nvme (null) vfio-pci vfio-pci 64 40 24 ", state());
}

TEST_F(Bind, without_a_name_every_drive_is_meant_that_nobody_uses) {
  mount("nvme1n1");
  const Said said = bind();
  EXPECT_EQ(ExitCode::clean, said.code);
  EXPECT_EQ("0000:02:00.0: is with vfio-pci now, was with nvme\n", said.out);
  EXPECT_EQ("phasebit: 0000:01:00.0: it is in use: nvme1n1 is mounted on /mnt\n", said.err);
}

TEST_F(Bind, without_a_name_and_without_a_free_drive_nothing_ran) {
  machine_.opened = {"/dev/nvme1n1", "/dev/nvme2n1"};
  EXPECT_EQ(ExitCode::nothing_ran, bind().code);
  EXPECT_EQ(untouched, state());
  EXPECT_FALSE(machine_.has(setup_record_file));
}

TEST_F(Bind, a_machine_without_drives_is_told_so) {
  FakeMachine empty;
  const Said said = listen([&] { return bind_drives(empty, {}, ""); });
  EXPECT_EQ(ExitCode::nothing_ran, said.code);
  EXPECT_EQ("phasebit: this machine has no NVMe I/O controller on its PCI bus\n", said.err);
}

TEST_F(Bind, what_is_no_drive_is_refused_before_anything_is_changed) {
  machine_.writes_left = 0;
  const Said said = bind({first, "0000:07:00.0", "0000:00:1f.0"});
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_EQ("phasebit: 0000:07:00.0: there is no such PCI function\nphasebit: 0000:00:1f.0: it is not an NVMe I/O controller\n", said.err);
  EXPECT_EQ(ExitCode::usage, bind({"nvme0"}).code);
  EXPECT_EQ(ExitCode::usage, unbind({"nvme0"}).code);
}

TEST_F(Bind, without_an_iommu_it_is_uio_and_a_warning) {
  std::filesystem::remove_all(machine_.at("/sys/kernel/iommu_groups"));
  const Said said = bind({first});
  EXPECT_EQ(ExitCode::clean, said.code);
  EXPECT_NE(std::string::npos, said.err.find("warning: there is no IOMMU")) << said.err;
  EXPECT_EQ("uio_pci_generic", machine_.driver_of(first));
}

TEST_F(Bind, a_group_that_vfio_made_up_is_no_iommu) {
  std::filesystem::remove_all(machine_.at("/sys/kernel/iommu_groups"));
  machine_.put("/sys/kernel/iommu_groups/0/name", "vfio-noiommu");
  EXPECT_EQ(ExitCode::clean, bind({first}).code);
  EXPECT_EQ("uio_pci_generic", machine_.driver_of(first));
}

TEST_F(Bind, a_driver_that_is_asked_for_is_taken) {
  EXPECT_EQ("", bind({first}, "uio_pci_generic").err);
  EXPECT_EQ("uio_pci_generic", machine_.driver_of(first));
}

TEST_F(Bind, a_driver_that_does_not_take_the_drive_leaves_it_as_it_was) {
  machine_.unwilling = {"vfio-pci"};
  const Said said = bind({first});
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_EQ("phasebit: 0000:01:00.0: it should be with vfio-pci now, but is with no driver; `dmesg` may say why; it is as before\n",
            said.err);
  EXPECT_EQ(untouched, state());
}

TEST_F(Bind, a_driver_that_cannot_be_loaded_is_refused_before_anything_is_changed) {
  std::filesystem::remove_all(machine_.at("/sys/bus/pci/drivers/vfio-pci"));
  const Said said = bind({first});
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_NE(std::string::npos, said.err.find("the kernel module vfio-pci is not loaded, and /sbin/modprobe cannot be run")) << said.err;
  EXPECT_EQ(untouched, state());
  EXPECT_FALSE(machine_.has(setup_record_file));
}

TEST_F(Bind, nobody_begins_to_use_a_drive_while_it_changes_hands) {
  bind({first});
  EXPECT_EQ(std::set<std::string>{"/dev/nvme1n1"}, machine_.held);
}

TEST_F(Bind, who_begins_to_use_a_drive_after_the_look_keeps_it) {
  machine_.opens_left = 2;  // for the look
  const Said said = bind({first});
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_EQ("phasebit: 0000:01:00.0: it cannot be kept from others while it changes hands: /dev/nvme1n1: cannot be opened: busy\n",
            said.err);
  EXPECT_EQ(untouched, state());
}

TEST_F(Bind, a_process_that_opens_a_drive_after_the_look_keeps_it) {
  int opens = 0;
  machine_.on_open = [&] {
    if (++opens == 3) {  // two are the look's
      machine_.open_in("42", "dd", "/dev/nvme1n1");
    }
  };
  const Said said = bind({first});
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_EQ("phasebit: 0000:01:00.0: it is in use: /dev/nvme1n1 is open in process 42 (dd)\n", said.err);
  EXPECT_EQ(untouched, state());
}

TEST_F(Bind, a_signal_stops_it_between_two_drives) {
  EXPECT_EXIT(
      {
        scenarios::remember_interrupts();
        (void)std::raise(SIGINT);
        const bool clean = bind_drives(machine_, {}, "") == ExitCode::clean;  // and not the error of a record that could not be written
        std::_Exit(clean && state() == untouched ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(Bind, a_drive_whose_use_cannot_be_told_is_refused) {
  std::filesystem::remove(machine_.at("/dev/nvme1n1"));
  const Said said = bind({first});
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_EQ("phasebit: 0000:01:00.0: whether it is in use cannot be told, for /dev/nvme1n1 cannot be looked at; run this as root\n",
            said.err);
}

TEST_F(Unbind, a_drive_goes_back_to_the_kernel_and_may_be_anybodys_again) {
  bind();
  const Said said = unbind({first, second});
  EXPECT_EQ(ExitCode::clean, said.code);
  EXPECT_EQ("0000:01:00.0: is with nvme now, was with vfio-pci\n0000:02:00.0: is with nvme now, was with vfio-pci\n", said.out);
  EXPECT_EQ(untouched, state());
  EXPECT_EQ("0000:01:00.0: is with nvme already\n", unbind({first}).out);
}

TEST_F(Unbind, what_a_killed_bind_has_left_goes_though_the_drive_is_mounted) {
  machine_.put(FakeMachine::function(first) + "driver_override", "vfio-pci");
  machine_.opened = {"/dev/nvme1n1"};
  mount("nvme1n1");
  const Said said = unbind({first});
  EXPECT_EQ(ExitCode::clean, said.code) << said.err;
  EXPECT_EQ(untouched, state());
}

TEST_F(Unbind, a_drive_that_a_program_drives_is_refused) {
  bind({first});
  machine_.open_in("8", "phasebit", "/dev/vfio/5");
  const Said said = unbind({first});
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_EQ("phasebit: 0000:01:00.0: it is in use: /dev/vfio/5 is open in process 8 (phasebit)\n", said.err);
  EXPECT_EQ("vfio-pci", machine_.driver_of(first));
}

}  // namespace
}  // namespace phasebit::cli
