// Drives that are plugged in, asked for, pulled and let go of while a probe follows the bus.
#include <gtest/gtest.h>

#include "tests/support/probe_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::Lines;
using testing::ModelDrive;
using testing::ProbeBench;

constexpr PciAddress function_at(std::uint8_t device) {
  return testing::model_address(device);
}

TEST(Probe, detaches_and_attaches_again) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.start();
  bench.run();
  ASSERT_TRUE(bench.probe->detach(function_at(1), bench.now));
  bench.run();
  EXPECT_TRUE(bench.bus.claimed.empty());
  EXPECT_EQ(bench.bus.slots[function_at(1)].drive->allocation_count(), 0u);
  bench.probe->probe(bench.now);
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1", "detached 1", "found 1", "attached 1"}));
  EXPECT_EQ(bench.probe->detach(function_at(9), bench.now).error(), Errc::not_found);
}

TEST(Probe, follows_a_drive_that_is_plugged_in_asked_for_and_pulled) {
  ProbeBench bench;
  bench.start();
  ModelDrive& drive = bench.bus.add(1);
  bench.bus.events.push_back({BusEvent::Kind::added, function_at(1)});
  bench.run();
  bench.bus.events.push_back({BusEvent::Kind::removal_asked, function_at(1)});
  bench.run();
  drive.gone = true;
  bench.bus.events.push_back({BusEvent::Kind::removed, function_at(1)});
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1", "removal asked 1", "gone 1"}));
  EXPECT_TRUE(bench.bus.claimed.empty());
}

TEST(Probe, attaches_a_drive_again_that_was_pulled_and_plugged_in_between_two_looks) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.start();
  bench.run();
  bench.bus.events = {{BusEvent::Kind::removed, function_at(1)}, {BusEvent::Kind::added, function_at(1)}};
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1", "gone 1", "found 1", "attached 1"}));
  EXPECT_EQ(bench.bus.claimed, std::set{function_at(1)});
}

TEST(Probe, attaches_the_last_of_many_that_came_and_went_between_two_looks) {
  ProbeBench bench;
  ModelDrive& drive = bench.bus.add(1);
  bench.start();
  bench.run();
  bench.take();
  const BusEvent pulled{BusEvent::Kind::removed, function_at(1)};
  const BusEvent plugged{BusEvent::Kind::added, function_at(1)};
  bench.bus.events = {pulled, plugged, pulled, plugged};
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"gone 1", "found 1", "attached 1"}));
  bench.bus.events = {pulled, plugged, pulled};
  drive.gone = true;
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"gone 1"}));
  EXPECT_TRUE(bench.bus.claimed.empty());
}

TEST(Probe, does_not_take_the_past_of_an_address_for_the_fate_of_what_it_finds_there) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.bus.events = {{BusEvent::Kind::removed, function_at(1)}, {BusEvent::Kind::added, function_at(1)}};
  bench.start();
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1"}));
}

TEST(Probe, believes_no_second_coming_of_a_drive_that_never_left) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.start();
  bench.run();
  bench.bus.events = {{BusEvent::Kind::added, function_at(1)}};
  bench.run();
  ASSERT_TRUE(bench.probe->detach(function_at(1), bench.now));
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1", "detached 1"}));
}

TEST(Probe, keeps_a_driver_that_has_ended_until_it_is_let_go_of) {
  ProbeBench bench;
  ModelDrive& drive = bench.bus.add(1);
  bench.start();
  bench.run();
  bench.diary.keeps = true;
  bench.bus.events = {{BusEvent::Kind::removed, function_at(1)}, {BusEvent::Kind::added, function_at(1)}};
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1"}));
  EXPECT_FALSE(bench.probe->is_idle());
  EXPECT_EQ(bench.probe->driver(function_at(1)), nullptr) << "it takes no operation any more";
  EXPECT_EQ(bench.probe->backend(function_at(1)), &drive);
  bench.diary.keeps = false;
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"gone 1", "found 1", "attached 1"}));
}

TEST(Probe, attaches_nothing_more_once_all_were_told_to_end) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.start();
  bench.run();
  bench.bus.add(2);
  bench.probe->probe(bench.now);
  bench.probe->detach_all(bench.now);
  bench.bus.add(3);
  bench.bus.events = {
      {BusEvent::Kind::added, function_at(3)}, {BusEvent::Kind::removed, function_at(1)}, {BusEvent::Kind::added, function_at(1)}};
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1", "found 2", "gone 1"}));
  EXPECT_TRUE(bench.probe->is_idle());
  bench.probe->probe(bench.now);
  bench.run();
  for (const std::uint8_t device : {1, 2, 3}) {
    EXPECT_NE(bench.probe->driver(function_at(device)), nullptr);
  }
}

TEST(Probe, attaches_only_what_was_plugged_in_and_not_what_was_let_go) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.start();
  bench.run();
  ASSERT_TRUE(bench.probe->detach(function_at(1), bench.now));
  bench.run();
  bench.take();
  bench.bus.add(2);
  bench.bus.events.push_back({BusEvent::Kind::added, function_at(2)});
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 2", "attached 2"}));
}

}  // namespace
}  // namespace phasebit::driver
