#include "sim/faults/fault.hpp"

#include <gtest/gtest.h>

#include "tests/sim/faults/fault_bench.hpp"

namespace phasebit::sim {
namespace {

TEST(Fault, attempts_and_visits_are_counted_from_one) {
  Trigger when;
  when.attempt = 0;
  EXPECT_EQ(validate(failing(when)), "attempts and visits are counted from 1");
  when.attempt = 1;
  EXPECT_EQ(validate(failing(when)), "");
  when.state = StateMatch{0, 4, 0};
  EXPECT_EQ(validate(failing(when)), "attempts and visits are counted from 1");
  when.state = StateMatch{0, 4, 1};
  EXPECT_EQ(validate(failing(when)), "");
}

TEST(Verb, every_name_leads_back_to_its_verb) {
  for (const VerbInfo& verb : verbs()) {
    EXPECT_EQ(verb_from_name(verb.name), verb.verb);
    EXPECT_NE(verb.sites >> static_cast<unsigned>(verb.first_site) & 1, 0u) << verb.name;
  }
  EXPECT_EQ(verb_from_name("explode"), std::nullopt);
  EXPECT_EQ(site_from_name("dma"), Site::dma);
}

TEST(Fault, a_verb_at_a_site_without_meaning_is_refused_with_what_would_be_right) {
  Fault fault;
  fault.what = Verb::wrong_cid;
  fault.when.site = Site::register_read;
  EXPECT_EQ(validate(fault), "'wrong_cid' cannot happen at site 'register_read'; its sites are completion");
}

}  // namespace
}  // namespace phasebit::sim
