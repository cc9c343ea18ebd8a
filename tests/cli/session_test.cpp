// What a verb does with a drive that is asked for, goes, comes back or is another one, with an emulated drive in the real one's place.
#include "src/cli/session.hpp"

#include <gtest/gtest.h>

#include "sim/world/world.hpp"
#include "src/cli/drive_consent.hpp"
#include "src/cli/emulated_drive.hpp"
#include "src/cli/perf.hpp"
#include "src/cli/perf_buffers.hpp"

namespace phasebit::cli {
namespace {

using sim::Fault;
using sim::Verb;

Fault after_half_a_second(Verb what) {
  Fault fault;
  fault.what = what;
  fault.when.site = sim::Site::time;
  fault.when.drive = 0;
  fault.when.not_before = Instant{} + milliseconds(500);
  fault.lasts = milliseconds(1);
  fault.delay = seconds(5);
  return fault;
}

struct Machine {
  explicit Machine(const std::vector<Fault>& faults = {}, const sim::DriveOptions& drive = {}) {
    sim::WorldOptions options;
    options.drives = {drive};
    options.faults = faults;
    world = sim::make_world(options, region);
    clock.emplace(*world);
    session.emplace(world->bus(), *clock, world->drive(0).address());
    EXPECT_TRUE(session->find() && session->attach() && session->open_channel());
  }

  PerfResult perf(const PerfLoad& load) {
    PerfBuffers memory(session->backend());
    EXPECT_TRUE(memory.allocate(load.iodepth, load.io_bytes));
    return Perf(*session, *clock, load, session->driver().namespaces()[0], memory.buffers()).run();
  }

  sim::Region region = sim::Region::create(1ull << 30).value();
  sim::WorldPointer world;
  std::optional<WorldClock> clock;
  std::optional<Session<sim::EmulatedBus, WorldClock>> session;
};

PerfLoad an_hour_of(scenarios::Pattern pattern) {
  PerfLoad load;
  load.pattern = pattern;
  load.seconds = 3600;
  return load;
}

TEST(Session, of_perf_gives_the_drive_back_to_who_asks_for_it) {
  Machine machine({after_half_a_second(Verb::orderly_removal)});
  EXPECT_FALSE(machine.session->is_asked_for());
  const PerfResult result = machine.perf(an_hour_of(scenarios::Pattern::randread));
  EXPECT_TRUE(machine.session->is_asked_for());
  EXPECT_GT(result.read.ios, 0u);
  EXPECT_EQ(result.failed, 0u) << "what was outstanding came back";
  EXPECT_LT(result.elapsed, milliseconds(510));
  EXPECT_TRUE(machine.session->detach().has_value());
  machine.world->step();
  EXPECT_TRUE(machine.world->bus().enumerate().empty()) << "it went as soon as it was given back";
}

TEST(Session, of_a_drive_that_was_asked_for_before_the_load_measures_nothing) {
  Machine machine({after_half_a_second(Verb::orderly_removal)});
  machine.world->run_until(Instant{} + milliseconds(501));
  machine.session->poll();
  const PerfResult result = machine.perf(an_hour_of(scenarios::Pattern::randread));
  EXPECT_EQ(result.read.ios, 0u);
  EXPECT_EQ(result.elapsed, Duration{});
}

TEST(Session, does_not_take_the_drive_that_comes_in_the_place_of_one_that_went) {
  Machine machine({after_half_a_second(Verb::return_after_removal)});
  (void)machine.perf(an_hour_of(scenarios::Pattern::randread));
  EXPECT_TRUE(machine.session->is_over());
  machine.world->run_until(machine.world->now() + milliseconds(30));
  ASSERT_EQ(machine.world->bus().enumerate().size(), 1u) << "it is there again";
  machine.session->poll();
  EXPECT_EQ(machine.session->driver().state(), driver::State::gone);
  EXPECT_FALSE(machine.session->detach().has_value());
  machine.session->poll();
  EXPECT_FALSE(machine.world->bus().is_claimed(0));
}

std::string other_than(Machine& machine, const sim::DriveOptions& options) {
  const KnownDrive before = known(machine.session->driver());
  Machine now({}, options);
  return is_another(now.session->driver(), before).value_or("the same");
}

TEST(KnownDrive, is_known_by_its_serial_its_model_and_its_namespaces) {
  Machine machine;
  sim::DriveOptions drive;
  EXPECT_EQ(other_than(machine, drive), "the same");
  drive.serial = "OTHER";
  EXPECT_EQ(other_than(machine, drive), "another drive is at this address now: " + drive.model + ", serial \"OTHER\", where " +
                                            drive.model + ", serial \"PHASEBIT0001\" was; nothing was written to it");
  drive = {};
  drive.model = "Of another make";
  EXPECT_TRUE(other_than(machine, drive).starts_with("another drive is at this address now: Of another make"));
  drive = {};
  drive.namespaces[0].blocks /= 2;
  EXPECT_EQ(other_than(machine, drive),
            "namespace 1 of serial \"PHASEBIT0001\" is not what it was when it was looked at; nothing was written to it");
}

}  // namespace
}  // namespace phasebit::cli
