#include "hw/uevents.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace phasebit::hw {
namespace {

using namespace std::string_view_literals;

/// As the kernel sends it when a drive is plugged in.
constexpr auto plugged =
    "add@/devices/pci0000:00/0000:00:01.0/0000:01:00.0\0ACTION=add\0DEVPATH=/devices/pci0000:00/0000:00:01.0/0000:01:00.0\0SUBSYSTEM=pci\0"
    "PCI_CLASS=10802\0PCI_ID=1B36:0010\0PCI_SUBSYS_ID=1AF4:1100\0PCI_SLOT_NAME=0000:01:00.0\0"
    "MODALIAS=pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02\0SEQNUM=1200\0"sv;

std::string replaced(std::string_view from, std::string_view to) {
  std::string message(plugged);
  return message.replace(message.find(from), from.size(), to);
}

TEST(Uevent, tells_that_a_function_came_and_which) {
  auto event = parse_uevent(plugged);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(BusEvent::Kind::added, event->kind);
  EXPECT_EQ((PciAddress{0, 1, 0, 0}), event->address);
}

TEST(Uevent, tells_that_a_function_went) {
  auto event = parse_uevent(replaced("ACTION=add", "ACTION=remove"));
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(BusEvent::Kind::removed, event->kind);
}

TEST(Uevent, tells_that_a_function_can_be_had_from_now_on) {
  for (const auto bound : {"ACTION=bind\0DRIVER=vfio-pci\0"sv, "ACTION=bind\0DRIVER=uio_pci_generic\0"sv}) {
    auto event = parse_uevent(replaced("ACTION=add\0"sv, bound));
    ASSERT_TRUE(event.has_value()) << bound;
    EXPECT_EQ(BusEvent::Kind::added, event->kind);
  }
}

TEST(Uevent, is_nothing_when_a_function_only_changes_hands) {
  EXPECT_FALSE(parse_uevent(replaced("ACTION=add", "ACTION=bind")).has_value());
  EXPECT_FALSE(parse_uevent(replaced("ACTION=add\0"sv, "ACTION=bind\0DRIVER=nvme\0"sv)).has_value());
  EXPECT_FALSE(parse_uevent(replaced("ACTION=add\0"sv, "ACTION=unbind\0DRIVER=vfio-pci\0"sv)).has_value());
}

TEST(Uevent, is_nothing_when_it_is_not_of_the_pci_bus) {
  EXPECT_FALSE(parse_uevent(replaced("SUBSYSTEM=pci", "SUBSYSTEM=pci_bus")).has_value());
  EXPECT_FALSE(parse_uevent(replaced("SUBSYSTEM=pci", "SUBSYSTEM=nvme")).has_value());
}

TEST(Uevent, is_nothing_without_an_address_that_can_be_read) {
  EXPECT_FALSE(parse_uevent(replaced("PCI_SLOT_NAME=0000:01:00.0", "PCI_SLOT_NAME=0000:01:00.9")).has_value());
  EXPECT_FALSE(parse_uevent(replaced("PCI_SLOT_NAME", "OTHER_NAME")).has_value());
}

TEST(Uevent, may_be_cut_short_anywhere) {
  const auto address_ends = plugged.find("PCI_SLOT_NAME=0000:01:00.0") + "PCI_SLOT_NAME=0000:01:00.0"sv.size();
  for (std::size_t bytes = 0; bytes <= plugged.size(); ++bytes) {
    EXPECT_EQ(bytes >= address_ends, parse_uevent(plugged.substr(0, bytes)).has_value()) << bytes;
  }
}

TEST(Uevents, never_wait) {
  Uevents events;
  while (events.next()) {
  }
}

}  // namespace
}  // namespace phasebit::hw
