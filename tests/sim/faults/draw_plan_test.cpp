#include "sim/faults/draw_plan.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phasebit::sim {
namespace {

constexpr std::uint64_t seeds = 2'000;

TEST(DrawPlan, draws_only_faults_that_are_valid) {
  for (const bool lies : {false, true}) {
    DrawLimits limits;
    limits.drives = 3;
    limits.namespaces = 2;
    limits.lies = lies;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      for (const Fault& fault : draw_plan(seed, limits)) {
        ASSERT_EQ(validate(fault), "") << "seed " << seed;
        ASSERT_LT(*fault.when.drive, 3);
        ASSERT_TRUE(lies || !is_lie(fault.what)) << name(fault.what);
      }
    }
  }
}

TEST(DrawPlan, reaches_every_verb_at_every_site_and_nothing_at_all) {
  DrawLimits limits;
  limits.lies = true;
  std::set<std::pair<Verb, Site>> drawn;
  std::uint64_t without = 0;
  for (std::uint64_t seed = 0; seed < 4 * seeds; ++seed) {
    const auto faults = draw_plan(seed, limits);
    without += faults.empty() ? 1 : 0;
    for (const Fault& fault : faults) {
      drawn.emplace(fault.what, site_of(fault));
    }
  }
  for (const VerbInfo& verb : verbs()) {
    for (unsigned site = 1; site <= static_cast<unsigned>(Site::time); ++site) {
      const bool has_meaning = (verb.sites >> site & 1) != 0;
      EXPECT_EQ(drawn.contains({verb.verb, static_cast<Site>(site)}), has_meaning) << verb.name << " at " << name(static_cast<Site>(site));
    }
  }
  EXPECT_GT(without, 4 * seeds / 10);
}

TEST(DrawPlan, fails_admin_commands_in_every_row_of_bring_up) {
  const DrawLimits limits;
  std::set<std::uint16_t> rows;
  for (std::uint64_t seed = 0; seed < 4 * seeds; ++seed) {
    for (const Fault& fault : draw_plan(seed, limits)) {
      if (fault.what == Verb::status && fault.when.state && fault.when.state->machine == 0) {
        rows.insert(fault.when.state->row);
      }
    }
  }
  EXPECT_EQ(rows.size(), limits.bring_up_rows);
}

TEST(DrawPlan, keys_faults_by_attempts_and_visits_that_there_are) {
  std::set<std::uint16_t> attempts;
  std::set<std::uint16_t> visits;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    for (const Fault& fault : draw_plan(seed, {})) {
      if (fault.when.attempt) {
        attempts.insert(*fault.when.attempt);
      }
      if (fault.when.state && fault.when.state->visit) {
        visits.insert(*fault.when.state->visit);
      }
    }
  }
  EXPECT_EQ(attempts, (std::set<std::uint16_t>{1, 2}));
  EXPECT_EQ(visits, (std::set<std::uint16_t>{1, 2, 3}));
}

TEST(DrawPlan, is_the_same_for_the_same_seed_and_another_for_another) {
  const DrawLimits limits;
  const auto one = draw_plan(12, limits);
  const auto again = draw_plan(12, limits);
  ASSERT_EQ(one.size(), again.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].what, again[i].what);
    EXPECT_EQ(one[i].when.nth, again[i].when.nth);
    EXPECT_EQ(one[i].value, again[i].value);
  }
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    sizes.insert(draw_plan(seed, limits).size());
  }
  EXPECT_GT(sizes.size(), 5u);
}

}  // namespace
}  // namespace phasebit::sim
