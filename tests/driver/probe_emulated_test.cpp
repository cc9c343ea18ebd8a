// Probing the emulated bus: drives in good order beside drives that are not, and those that come and go.
#include <gtest/gtest.h>

#include <memory_resource>

#include "sim/world/world.hpp"
#include "src/driver/probe.hpp"
#include "tests/support/probe_diary.hpp"

namespace phasebit::driver {
namespace {

using testing::Lines;

/// Drive i sits on bus i + 1, which is the number that the diary gives it. Drive 1 is refused at once: its smallest page is larger than its
/// largest. Drive 2 says that it takes commands, and never becomes ready.
struct EmulatedProbeBench {
  EmulatedProbeBench() {
    for (std::uint8_t drive = 0; drive < world->drives(); ++drive) {
      world->remove(drive);
    }
    while (world->bus().next_event()) {
    }
  }
  ~EmulatedProbeBench() {
    probe.detach_all(world->now());
    run();
    EXPECT_TRUE(probe.is_idle());
    for (std::uint8_t drive = 0; drive < world->drives(); ++drive) {
      EXPECT_FALSE(world->bus().is_claimed(drive));
    }
  }
  static sim::WorldOptions options() {
    sim::WorldOptions options;
    options.drives.resize(4);
    options.drives[1].page_exponent_min = 5;
    options.drives[1].page_exponent_max = 2;
    options.drives[2].times.enable = seconds(1000);
    return options;
  }
  void plug_in(std::uint8_t drive) { world->give_back(drive); }
  void run(Duration time = seconds(60)) {
    for (const Instant end = world->now() + time; world->now() < end;) {
      const Instant wake = std::min(probe.poll(world->now()), world->next_due());
      world->run_until(std::min(end, std::max(wake, world->now() + microseconds(1))));
    }
  }

  sim::Region region = sim::Region::create(256 << 20).value();
  sim::WorldPointer world = sim::make_world(options(), region);
  testing::ProbeDiary diary;
  Probe<sim::EmulatedBus> probe{world->bus(), {}, {}, diary, std::pmr::new_delete_resource()};
};

TEST(ProbeOnEmulatedBus, goes_on_with_the_good_drive_beside_one_whose_capabilities_are_nonsense) {
  EmulatedProbeBench bench;
  bench.plug_in(0);
  bench.plug_in(1);
  bench.run();
  EXPECT_EQ(bench.diary.take(), (Lines{"found 1", "found 2", "failed 2", "attached 1"}));
  EXPECT_EQ(bench.diary.last_failure.step, AttachFailure::Step::bring_up);
  EXPECT_EQ(bench.diary.last_failure.error, Errc::device_nonsense);
  EXPECT_TRUE(bench.world->bus().is_claimed(0));
  EXPECT_FALSE(bench.world->bus().is_claimed(1));
}

TEST(ProbeOnEmulatedBus, does_not_wait_for_a_drive_that_never_becomes_ready) {
  EmulatedProbeBench bench;
  bench.plug_in(2);
  bench.plug_in(0);
  bench.run(seconds(1));
  EXPECT_EQ(bench.diary.take(), (Lines{"found 3", "found 1", "attached 1"}));
  bench.run(seconds(200));
  EXPECT_EQ(bench.diary.take(), (Lines{"failed 3", "lost 3"}));
  EXPECT_FALSE(bench.world->bus().is_claimed(2));
}

TEST(ProbeOnEmulatedBus, attaches_what_is_plugged_in_later_and_lets_go_of_what_is_pulled) {
  EmulatedProbeBench bench;
  bench.plug_in(0);
  bench.run();
  bench.plug_in(3);
  bench.run();
  EXPECT_EQ(bench.diary.take(), (Lines{"found 1", "attached 1", "found 4", "attached 4"}));
  bench.world->remove(0);
  bench.run();
  EXPECT_EQ(bench.diary.take(), (Lines{"gone 1"}));
  bench.plug_in(0);
  bench.run();
  EXPECT_EQ(bench.diary.take(), (Lines{"found 1", "attached 1"}));
}

TEST(ProbeOnEmulatedBus, attaches_a_drive_again_that_was_pulled_and_plugged_in_between_two_looks) {
  EmulatedProbeBench bench;
  bench.plug_in(0);
  bench.run();
  bench.world->remove(0);
  bench.plug_in(0);
  bench.run();
  EXPECT_EQ(bench.diary.take(), (Lines{"found 1", "attached 1", "gone 1", "found 1", "attached 1"}));
}

TEST(ProbeOnEmulatedBus, finds_the_second_time_only_what_is_new_or_has_failed) {
  EmulatedProbeBench bench;
  bench.plug_in(0);
  bench.plug_in(1);
  bench.run();
  bench.diary.take();
  bench.probe.probe(bench.world->now());
  bench.run();
  EXPECT_EQ(bench.diary.take(), (Lines{"found 2", "failed 2"}));
  ASSERT_TRUE(bench.probe.detach(bench.world->drive(0).address(), bench.world->now()));
  bench.run();
  EXPECT_EQ(bench.diary.take(), (Lines{"detached 1"}));
  bench.probe.probe(bench.world->now());
  bench.run();
  EXPECT_EQ(bench.diary.take(), (Lines{"found 1", "found 2", "failed 2", "attached 1"}));
}

TEST(ProbeOnEmulatedBus, gives_memory_at_the_drive_that_it_attached) {
  EmulatedProbeBench bench;
  bench.plug_in(0);
  bench.run();
  EXPECT_EQ(bench.probe.backend(bench.world->drive(0).address()), &bench.world->backend(0));
  EXPECT_EQ(bench.probe.backend(bench.world->drive(3).address()), nullptr);
}

}  // namespace
}  // namespace phasebit::driver
