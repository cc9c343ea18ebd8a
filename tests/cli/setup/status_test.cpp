#include <nlohmann/json.hpp>

#include "src/cli/setup_status.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/setup/setup_fixture.hpp"

namespace phasebit::cli {
namespace {

class Status : public OnSetup {
 protected:
  std::string shown() const {
    const Said said = listen([&] { return show_setup(machine_, false); });
    EXPECT_EQ(ExitCode::clean, said.code);
    EXPECT_EQ("", said.err);
    return said.out;
  }
};

TEST_F(Status, drives_users_hugepages_and_drivers_are_shown) {
  machine_.add_partition("nvme1n1", "nvme1n1p1", "259:11");
  mount("nvme1n1p1");
  machine_.add_line("/proc/swaps", "/dev/nvme1n1 partition 1 0 -2");
  machine_.put("/proc/sys/kernel/osrelease", "6.1");
  EXPECT_EQ(
      "function      device     driver  IOMMU group  NUMA node  block devices      used by\n"
      "0000:01:00.0  1b36:0010  nvme    5            -          nvme1n1 nvme1n1p1  nvme1n1 is swap; nvme1n1p1 is mounted on /mnt\n"
      "0000:02:00.0  1b36:0010  nvme    6            -          nvme2n1            -\n"
      "\n"
      "hugepages  node  total  free  reserved\n"
      "2M         all   64     60    1\n"
      "2M         0     40     36    -\n"
      "2M         1     24     24    -\n"
      "\n"
      "IOMMU: on, 2 groups\n"
      "nvme: loaded\n"
      "vfio-pci: loaded\n"
      "uio_pci_generic: loaded\n",
      shown());
}

TEST_F(Status, a_changed_machine_says_how_it_is_put_back) {
  bind();
  EXPECT_TRUE(contains(shown(), "0000:01:00.0  1b36:0010  vfio-pci  5            -          -              -\n")) << shown();
  EXPECT_TRUE(contains(shown(), "`phasebit setup reset` puts back what /run/phasebit/setup.json tells of\n"));
}

TEST_F(Status, what_cannot_be_seen_is_said) {
  std::filesystem::remove(machine_.at("/dev/nvme2n1"));
  EXPECT_TRUE(contains(shown(), "0000:02:00.0: there may be users that are not shown, for /dev/nvme2n1 cannot be looked at; root can\n"));
}

TEST_F(Status, a_machine_that_has_nothing_is_shown_too) {
  const FakeMachine empty;
  const Said said = listen([&] { return show_setup(empty, false); });
  EXPECT_EQ(
      "no NVMe I/O controller on the PCI bus\n\nhugepages  node  total  free  reserved\n\n"
      "IOMMU: none; vfio-pci needs it: switch it (VT-d, AMD-Vi) on in firmware and kernel\n"
      "nvme: not there\nvfio-pci: not there\nuio_pci_generic: not there\n",
      said.out);
}

TEST_F(Status, it_is_told_as_json) {
  mount("nvme1n1");
  const auto json = nlohmann::json::parse(listen([&] { return show_setup(machine_, true); }).out);
  const auto& function = json["functions"][0];
  EXPECT_EQ("0000:01:00.0", function["address"]);
  EXPECT_EQ("nvme", function["driver"]);
  EXPECT_EQ(5, function["iommu_group"]);
  EXPECT_TRUE(function["numa_node"].is_null());
  EXPECT_EQ("nvme1n1", function["block_devices"][0]);
  EXPECT_EQ("mount", function["used_by"][0]["kind"]);
  EXPECT_EQ("/mnt", function["used_by"][0]["by"]);
  EXPECT_EQ(60, json["hugepages"][0]["free"]);
  EXPECT_EQ(2, json["iommu_groups"]);
  EXPECT_EQ("loaded", json["drivers"]["vfio-pci"]);
  EXPECT_EQ(false, json["changed"]);
}

TEST_F(Status, bytes_that_are_no_text_are_replaced_in_json) {
  machine_.open_in("42", "caf\xc3", "/dev/nvme1n1");
  const auto json = nlohmann::json::parse(listen([&] { return show_setup(machine_, true); }).out);
  EXPECT_EQ("process 42 (caf\xef\xbf\xbd)", json["functions"][0]["used_by"][0]["by"]);
}

// The program itself, on the machine that runs the test: nothing here may change it.
TEST(SetupProgram, a_wrong_command_line_is_refused) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{},
                                                                                     {"dance"},
                                                                                     {"bind", "nvme0"},
                                                                                     {"bind", "0000:ff:1f.7", "--driver", "nvme"},
                                                                                     {"unbind"},
                                                                                     {"hugepages"},
                                                                                     {"hugepages", "-1"},
                                                                                     {"hugepages", "many"},
                                                                                     {"hugepages", "1", "--size", "2x"},
                                                                                     {"hugepages", "1", "--size", "2"},
                                                                                     {"hugepages", "1", "--node", "first"},
                                                                                     {"reset", "now"}}) {
    std::vector<std::string> arguments{"setup"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    EXPECT_EQ(2, run(arguments).code) << testing::PrintToString(words);
  }
}

TEST(SetupProgram, a_function_that_is_not_there_is_refused) {
  const Ended ended = run({"setup", "bind", "0000:ff:1f.7"});
  EXPECT_EQ(5, ended.code);
  EXPECT_EQ("phasebit: 0000:ff:1f.7: there is no such PCI function\n", ended.err);
}

TEST(SetupProgram, status_is_shown_of_any_machine) {
  EXPECT_EQ(0, run({"setup", "status"}).code);
  EXPECT_TRUE(nlohmann::json::parse(run({"setup", "status", "--json"}).out).contains("functions"));
}

}  // namespace
}  // namespace phasebit::cli
