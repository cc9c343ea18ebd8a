#include "sim/stream/stream.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace phasebit::sim {
namespace {

struct Collector final : StreamReader {
  std::vector<std::pair<std::uint64_t, Event>> seen;
  void on_event(std::uint64_t number, const Event& event) override { seen.emplace_back(number, event); }
};

TEST(Stream, stamps_numbers_and_hands_on_in_order) {
  Stream stream(std::pmr::get_default_resource());
  Collector first;
  Collector second;
  stream.add_reader(first);
  stream.add_reader(second);
  stream.set_now(Instant{40});
  stream.append(make_event(EventKind::power_on, 2));
  stream.set_now(Instant{44});
  stream.append(make_event(EventKind::interrupt_raised, 2, 0, 3));
  for (const Collector* reader : {&first, &second}) {
    ASSERT_EQ(reader->seen.size(), 2u);
    EXPECT_EQ(reader->seen[0].first, 0u);
    EXPECT_EQ(reader->seen[0].second.time, 40u);
    EXPECT_EQ(reader->seen[1].first, 1u);
    EXPECT_EQ(reader->seen[1].second.time, 44u);
    EXPECT_EQ(reader->seen[1].second.a, 3u);
  }
  EXPECT_EQ(stream.count(), 2u);
}

TEST(Stream, tells_a_removed_reader_nothing) {
  Stream stream(std::pmr::get_default_resource());
  Collector reader;
  stream.add_reader(reader);
  stream.append(make_event(EventKind::power_on, 0));
  stream.remove_reader(reader);
  stream.append(make_event(EventKind::power_on, 0));
  EXPECT_EQ(reader.seen.size(), 1u);
}

TEST(StreamDeathTest, time_that_goes_back_is_a_broken_promise) {
  Stream stream(std::pmr::get_default_resource());
  stream.set_now(Instant{8});
  EXPECT_DEATH(stream.set_now(Instant{4}), "now_ <= now");
}

}  // namespace
}  // namespace phasebit::sim
