#include "hw/find_device.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <filesystem>
#include <fstream>
#include <string>

#include "src/spec/pci.hpp"

namespace phasebit::hw {
namespace {

namespace fs = std::filesystem;

constexpr PciAddress drive{0, 1, 0, 0};

/// A tree as the kernel's, in a directory that goes with it.
class FakeSysfs : public ::testing::Test {
 protected:
  FakeSysfs() {
    std::string name = (fs::temp_directory_path() / "phasebit-sysfs-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(root_); }

  void add(const std::string& name, const std::string& class_code, const std::string& vendor = "0x1b36",
           const std::string& device = "0x0010") {
    fs::create_directory(root_ / name);
    write(name, "class", class_code);
    write(name, "vendor", vendor);
    write(name, "device", device);
    write(name, "subsystem_vendor", "0x1af4");
    write(name, "subsystem_device", "0x1100");
  }
  void write(const std::string& name, const std::string& file, const std::string& text) {
    std::ofstream(root_ / name / file) << text << "\n";
  }
  void link(const std::string& name, const std::string& file, const std::string& target) {
    fs::create_symlink("../../../" + target, root_ / name / file);
  }
  Refusal refusal(PciAddress address) const {
    auto access = SysfsPci(root_).access_to(address);
    EXPECT_FALSE(access.has_value());
    return access ? Refusal{} : access.error();
  }

  fs::path root_;
};

TEST_F(FakeSysfs, lists_functions_by_address_with_their_ids) {
  add("0000:02:00.0", "0x010802", "0x144d", "0xa80a");
  add("0000:00:1f.3", "0x0c0500");
  auto functions = SysfsPci(root_).functions();
  ASSERT_EQ(2u, functions.size());
  EXPECT_EQ((PciAddress{0, 0, 31, 3}), functions[0].address);
  EXPECT_EQ(0x0c0500u, functions[0].class_code);
  EXPECT_EQ((PciAddress{0, 2, 0, 0}), functions[1].address);
  EXPECT_EQ(spec::pci::class_code_nvme, functions[1].class_code);
  EXPECT_EQ(0x144d, functions[1].vendor_id);
  EXPECT_EQ(0xa80a, functions[1].device_id);
  EXPECT_EQ(0x1af4, functions[1].subsystem_vendor_id);
  EXPECT_EQ(0x1100, functions[1].subsystem_id);
}

TEST_F(FakeSysfs, leaves_out_what_is_no_whole_function) {
  add("0000:01:00.0", "0x010802");
  add("not-an-address", "0x010802");
  add("0000:03:00.0", "");
  add("0000:04:00.0", "010802");
  add("0000:05:00.0", "0x01zz02");
  add("0000:06:00.0", "0x010802ffff");
  fs::create_directory(root_ / "0000:07:00.0");
  auto functions = SysfsPci(root_).functions();
  ASSERT_EQ(1u, functions.size());
  EXPECT_EQ(drive, functions[0].address);
}

TEST_F(FakeSysfs, a_machine_without_the_tree_has_no_functions) {
  EXPECT_TRUE(SysfsPci(root_ / "absent").functions().empty());
  EXPECT_EQ(Errc::not_found, SysfsPci(root_ / "absent").access_to(drive).error().error);
}

TEST_F(FakeSysfs, a_function_is_near_to_a_node_or_to_none) {
  add("0000:01:00.0", "0x010802");
  EXPECT_EQ(std::nullopt, SysfsPci(root_).numa_node_of(drive));
  write("0000:01:00.0", "numa_node", "-1");
  EXPECT_EQ(std::nullopt, SysfsPci(root_).numa_node_of(drive));
  write("0000:01:00.0", "numa_node", "1");
  EXPECT_EQ(1u, SysfsPci(root_).numa_node_of(drive));
}

TEST_F(FakeSysfs, a_function_under_vfio_gives_its_group) {
  add("0000:01:00.0", "0x010802");
  link("0000:01:00.0", "driver", "bus/pci/drivers/vfio-pci");
  link("0000:01:00.0", "iommu_group", "kernel/iommu_groups/17");
  EXPECT_EQ("vfio-pci", SysfsPci(root_).driver_of(drive));
  EXPECT_EQ((FunctionAccess{FunctionAccess::Way::vfio, 17}), SysfsPci(root_).access_to(drive).value());
}

TEST_F(FakeSysfs, a_function_that_the_kernel_uses_is_refused_by_name) {
  add("0000:01:00.0", "0x010802");
  link("0000:01:00.0", "driver", "bus/pci/drivers/nvme");
  link("0000:01:00.0", "iommu_group", "kernel/iommu_groups/17");
  auto refused = refusal(drive);
  EXPECT_EQ(Errc::busy, refused.error);
  EXPECT_NE(std::string::npos, refused.why.find("0000:01:00.0: the kernel driver 'nvme' holds it")) << refused.why;
}

TEST_F(FakeSysfs, a_function_that_nobody_drives_is_refused_with_the_way_out) {
  add("0000:01:00.0", "0x010802");
  auto refused = refusal(drive);
  EXPECT_EQ(Errc::not_ready, refused.error);
  EXPECT_NE(std::string::npos, refused.why.find("phasebit setup bind 0000:01:00.0")) << refused.why;
}

TEST_F(FakeSysfs, a_function_that_nobody_drives_behind_an_iommu_belongs_to_vfio) {
  add("0000:01:00.0", "0x010802");
  link("0000:01:00.0", "iommu_group", "kernel/iommu_groups/17");
  write("0000:01:00.0", "driver_override", "none");
  const auto refused = refusal(drive);
  EXPECT_EQ(Errc::not_ready, refused.error);
  EXPECT_EQ("0000:01:00.0: no kernel driver holds it; to hand it to vfio-pci: phasebit setup bind 0000:01:00.0", refused.why);
}

TEST_F(FakeSysfs, without_an_iommu_a_function_under_uio_can_be_had) {
  add("0000:01:00.0", "0x010802");
  link("0000:01:00.0", "driver", "bus/pci/drivers/uio_pci_generic");
  EXPECT_EQ(FunctionAccess{FunctionAccess::Way::uio}, SysfsPci(root_).access_to(drive).value());
  link("0000:01:00.0", "iommu_group", "kernel/iommu_groups/17");
  const auto refused = refusal(drive);
  EXPECT_EQ(Errc::busy, refused.error);
  EXPECT_EQ("0000:01:00.0: the kernel driver 'uio_pci_generic' holds it; to hand it to vfio-pci: phasebit setup bind 0000:01:00.0",
            refused.why)
      << "behind an IOMMU a physical address is none";
}

TEST_F(FakeSysfs, without_an_iommu_a_function_that_no_driver_may_take_can_be_had) {
  add("0000:01:00.0", "0x010802");
  for (const char* taker : {"(null)", "", "nvme"}) {
    write("0000:01:00.0", "driver_override", taker);
    const auto refused = refusal(drive);
    EXPECT_EQ(Errc::not_ready, refused.error) << taker;
    EXPECT_EQ("0000:01:00.0: no kernel driver holds it; to hand it to uio_pci_generic: phasebit setup bind 0000:01:00.0", refused.why);
  }
  write("0000:01:00.0", "driver_override", "none");
  EXPECT_EQ(FunctionAccess{FunctionAccess::Way::unbound}, SysfsPci(root_).access_to(drive).value());
}

TEST(FunctionAccess, is_warned_of_where_no_iommu_stands_before_the_drive) {
  EXPECT_EQ("", warning_of(drive, {FunctionAccess::Way::vfio, 17}));
  const std::string uio = warning_of(drive, {FunctionAccess::Way::uio});
  EXPECT_NE(std::string::npos, uio.find("0000:01:00.0: no IOMMU stands between this drive and memory")) << uio;
  EXPECT_NE(std::string::npos, uio.find("can overwrite anything in this machine, the kernel included")) << uio;
  EXPECT_EQ(std::string::npos, uio.find("killed")) << uio;
  EXPECT_EQ(uio + "; no driver holds it, so that it goes on doing so if this process is killed",
            warning_of(drive, {FunctionAccess::Way::unbound}));
}

TEST_F(FakeSysfs, a_function_under_vfio_without_an_iommu_is_refused) {
  add("0000:01:00.0", "0x010802");
  link("0000:01:00.0", "driver", "bus/pci/drivers/vfio-pci");
  EXPECT_EQ(Errc::environment, refusal(drive).error);
  EXPECT_NE(std::string::npos, refusal(drive).why.find("phasebit setup bind --driver uio_pci_generic 0000:01:00.0")) << refusal(drive).why;
  link("0000:01:00.0", "iommu_group", "kernel/iommu_groups/many");
  EXPECT_EQ(Errc::environment, refusal(drive).error);
}

TEST_F(FakeSysfs, a_function_under_vfio_in_no_iommu_mode_is_refused) {
  add("0000:01:00.0", "0x010802");
  link("0000:01:00.0", "driver", "bus/pci/drivers/vfio-pci");
  fs::create_directories(root_ / "groups" / "3");
  fs::create_directory_symlink("../groups/3", root_ / "0000:01:00.0" / "iommu_group");
  EXPECT_TRUE(SysfsPci(root_).access_to(drive).has_value()) << "most groups have no name";
  write("groups/3", "name", "vfio-noiommu");
  const auto refused = refusal(drive);
  EXPECT_EQ(Errc::environment, refused.error);
  EXPECT_EQ(0u, refused.why.find("0000:01:00.0: vfio-pci holds it in its no-IOMMU mode (/dev/vfio/noiommu-3)")) << refused.why;
  EXPECT_NE(std::string::npos, refused.why.find("switch the IOMMU (VT-d, AMD-Vi) on")) << refused.why;
  EXPECT_NE(std::string::npos, refused.why.find("phasebit setup bind --driver uio_pci_generic 0000:01:00.0")) << refused.why;
  write("groups/3", "name", "somebodys");
  EXPECT_TRUE(SysfsPci(root_).access_to(drive).has_value());
}

TEST_F(FakeSysfs, a_function_that_is_no_drive_is_refused_whoever_holds_it) {
  add("0000:01:00.0", "0x020000");
  link("0000:01:00.0", "driver", "bus/pci/drivers/vfio-pci");
  link("0000:01:00.0", "iommu_group", "kernel/iommu_groups/17");
  auto refused = refusal(drive);
  EXPECT_EQ(Errc::unsupported, refused.error);
  EXPECT_EQ("0000:01:00.0: it is not an NVMe I/O controller", refused.why);
}

TEST_F(FakeSysfs, a_function_that_is_not_there_is_refused) {
  add("0000:01:00.0", "0x010802");
  auto refused = refusal(PciAddress{0, 9, 0, 0});
  EXPECT_EQ(Errc::not_found, refused.error);
  EXPECT_EQ("0000:09:00.0: there is no such PCI function", refused.why);
}

}  // namespace
}  // namespace phasebit::hw
