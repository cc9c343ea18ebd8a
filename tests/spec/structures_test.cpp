#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <type_traits>

#include "src/spec/async_event.hpp"
#include "src/spec/completion.hpp"
#include "src/spec/dataset_management.hpp"
#include "src/spec/features.hpp"
#include "src/spec/identify_bits.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/log_pages.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::spec {
namespace {

template <class... Structures>
constexpr bool copied_as_bytes = ((std::is_trivially_copyable_v<Structures> && std::is_standard_layout_v<Structures>)&&...);

TEST(WireStructures, may_be_copied_as_bytes) {
  static_assert(copied_as_bytes<Sqe, Cqe, DatasetRange, HostBehaviorSupport>);
  static_assert(copied_as_bytes<IdentifyController, IdentifyNamespace, IdentifyNamespaceIndependent, IdentifyNamespaceNvm>);
  static_assert(copied_as_bytes<IdentifyControllerNvm, NamespaceList, NamespaceDescriptorHeader, IoCommandSetVectors>);
  static_assert(copied_as_bytes<ErrorLogEntry, SmartLog, FirmwareSlotLog, ChangedNamespaceLog, CommandEffectsLog>);
}

// An answer that was only partly filled in must not carry what lay in memory before.
TEST(WireStructures, are_all_zeroes_to_begin_with) {
  const auto is_zero = [](const auto& structure) {
    const std::array<unsigned char, sizeof(structure)> zeroes{};
    return std::memcmp(static_cast<const void*>(&structure), zeroes.data(), sizeof(structure)) == 0;
  };
  EXPECT_TRUE(is_zero(Sqe{}) && is_zero(Cqe{}) && is_zero(IdentifyController{}) && is_zero(IdentifyNamespace{}));
  EXPECT_TRUE(is_zero(SmartLog{}) && is_zero(ErrorLogEntry{}) && is_zero(FirmwareSlotLog{}) && is_zero(CommandEffectsLog{}));
  EXPECT_TRUE(is_zero(NamespaceList{}) && is_zero(IdentifyControllerNvm{}) && is_zero(HostBehaviorSupport{}));
}

TEST(PaddedText, is_padded_on_the_wire_and_not_above_it) {
  const auto wire = padded<8>("1.0");
  EXPECT_EQ(std::memcmp(wire.data(), "1.0     ", 8), 0);
  EXPECT_EQ(unpadded(wire), "1.0");
  EXPECT_EQ(unpadded(padded<4>("long text")), "long");
  EXPECT_EQ(unpadded(PaddedText<4>{}), "");
  EXPECT_EQ(unpadded(PaddedText<4>{' ', 'a', ' ', 'b'}), " a b");
}

TEST(Le128, saturates_where_64_bits_end) {
  EXPECT_EQ((Le128{5, 0}.saturated()), 5u);
  EXPECT_EQ((Le128{5, 1}.saturated()), ~0ull);
}

TEST(IdentifyBits, are_read_from_the_structures_words) {
  IdentifyController id;
  id.oacs = 0x0100;
  id.oncs = 0x0089;
  id.vwc = 0x07;
  id.sqes = 0x66;
  EXPECT_TRUE(Oacs{id.oacs}.get(Oacs::doorbell_buffer_config));
  EXPECT_FALSE(Oacs{id.oacs}.get(Oacs::virtualization_management));
  EXPECT_TRUE(Oncs{id.oncs}.get(Oncs::compare));
  EXPECT_TRUE(Oncs{id.oncs}.get(Oncs::write_zeroes));
  EXPECT_TRUE(Oncs{id.oncs}.get(Oncs::verify));
  EXPECT_FALSE(Oncs{id.oncs}.get(Oncs::dataset_management));
  EXPECT_EQ(Vwc{id.vwc}.get(Vwc::flush_all), FlushAll::supported);
  EXPECT_EQ(EntrySizes{id.sqes}.get(EntrySizes::required), 6u);
}

TEST(SmartLog, keeps_its_temperature_unaligned_and_little_endian) {
  SmartLog log;
  log.set_temperature_kelvins(0x0139);
  const auto* bytes = reinterpret_cast<const unsigned char*>(&log);
  EXPECT_EQ(bytes[1], 0x39);
  EXPECT_EQ(bytes[2], 0x01);
  EXPECT_EQ(log.temperature_kelvins(), 313);
}

TEST(AsyncEvent, tells_type_information_and_page) {
  const AsyncEvent changed = async_event(AsyncNoticeInfo::namespace_attribute_changed, Lid::changed_namespaces);
  EXPECT_EQ(changed.raw, 0x0004'0002u);
  EXPECT_EQ(async_event(AsyncErrorInfo::invalid_doorbell_value).raw, 0x0001'0100u);
  EXPECT_EQ(async_event(AsyncSmartInfo::temperature_threshold).raw, 0x0002'0101u);
  EXPECT_EQ(AsyncEvent{0x0081'0106}.get(AsyncEvent::type), AsyncEventType::io_command_set);
  EXPECT_EQ(AsyncEvent{0x0081'0106}.get(AsyncEvent::info), 1u);
  EXPECT_EQ(AsyncEvent{0x0081'0106}.get(AsyncEvent::lid), Lid::sanitize_status);
}

TEST(NamespaceDescriptor, identifiers_have_the_length_of_their_type) {
  EXPECT_EQ(namespace_identifier_bytes(Nidt{1}), 8u);
  EXPECT_EQ(namespace_identifier_bytes(Nidt{2}), 16u);
  EXPECT_EQ(namespace_identifier_bytes(Nidt{3}), 16u);
  EXPECT_EQ(namespace_identifier_bytes(Nidt{4}), 1u);
  EXPECT_EQ(namespace_identifier_bytes(Nidt{5}), 0u);
}

TEST(PciCommand, has_the_bits_that_a_driver_sets) {
  using pci::Command;
  EXPECT_EQ(Command{}.with(Command::memory_space, true).with(Command::bus_master, true).with(Command::intx_disable, true).raw, 0x0406);
}

TEST(Msix, table_size_is_zero_based) {
  EXPECT_EQ(pci::msix_vectors(pci::MsixControl{0x8000}), 1u);
  EXPECT_EQ(pci::msix_vectors(pci::MsixControl{0x87ff}), 2048u);
  EXPECT_TRUE(pci::MsixControl{0x8000}.get(pci::MsixControl::enable));
  EXPECT_EQ((pci::MemoryBar{0x0000'0004}.get(pci::MemoryBar::type)), pci::BarType::bits_64);
}

}  // namespace
}  // namespace phasebit::spec
