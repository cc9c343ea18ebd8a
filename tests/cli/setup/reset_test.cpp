#include <unistd.h>

#include <cstdlib>

#include "tests/cli/setup/setup_fixture.hpp"

namespace phasebit::cli {
namespace {

using Reset = OnSetup;
using Hugepages = OnSetup;
using Lock = OnSetup;

TEST_F(Reset, everything_is_as_it_was) {
  bind();
  hugepages(100);
  hugepages(7, 1);
  EXPECT_EQ("vfio-pci vfio-pci vfio-pci vfio-pci 57 50 7 ", state());
  const Said said = reset();
  EXPECT_EQ(ExitCode::clean, said.code) << said.err;
  EXPECT_EQ(
      "0000:01:00.0: is with nvme again, was with vfio-pci\n"
      "0000:02:00.0: is with nvme again, was with vfio-pci\n"
      "40 hugepages of 2M on node 0 again, were 50\n"
      "24 hugepages of 2M on node 1 again, were 7\n",
      said.out);
  EXPECT_EQ(untouched, state());
  EXPECT_FALSE(machine_.has(setup_record_file));
  EXPECT_EQ("there is nothing to put back\n", reset().out);
}

TEST_F(Reset, what_was_at_first_counts) {
  bind({first}, "uio_pci_generic");
  bind({first}, "vfio-pci");
  hugepages(1);
  hugepages(2);
  EXPECT_EQ(ExitCode::clean, reset().code);
  EXPECT_EQ(untouched, state());
}

TEST_F(Reset, an_override_and_a_drive_that_nobody_held_are_put_back_too) {
  machine_.put(FakeMachine::function(second) + "driver_override", "nvme");
  std::filesystem::remove(machine_.at(FakeMachine::function(first) + "driver"));
  std::filesystem::remove_all(machine_.at(FakeMachine::function(first) + "nvme"));
  const std::string before = state();
  ASSERT_EQ(ExitCode::clean, bind().code);
  EXPECT_NE(before, state());
  EXPECT_EQ(ExitCode::clean, reset().code);
  EXPECT_EQ(before, state());
}

TEST_F(Reset, an_override_alone_is_put_back_under_whoever_uses_the_drive) {
  bind({first});
  machine_.put(FakeMachine::function(first) + "driver_override", "vfio-pci");
  machine_.link(FakeMachine::function(first) + "driver", machine_.at("/sys/bus/pci/drivers/nvme").string());
  mount("nvme1n1");
  EXPECT_EQ(ExitCode::clean, reset().code);
  EXPECT_EQ(untouched, state());
}

TEST_F(Reset, a_drive_in_use_is_left_and_remembered_and_the_rest_is_put_back) {
  bind();
  hugepages(100);
  machine_.open_in("8", "phasebit", "/dev/vfio/5");
  const Said said = reset();
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_EQ("phasebit: 0000:01:00.0: it is in use: /dev/vfio/5 is open in process 8 (phasebit)\n", said.err);
  EXPECT_EQ("vfio-pci vfio-pci nvme (null) 64 40 24 ", state());
  std::filesystem::remove_all(machine_.at("/proc/8"));
  EXPECT_EQ(ExitCode::clean, reset().code);
  EXPECT_EQ(untouched, state());
}

TEST_F(Reset, a_drive_that_was_pulled_out_is_forgotten) {
  bind();
  std::filesystem::remove_all(machine_.at(FakeMachine::function(second)));
  const Said said = reset();
  EXPECT_EQ(ExitCode::clean, said.code);
  EXPECT_EQ("phasebit: 0000:02:00.0: there is no such PCI function\n", said.err);
  EXPECT_FALSE(machine_.has(setup_record_file));
}

TEST_F(Reset, a_record_that_is_none_stops_every_verb) {
  for (const char* text :
       {"", "{}", "[1]", R"({"functions": [{"address": "x", "driver": null, "driver_override": ""}], "hugepages": []})"}) {
    machine_.put(setup_record_file, text);
    machine_.writes_left = 0;
    for (const Said& said : {reset(), bind({first}), unbind({first}), hugepages(1)}) {
      EXPECT_EQ(ExitCode::environment, said.code);
      EXPECT_EQ(
          "phasebit: /run/phasebit/setup.json: is not what `phasebit setup` writes; put back by hand what it tells of, and remove it\n",
          said.err);
    }
  }
}

/// Everything that setup can change, one after the other.
void change_everything(FakeMachine& machine) {
  listen([&] { return bind_drives(machine, {}, ""); });
  listen([&] { return change_hugepages(machine, {100, 2 << 20, std::nullopt}); });
  listen([&] { return unbind_drives(machine, {"0000:02:00.0"}); });
  listen([&] { return change_hugepages(machine, {3, 2 << 20, 1}); });
}

/// Whether the process was killed because it wanted to write more often than this.
template <class Verbs>
bool is_killed_after(FakeMachine& machine, std::uint64_t writes, Verbs verbs) {
  machine.writes_left = writes;
  bool killed = false;
  try {
    verbs();
  } catch (const FakeMachine::Killed&) {
    killed = true;
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
  }
  machine.writes_left = ~std::uint64_t{0};
  return killed;
}

TEST_F(Reset, whatever_a_killed_run_has_left_is_put_back) {
  bool killed = true;
  std::uint64_t writes = 0;
  for (; killed; ++writes) {
    FakeMachine machine;
    furnish(machine);
    killed = is_killed_after(machine, writes, [&] { change_everything(machine); });
    listen([&] { return reset_setup(machine); });
    ASSERT_EQ(untouched, state_of(machine)) << "killed after " << writes << " writes";
    ASSERT_FALSE(machine.has(setup_record_file));
  }
  EXPECT_GT(writes, 10u);
}

TEST_F(Reset, a_killed_reset_is_carried_on_by_the_next) {
  bool killed = true;
  for (std::uint64_t writes = 0; killed; ++writes) {
    FakeMachine machine;
    furnish(machine);
    change_everything(machine);
    ASSERT_NE(untouched, state_of(machine));
    killed = is_killed_after(machine, writes, [&] { listen([&] { return reset_setup(machine); }); });
    listen([&] { return reset_setup(machine); });
    ASSERT_EQ(untouched, state_of(machine)) << "killed after " << writes << " writes";
  }
}

TEST_F(Hugepages, are_set_and_told) {
  const Said said = hugepages(100);
  EXPECT_EQ(ExitCode::clean, said.code);
  EXPECT_EQ("100 hugepages of 2M, were 64\n", said.out);
  EXPECT_EQ("10 hugepages of 2M on node 1, were 50\n", hugepages(10, 1).out);
}

TEST_F(Hugepages, more_than_there_are_is_refused) {
  machine_.hugepages_max = 90;
  const Said said = hugepages(100);
  EXPECT_EQ(ExitCode::environment, said.code);
  EXPECT_NE(std::string::npos, said.err.find("of 100 hugepages of 2M the kernel could give 90")) << said.err;
}

TEST_F(Hugepages, of_a_size_or_node_that_is_not_there_are_refused) {
  EXPECT_EQ("phasebit: no hugepages of 2M on node 9: there are 2M on node 0, 2M on node 1\n", hugepages(1, 9).err);
  EXPECT_EQ(ExitCode::environment, listen([&] { return change_hugepages(machine_, {1, 1 << 30, std::nullopt}); }).code);
  EXPECT_FALSE(machine_.has(setup_record_file));
}

TEST_F(Lock, two_at_once_do_not_meet) {
  const auto held = lock_setup(machine_);
  ASSERT_TRUE(held.has_value());
  machine_.writes_left = 0;
  for (const Said& said : {reset(), bind({first}), unbind({first}), hugepages(1)}) {
    EXPECT_EQ(ExitCode::environment, said.code);
    EXPECT_EQ("phasebit: another `phasebit setup` is at work (/run/phasebit/setup.lock is locked); try again when it has ended\n",
              said.err);
  }
}

TEST_F(Lock, who_is_not_root_is_told_so) {
  machine_.show_to_everybody();
  std::filesystem::create_directory(machine_.at("/run"));
  using std::filesystem::perms;
  std::filesystem::permissions(machine_.at("/run"), perms::owner_read | perms::owner_exec | perms::others_read | perms::others_exec |
                                                        perms::group_read | perms::group_exec);
  EXPECT_EXIT(
      {
        (void)::setuid(65534);
        std::_Exit(static_cast<int>(reset_setup(machine_)));
      },
      testing::ExitedWithCode(5), "phasebit: /run/phasebit: cannot be written: Permission denied; run this as root");
}

}  // namespace
}  // namespace phasebit::cli
