#include <gtest/gtest.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>

#include "sim/faults/draw_plan.hpp"
#include "tests/sim/world/story.hpp"
#include "tests/support/slow_build.hpp"

namespace phasebit::sim {
namespace {

using tests::is_slow_build;

/// What the story prints when it is told in a process of its own, with a heap that is filled with something.
std::string hash_in_a_process(std::uint64_t seed, std::uint64_t rounds, unsigned region_candidate, const char* heap) {
  const std::string command = "MALLOC_PERTURB_=" + std::string(heap) + " '" WORLD_STORY "' " + std::to_string(seed) + " " +
                              std::to_string(rounds) + " " + std::to_string(region_candidate);
  std::FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 64> line{};
  const char* got = std::fgets(line.data(), line.size(), pipe);
  const int status = pclose(pipe);
  return got == nullptr || status != 0 ? "failed" : std::string(line.data()).substr(0, 16);
}

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016" PRIx64, value);
  return text.data();
}

TEST(Determinism, processes_with_other_addresses_and_another_heap_give_the_same_hash) {
  const std::string here = hexadecimal(tell_story(story_options(11), 20).hash);
  EXPECT_EQ(hash_in_a_process(11, 20, 3, "85"), here);
  EXPECT_EQ(hash_in_a_process(11, 20, 9, "170"), here);
  EXPECT_NE(hash_in_a_process(12, 20, 3, "85"), here);
}

TEST(Determinism, leaving_out_idle_cycles_changes_no_bit) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const WorldOptions options = story_options(seed);
    const StoryEnd skipped = tell_story(options, 3, true);
    const StoryEnd stepped = tell_story(options, 3, false);
    ASSERT_TRUE(skipped.told) << "seed " << seed;
    ASSERT_EQ(skipped.hash, stepped.hash) << "seed " << seed;
    ASSERT_EQ(skipped.at, stepped.at) << "seed " << seed;
  }
}

/// A plan for a story that lasts a millisecond or two.
std::vector<Fault> short_plan(std::uint64_t seed) {
  DrawLimits limits;
  limits.horizon = milliseconds(1);
  limits.operations = 8;
  limits.blocks = 1 << 20;
  limits.lies = true;
  std::vector<Fault> plan = draw_plan(seed, limits);
  for (Fault& fault : plan) {
    fault.lasts = std::min(fault.lasts, milliseconds(2));
    fault.delay = std::min(fault.delay, milliseconds(2));
  }
  return plan;
}

TEST(Determinism, leaving_out_idle_cycles_changes_no_bit_under_faults_either) {
  std::uint64_t faulty = 0;
  for (std::uint64_t seed = 0; seed < (is_slow_build ? 10 : 40); ++seed) {
    WorldOptions options = story_options(seed);
    options.faults = short_plan(seed);
    std::array<StoryEnd, 2> ends;
    for (const bool skipping : {true, false}) {
      Region region = Region::create(64 << 20).value();
      const WorldPointer world = make_world(options, region);
      world->step_idle_cycles(skipping ? 0 : UINT64_MAX);
      Story story(*world);
      story.host().give_up_after(milliseconds(4));
      const bool told = story.begin() && story.go_on(4);
      ends[skipping ? 1 : 0] = {told, world->stream().hash(), world->stream().count(), world->now()};
    }
    faulty += ends[0].told ? 0 : 1;
    ASSERT_EQ(ends[0].hash, ends[1].hash) << "seed " << seed;
  }
  EXPECT_GT(faulty, is_slow_build ? 0u : 5u) << "some of the faults are felt";
}

TEST(Determinism, seeds_give_different_worlds) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    hashes.insert(tell_story(story_options(seed), 2).hash);
  }
  EXPECT_EQ(hashes.size(), 20u);
}

}  // namespace
}  // namespace phasebit::sim
