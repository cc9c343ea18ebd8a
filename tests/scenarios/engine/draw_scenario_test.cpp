#include "scenarios/engine/draw_scenario.hpp"

#include <gtest/gtest.h>

#include <set>

#include "scenarios/engine/load.hpp"
#include "sim/faults/draw_plan.hpp"
#include "sim/faults/verb.hpp"

namespace phasebit::scenarios {
namespace {

TEST(DrawnScenario, is_a_file_that_decodes_to_itself) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const std::string text = scenario_text(draw_scenario(seed));
    const Checked<Scenario> read = decode_scenario(text, "drawn");
    ASSERT_TRUE(read) << "seed " << seed << ": " << to_string(read.error().front()) << "\n" << text;
    ASSERT_EQ(scenario_text(*read), text) << "seed " << seed;
  }
}

TEST(DrawnScenario, differs_from_seed_to_seed_and_is_the_same_for_one) {
  std::set<std::string> texts;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    texts.insert(scenario_text(draw_scenario(seed)));
    EXPECT_EQ(scenario_text(draw_scenario(seed)), scenario_text(draw_scenario(seed)));
  }
  EXPECT_EQ(texts.size(), 100u);
}

TEST(DrawnScenario, has_every_verb_that_does_not_lie_and_sometimes_no_fault_at_all) {
  std::set<sim::Verb> drawn;
  std::size_t without = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Scenario scenario = draw_scenario(seed);
    without += scenario.faults.empty() ? 1 : 0;
    for (const sim::Fault& fault : scenario.faults) {
      drawn.insert(fault.what);
    }
  }
  EXPECT_GT(without, 50u);
  for (const sim::VerbInfo& verb : sim::verbs()) {
    EXPECT_TRUE(drawn.contains(verb.verb) || sim::is_lie(verb.verb)) << verb.name;
  }
}

TEST(DrawnScenario, has_every_kind_of_drive_and_queue_somewhere) {
  std::set<std::string> seen;
  const auto note = [&](bool is_so, const char* what) { is_so ? (void)seen.insert(what) : (void)0; };
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Scenario scenario = draw_scenario(seed);
    const sim::DriveOptions& drive = scenario.drives[0];
    note(scenario.drives.size() == 2, "a second drive");
    note(drive.doorbell_stride_exponent == 15, "the widest stride");
    note(drive.page_exponent_min == 2, "pages of 16 KiB");
    note(drive.command_sets == 0x40, "several command sets");
    note(drive.command_sets == 0x80, "no command set");
    note(!drive.namespaces.back().active, "a namespace that waits");
    note(drive.shutdown_latency < milliseconds(100), "a short shutdown");
    note(scenario.workloads[0].submission_queues == 4, "four submission queues");
    note(scenario.workloads[0].priority == spec::QueuePriority::low, "low priority");
  }
  EXPECT_EQ(seen.size(), 9u);
}

}  // namespace
}  // namespace phasebit::scenarios
