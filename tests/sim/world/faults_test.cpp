#include <gtest/gtest.h>

#include <string>

#include "tests/sim/world/story.hpp"

namespace phasebit::sim {
namespace {

/// Everything that a host does, once: whatever goes wrong, it goes on with the next step.
void live(Story& story, World& world) {
  HandHost& host = story.host();
  host.give_up_after(milliseconds(3));
  if (story.begin() && story.go_on(2)) {
    host.flush();
  }
  host.disable();
  host.enable();
  const spec::Cc cc{host.backend().read32(spec::offset::cc)};
  host.backend().write32(spec::offset::cc, cc.with(spec::Cc::shn, spec::Shn::normal).raw);
  world.run_until(world.now() + milliseconds(3));
}

/// The first thing of its kind that can go wrong at a site.
Fault first_one(Verb what, Site site) {
  Fault fault;
  fault.what = what;
  fault.when.site = site;
  fault.lasts = info(what).lasts ? milliseconds(1) : Duration{};
  fault.value = what == Verb::status ? 0x0006 : info(what).of_world && what != Verb::async_event_storm ? 1 : 0;
  fault.value2 = what == Verb::namespace_resize ? 100 : 0;
  return fault;
}

StoryEnd life_with(std::vector<Fault> faults, std::uint64_t* fired) {
  Region region = Region::create(64 << 20).value();
  WorldOptions options = story_options(21);
  options.drives[0].times.shutdown = microseconds(100);
  options.faults = std::move(faults);
  const WorldPointer world = make_world(options, region);
  Story story(*world);
  live(story, *world);
  if (fired != nullptr) {
    *fired = world->faults().fired(0);
  }
  return {true, world->stream().hash(), world->stream().count(), world->now()};
}

struct VerbAtSite {
  Verb verb;
  Site site;
};

std::vector<VerbAtSite> every_verb_at_every_site() {
  std::vector<VerbAtSite> all;
  for (const VerbInfo& verb : verbs()) {
    for (unsigned site = 1; site <= static_cast<unsigned>(Site::time); ++site) {
      if ((verb.sites >> site & 1) != 0) {
        all.push_back({verb.verb, static_cast<Site>(site)});
      }
    }
  }
  return all;
}

class EveryFault : public testing::TestWithParam<VerbAtSite> {};

TEST_P(EveryFault, strikes_where_it_has_a_meaning_and_the_world_goes_on) {
  const Fault fault = first_one(GetParam().verb, GetParam().site);
  ASSERT_EQ(validate(fault), "");
  std::uint64_t fired = 0;
  const StoryEnd faulty = life_with({fault}, &fired);
  EXPECT_EQ(fired, 1u);
  EXPECT_LT(faulty.at, Instant{} + seconds(1));
  EXPECT_EQ(life_with({fault}, nullptr).hash, faulty.hash);
}

INSTANTIATE_TEST_SUITE_P(Verbs, EveryFault, testing::ValuesIn(every_verb_at_every_site()), [](const auto& instance) {
  return std::string(name(instance.param.verb)) + "_at_" + std::string(name(instance.param.site));
});

TEST(FaultPlan, leaves_no_trace_where_its_faults_do_not_strike) {
  Fault never_matches = first_one(Verb::status, Site::command);
  never_matches.when.opcode = 0xee;
  EXPECT_EQ(life_with({never_matches}, nullptr).hash, life_with({}, nullptr).hash);
}

}  // namespace
}  // namespace phasebit::sim
