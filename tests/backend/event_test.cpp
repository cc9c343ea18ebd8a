#include "src/backend/event.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "src/backend/bus.hpp"

namespace phasebit {
namespace {

TEST(Event, has_the_byte_layout_of_the_stream_format) {
  Event event;
  event.time = 0x0102030405060708ull;
  event.kind = EventKind::register_write;
  event.drive = 3;
  event.queue = 0x1122;
  event.a = 0x33445566u;
  event.b = 0x7788ull;
  event.c = 0x99aaull;
  unsigned char bytes[32];
  std::memcpy(bytes, &event, sizeof bytes);
  const unsigned char expected[32] = {8,    7,    6, 5, 4, 3, 2, 1, 2,    3,    0x22, 0x11, 0x66, 0x55, 0x44, 0x33,
                                      0x88, 0x77, 0, 0, 0, 0, 0, 0, 0xaa, 0x99, 0,    0,    0,    0,    0,    0};
  EXPECT_EQ(std::memcmp(bytes, expected, sizeof bytes), 0);
}

TEST(EventKind, names_are_distinct) {
  std::set<std::string_view> names;
  int known = 0;
  for (int value = 0; value < 256; ++value) {
    const auto text = name(static_cast<EventKind>(value));
    if (text != "unknown") {
      ++known;
      names.insert(text);
    }
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(known));
}

TEST(PciAddress, packs_as_the_requester_id_with_its_domain) {
  EXPECT_EQ((PciAddress{1, 2, 3, 4}.packed()), 0x0001'021cu);
}

}  // namespace
}  // namespace phasebit
