// Idle time that is skipped is as if it had been stepped through, bit for bit. Stories last minutes of virtual time, so that of each run of
// idle cycles only the first are stepped through here; tests/sim/world steps through short ones to the end.
#include <gtest/gtest.h>

#include <string>

#include "scenarios/engine/draw_scenario.hpp"
#include "scenarios/engine/load.hpp"
#include "scenarios/engine/run_scenario.hpp"
#include "tests/support/slow_build.hpp"

namespace phasebit::scenarios {
namespace {

using tests::is_slow_build;

const RunOptions first_fifty{.trace_path = {}, .idle_cycles_stepped = 50};

void expect_the_same(const Scenario& scenario, const std::string& name) {
  const RunResult skipped = run_scenario(scenario, {});
  const RunResult stepped = run_scenario(scenario, first_fifty);
  EXPECT_EQ(skipped.hash, stepped.hash) << name;
  EXPECT_EQ(skipped.events, stepped.events) << name;
  EXPECT_EQ(skipped.virtual_ns, stepped.virtual_ns) << name;
}

TEST(Skipping, changes_no_bit_of_a_story_of_the_catalog) {
  const auto files = find_scenarios(PHASEBIT_SOURCES "/scenarios/catalog");
  ASSERT_TRUE(files.has_value());
  std::size_t compared = 0;
  for (std::size_t i = 0; i < files->size(); i += is_slow_build ? 5 : 1) {
    const std::string& file = (*files)[i];
    const auto scenario = load_scenario(file);
    ASSERT_TRUE(scenario.has_value()) << file;
    if (!scenario->sqlite) {  // SqliteStory has a test of its own
      expect_the_same(*scenario, file);
      ++compared;
    }
  }
  EXPECT_GT(compared, is_slow_build ? 10u : 70u);
}

TEST(Skipping, changes_no_bit_of_drawn_worlds) {
  for (std::uint64_t seed = 1; seed <= (is_slow_build ? 20 : 200); ++seed) {
    expect_the_same(draw_scenario(seed), "seed " + std::to_string(seed));
  }
}

}  // namespace
}  // namespace phasebit::scenarios
