// Files stand for the function's; what the kernel does behind them, the guest shows.
#include "hw/sysfs_device.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "hw/sysfs_claim.hpp"
#include "src/spec/pci.hpp"
#include "tests/support/fake_machine.hpp"

namespace phasebit::hw {
namespace {

constexpr std::size_t bar_bytes = 16384;
constexpr std::uint32_t command_offset = spec::pci::config::command;
// Bits of the Command register (PCI Express Base 5.0 §7.5.1.1.3).
constexpr std::uint32_t memory_space = 1 << 1;
constexpr std::uint32_t bus_master = 1 << 2;
constexpr std::uint32_t intx_disable = 1 << 10;

/// A drive without an IOMMU group, whose decoding is off and whose bus mastering somebody has left on.
class OnSysfs : public OnFakeMachine {
 protected:
  OnSysfs() {
    machine_.add_function(drive_name);
    std::string config(256, '\0');
    config.replace(0, 6, std::string("\x36\x1b\x10\x00\x04\x00", 6));
    fill("config", config);
    fill("resource0", std::string(bar_bytes, '\x5a'));
    fill("reset", "");
    fill("enable", "");
    machine_.put(file("uio/uio3/dev"), "240:3");
    machine_.put("/dev/uio3", "");
    hold_by("uio_pci_generic");
  }

  std::string file(const std::string& name) const { return FakeMachine::function(drive_name) + name; }
  void fill(const std::string& name, const std::string& bytes) const { std::ofstream(machine_.at(file(name))) << bytes; }
  std::string content(const std::string& name) const {
    std::ifstream stream(machine_.at(file(name)));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::uint32_t command() const {
    const std::string config = content("config");
    return static_cast<unsigned char>(config[4]) | static_cast<unsigned>(static_cast<unsigned char>(config[5])) << 8;
  }
  void hold_by(const std::string& driver) const { machine_.link(file("driver"), "../../../bus/pci/drivers/" + driver); }
  void unbind() const {
    std::filesystem::remove(machine_.at(file("driver")));
    machine_.put(file("driver_override"), "none");
  }

  // A plain one: what is written lands in the files.
  Answer<std::unique_ptr<SysfsDevice>> open() const {
    return SysfsDevice::open(plain_, drive, SysfsPci(plain_.at("/sys/bus/pci/devices")).access_to(drive).value());
  }

  Machine plain_{machine_.at("/")};
};

TEST_F(OnSysfs, a_function_shows_registers_and_configuration_space) {
  const auto device = open().value();
  EXPECT_EQ(bar_bytes, device->bar_bytes());
  EXPECT_EQ(std::byte{0x5a}, device->bar()[bar_bytes - 1]);
  device->bar()[20] = std::byte{1};
  EXPECT_EQ('\1', content("resource0")[20]);
  EXPECT_EQ(0x0010'1b36u, device->config_read32(0));
  device->config_write16(command_offset, memory_space | bus_master);
  EXPECT_EQ(memory_space | bus_master, command());
  EXPECT_EQ(~0u, device->config_read32(256)) << "nothing answers there";
}

TEST_F(OnSysfs, a_function_that_is_opened_decodes_masters_nothing_and_is_reset) {
  const auto device = open().value();
  EXPECT_EQ(memory_space | intx_disable, command());
  EXPECT_EQ("1", content("reset"));
  EXPECT_EQ("", content("enable")) << "uio_pci_generic has done that";
}

TEST_F(OnSysfs, a_function_that_is_closed_masters_nothing_and_is_reset) {
  auto device = open().value();
  device->config_write16(command_offset, memory_space | bus_master);
  fill("reset", "");
  device.reset();
  EXPECT_EQ(0u, command() & bus_master);
  EXPECT_EQ("1", content("reset"));
}

TEST_F(OnSysfs, a_function_that_cannot_be_reset_is_opened_all_the_same) {
  std::filesystem::remove(machine_.at(file("reset")));
  EXPECT_TRUE(open().has_value());
  EXPECT_EQ(0u, command() & bus_master);
}

TEST_F(OnSysfs, a_function_without_a_driver_is_switched_on_and_off_by_us) {
  unbind();
  auto device = open().value();
  EXPECT_EQ("1", content("enable"));
  device.reset();
  EXPECT_EQ("0", content("enable"));
}

TEST_F(OnSysfs, a_function_that_has_changed_hands_is_left_alone) {
  auto device = open().value();
  device->config_write16(command_offset, memory_space | bus_master);
  fill("reset", "");
  hold_by("nvme");
  EXPECT_EQ(~0u, device->config_read32(0));
  device->config_write16(command_offset, 0);
  device.reset();
  EXPECT_EQ(memory_space | bus_master, command()) << "its new owner needs both";
  EXPECT_EQ("", content("reset"));
}

TEST_F(OnSysfs, a_function_that_is_gone_reads_as_all_ones_until_memory_space_is_switched_on_again) {
  const auto device = open().value();
  const auto* const word = reinterpret_cast<const volatile std::uint32_t*>(device->bar());
  std::filesystem::resize_file(machine_.at(file("resource0")), 0);
  EXPECT_EQ(0xffff'ffffu, word[7]);
  std::filesystem::resize_file(machine_.at(file("resource0")), bar_bytes);
  EXPECT_EQ(0xffff'ffffu, word[7]);
  device->config_write16(command_offset, bus_master);
  EXPECT_EQ(0xffff'ffffu, word[7]) << "it does not decode";
  device->config_write16(command_offset, memory_space);
  EXPECT_EQ(0u, word[7]);
}

TEST_F(OnSysfs, a_function_has_no_interrupts_and_asks_for_nothing) {
  const auto device = open().value();
  EXPECT_EQ(0u, device->enable_interrupts(4));
  EXPECT_FALSE(device->take_interrupt());
  EXPECT_FALSE(device->removal_asked());
  EXPECT_EQ(-1, device->interrupt_event());
  EXPECT_EQ(-1, device->removal_event());
}

TEST_F(OnSysfs, a_function_that_lacks_a_file_is_refused_by_name_and_left_as_it_was) {
  const auto why = [this] {
    const auto opened = open();
    EXPECT_FALSE(opened.has_value());
    return opened ? Refusal{} : opened.error();
  };
  fill("resource0", "");
  EXPECT_EQ(Errc::unsupported, why().error);
  std::filesystem::remove(machine_.at(file("resource0")));
  EXPECT_EQ(Errc::environment, why().error);
  EXPECT_NE(std::string::npos, why().why.find("/resource0 cannot be opened: No such file or directory")) << why().why;
  std::filesystem::remove(machine_.at("/dev/uio3"));
  EXPECT_NE(std::string::npos, why().why.find("/dev/uio3 cannot be opened")) << why().why;
  std::filesystem::remove_all(machine_.at(file("uio")));
  EXPECT_NE(std::string::npos, why().why.find("0000:01:00.0: uio_pci_generic holds it and has no device for it")) << why().why;
  unbind();
  std::filesystem::remove(machine_.at(file("enable")));
  EXPECT_EQ(Errc::busy, why().error);
}

TEST_F(OnSysfs, a_claim_is_one_process_s_until_it_ends) {
  auto locked = SysfsClaim::lock(plain_, drive);
  ASSERT_TRUE(locked.has_value());
  const auto second = SysfsClaim::lock(plain_, drive);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(Errc::busy, second.error().error);
  EXPECT_EQ("0000:01:00.0: another process uses it", second.error().why);
  { const FileDescriptor ended = std::move(*locked); }
  EXPECT_TRUE(SysfsClaim::lock(plain_, drive).has_value());
}

TEST_F(OnSysfs, a_claim_needs_physical_addresses_of_dpdk) {
  const auto claim = SysfsClaim::take(plain_, drive);  // no DPDK runs here at all
  ASSERT_FALSE(claim.has_value());
  EXPECT_EQ(Errc::environment, claim.error().error);
  EXPECT_EQ(
      "0000:01:00.0: without an IOMMU a drive finds memory by its physical address: DPDK has to be started with hugepages and --iova-mode "
      "pa",
      claim.error().why);
}

}  // namespace
}  // namespace phasebit::hw
