#include "sim/stream/describe.hpp"

#include <gtest/gtest.h>

#include <set>

#include "sim/stream/stream.hpp"

namespace phasebit::sim {
namespace {

TEST(Describe, says_times_as_people_read_them) {
  EXPECT_EQ(describe(Instant{0}), "0 ns");
  EXPECT_EQ(describe(Instant{999}), "999 ns");
  EXPECT_EQ(describe(Instant{1'004}), "1.004 us");
  EXPECT_EQ(describe(Instant{20'000'100}), "20.0001 ms");
  EXPECT_EQ(describe(Instant{3'000'000'000}), "3 s");
}

TEST(Describe, names_registers_and_their_values) {
  Event event = make_event(EventKind::register_write, 1, 0, 0x14, 0x460001, 4);
  event.time = 1'004;
  EXPECT_EQ(describe(event), "1.004 us  drive 1  register_write CC := 460001h, 4 bytes");
  event.c = 4 | 1 << 8;
  EXPECT_EQ(describe(event), "1.004 us  drive 1  register_write CC := 460001h, 4 bytes, lost");
  event = make_event(EventKind::register_read, 0, 0, 0x1008, 1, 4);
  EXPECT_EQ(describe(event), "0 ns  drive 0  register_read doorbell 1008h = 01h, 4 bytes");
}

TEST(Describe, names_the_status_of_a_command) {
  const Event event = make_event(EventKind::command_done, 0, 1, 7 | 0x0002u << 16, 0, 0);
  EXPECT_EQ(describe(event), "0 ns  drive 0  command_done SQ 1 CID 7 status 02h (Invalid Field in Command) dword0 00h");
}

TEST(Describe, tells_every_kind_and_leaves_no_placeholder) {
  for (unsigned kind = 0; kind < 256; ++kind) {
    const auto text = describe(make_event(static_cast<EventKind>(kind), 0, 1, 2, 3, 4));
    EXPECT_EQ(text.find('%'), std::string::npos) << text;
    EXPECT_EQ(text.find('?'), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace phasebit::sim
