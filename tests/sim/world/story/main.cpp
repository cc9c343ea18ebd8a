// Tells a story in a process of its own and prints its hash: world_story SEED ROUNDS REGION_CANDIDATE
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "tests/sim/world/story.hpp"

int main(int count, char** arguments) {
  using namespace phasebit::sim;
  if (count != 4) {
    std::fprintf(stderr, "usage: world_story SEED ROUNDS REGION_CANDIDATE\n");
    return 2;
  }
  const std::uint64_t seed = std::strtoull(arguments[1], nullptr, 10);
  const std::uint64_t rounds = std::strtoull(arguments[2], nullptr, 10);
  const auto candidate = static_cast<unsigned>(std::strtoul(arguments[3], nullptr, 10));
  const StoryEnd end = tell_story(story_options(seed), rounds, true, candidate);
  std::printf("%016" PRIx64 "\n", end.hash);
  return end.told ? 0 : 1;
}
