#include "src/spec/names.hpp"

#include <gtest/gtest.h>

#include "src/spec/async_event.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::spec {
namespace {

TEST(Names, of_opcodes_are_their_enumerators) {
  EXPECT_EQ(opcode_name(NvmOpcode{0x08}), "write_zeroes");
  EXPECT_EQ(opcode_name(AdminOpcode{0x0c}), "async_event_request");
  EXPECT_EQ(opcode_name(NvmOpcode{0x7f}), "");
  EXPECT_EQ(nvm_opcode_from_name("compare"), NvmOpcode{0x05});
  EXPECT_EQ(admin_opcode_from_name("create_io_cq"), AdminOpcode{0x05});
  EXPECT_FALSE(nvm_opcode_from_name("identify").has_value());
}

TEST(Names, of_features_log_pages_and_structures_are_their_enumerators) {
  EXPECT_EQ(feature_name(Fid{0x16}), "host_behavior_support");
  EXPECT_EQ(feature_from_name("volatile_write_cache"), Fid{0x06});
  EXPECT_EQ(log_page_name(Lid{0x04}), "changed_namespaces");
  EXPECT_EQ(log_page_from_name("smart"), Lid{0x02});
  EXPECT_EQ(identify_name(Cns{0x02}), "active_namespaces");
  EXPECT_EQ(identify_from_name("namespace_descriptors"), Cns{0x03});
  EXPECT_FALSE(feature_from_name("").has_value());
}

template <class Value, class Name, class From>
int count_names_that_come_back(Name name, From from) {
  int named = 0;
  for (int code = 0; code < 256; ++code) {
    const auto value = static_cast<Value>(code);
    if (!name(value).empty()) {
      EXPECT_EQ(from(name(value)), value) << name(value);
      ++named;
    }
  }
  return named;
}

TEST(Names, lead_back_to_the_number_they_came_from) {
  EXPECT_EQ(count_names_that_come_back<AdminOpcode>([](AdminOpcode o) { return opcode_name(o); }, admin_opcode_from_name), 30);
  EXPECT_EQ(count_names_that_come_back<NvmOpcode>([](NvmOpcode o) { return opcode_name(o); }, nvm_opcode_from_name), 13);
  EXPECT_EQ(count_names_that_come_back<Fid>(feature_name, feature_from_name), 31);
  EXPECT_EQ(count_names_that_come_back<Lid>(log_page_name, log_page_from_name), 26);
  EXPECT_EQ(count_names_that_come_back<Cns>(identify_name, identify_from_name), 22);
}

TEST(Names, of_async_events_tell_type_and_information_whatever_the_page) {
  EXPECT_EQ(async_event_from_name("namespace_attribute_changed"), AsyncEvent{0x0004'0002});
  EXPECT_EQ(async_event_from_name("temperature_threshold"), AsyncEvent{0x0002'0101});
  EXPECT_EQ(async_event_from_name("firmware_activation_starting"), AsyncEvent{0x0003'0102});
  EXPECT_EQ(async_event_name(AsyncEvent{0x00ff'0102}), "firmware_activation_starting");
  EXPECT_EQ(async_event_name(AsyncEvent{0x0002'0701}), "");
  EXPECT_FALSE(async_event_from_name("").has_value());
  int named = 0;
  for (std::uint32_t raw = 0; raw < 0x1'0000; ++raw) {
    const AsyncEvent event{raw & 0xff07};
    if (raw == event.raw && !async_event_name(event).empty()) {
      EXPECT_EQ(async_event_from_name(async_event_name(event))->raw & 0xff07, raw);
      ++named;
    }
  }
  EXPECT_EQ(named, 19);  // 6 errors, 3 of SMART, 7 notices, 3 of the NVM command set
}

TEST(DataDirection, is_in_the_two_low_bits_of_an_opcode) {
  EXPECT_EQ(data_direction(NvmOpcode::flush), DataDirection::none);
  EXPECT_EQ(data_direction(NvmOpcode::write), DataDirection::host_to_controller);
  EXPECT_EQ(data_direction(NvmOpcode::read), DataDirection::controller_to_host);
  EXPECT_EQ(data_direction(AdminOpcode::identify), DataDirection::controller_to_host);
  EXPECT_EQ(data_direction(std::uint8_t{0x7f}), DataDirection::both);
}

}  // namespace
}  // namespace phasebit::spec
