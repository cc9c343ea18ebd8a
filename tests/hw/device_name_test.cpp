#include "hw/device_name.hpp"

#include <gtest/gtest.h>

#include <string>

namespace phasebit::hw {
namespace {

constexpr PciAddress first_drive{0, 1, 0, 0};
constexpr PciAddress far_drive{0xabcd, 0xef, 31, 7};

PciAddress read(const std::string& name) {
  auto address = parse_device_name(name);
  EXPECT_TRUE(address.has_value()) << name << ": " << address.error().why;
  return address.value_or(PciAddress{});
}

Refusal refusal(const std::string& name) {
  auto address = parse_device_name(name);
  EXPECT_FALSE(address.has_value()) << name;
  return address ? Refusal{} : address.error();
}

TEST(DeviceName, is_an_address_with_or_without_its_domain) {
  EXPECT_EQ(first_drive, read("0000:01:00.0"));
  EXPECT_EQ(first_drive, read("01:00.0"));
  EXPECT_EQ(first_drive, read("  0000:01:00.0\n"));
  EXPECT_EQ(far_drive, read("abcd:ef:1f.7"));
  EXPECT_EQ(far_drive, read("ABCD:EF:1F.7"));
}

TEST(DeviceName, is_a_transport_id_as_spdk_writes_it) {
  EXPECT_EQ(first_drive, read("trtype:PCIe traddr:0000:01:00.0"));
  EXPECT_EQ(first_drive, read("trtype=PCIe traddr=0000:01:00.0"));
  EXPECT_EQ(first_drive, read("traddr:01:00.0\ttrtype:pcie"));
  EXPECT_EQ(far_drive, read("TRTYPE:PCIE   TRADDR:abcd:ef:1f.7 "));
}

TEST(DeviceName, refuses_what_is_no_address) {
  for (const char* name : {"", " ", "0000:01:00", "0000:01:00.8", "0000:01:20.0", "0000:1:00.0", "00000:01:00.0", "0000:01:00.0x",
                           "0000-01-00.0", "0000:01:00:0", "g000:01:00.0", "+000:01:00.0", "-1:00.0", "0x:00.0", "0000:01:00.-", "nvme0",
                           "/dev/nvme0n1", "0000:01:00.0 0000:02:00.0"}) {
    EXPECT_EQ(Errc::invalid_argument, refusal(name).error) << name;
  }
}

TEST(DeviceName, refuses_half_a_transport_id_and_words_that_it_does_not_know) {
  for (const char* name : {"trtype:PCIe", "traddr:0000:01:00.0", "trtype:PCIe traddr:", "trtype:PCIe traddr", "trtype:PCIe traddr:nvme0",
                           "trtype:PCIe traddr:0000:01:00.0 subnqn:x", "trtype:PCIe traddr:0000:01:00.0 traddr:0000:02:00.0",
                           "trtype:PCIe trtype:PCIe traddr:0000:01:00.0"}) {
    EXPECT_EQ(Errc::invalid_argument, refusal(name).error) << name;
  }
}

TEST(DeviceName, says_what_would_be_right) {
  EXPECT_NE(std::string::npos, refusal("nvme0").why.find("'nvme0': neither a PCI address such as 0000:01:00.0"));
}

TEST(DeviceName, knows_other_transports_and_cannot_do_them) {
  auto refused = refusal("trtype:TCP traddr:192.0.2.1");
  EXPECT_EQ(Errc::unsupported, refused.error);
  EXPECT_NE(std::string::npos, refused.why.find("'TCP' is not PCIe"));
}

TEST(DeviceName, is_written_as_sysfs_names_functions) {
  EXPECT_EQ("0000:01:00.0", text(first_drive));
  EXPECT_EQ("abcd:ef:1f.7", text(far_drive));
}

}  // namespace
}  // namespace phasebit::hw
