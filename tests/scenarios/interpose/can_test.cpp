#include "scenarios/interpose/can.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phasebit::scenarios {
namespace {

using sim::Fault;
using sim::Site;
using sim::Verb;

bool can_at(Verb verb, Site site = Site::by_verb) {
  Fault fault;
  fault.what = verb;
  fault.when.site = site;
  fault.when.admin = verb == Verb::status ? std::optional(false) : std::nullopt;
  std::string reason;
  const bool answer = can(fault, reason);
  EXPECT_EQ(answer, reason.empty()) << sim::name(verb);
  return answer;
}

TEST(Can, tells_for_every_verb_whether_the_seam_is_the_place) {
  const std::set<Verb> impossible{Verb::corrupt,
                                  Verb::misdirect,
                                  Verb::lose,
                                  Verb::tear,
                                  Verb::lying_flush,
                                  Verb::lost_interrupt,
                                  Verb::orderly_removal,
                                  Verb::link_flap,
                                  Verb::return_after_removal,
                                  Verb::power_cut,
                                  Verb::namespace_attach,
                                  Verb::namespace_detach,
                                  Verb::namespace_resize,
                                  Verb::async_event_storm,
                                  Verb::thermal_throttle};
  for (const sim::VerbInfo& info : sim::verbs()) {
    EXPECT_EQ(can_at(info.verb), !impossible.contains(info.verb)) << info.name;
  }
}

TEST(Can, knows_that_fetches_and_bursts_are_not_seen) {
  EXPECT_FALSE(can_at(Verb::delay, Site::fetch));
  EXPECT_FALSE(can_at(Verb::corrupt, Site::fetch));
  EXPECT_FALSE(can_at(Verb::all_ones, Site::dma));
  EXPECT_TRUE(can_at(Verb::surprise_removal, Site::fetch));
  EXPECT_TRUE(can_at(Verb::delay, Site::command));
}

TEST(Can, fails_only_commands_that_leave_the_drive_as_the_host_believes_it_to_be) {
  Fault fault;
  fault.what = Verb::status;
  std::string reason;
  EXPECT_FALSE(can(fault, reason));
  EXPECT_NE(reason.find("admin"), std::string::npos);
  fault.when.admin = true;
  fault.when.opcode = 0x05;  // Create I/O Completion Queue
  EXPECT_FALSE(can(fault, reason));
  fault.when.opcode = 0x06;  // Identify
  EXPECT_TRUE(can(fault, reason));
  fault.when.admin.reset();
  EXPECT_FALSE(can(fault, reason)) << "06h is an I/O opcode too";
  fault.when.queue = 0;
  EXPECT_TRUE(can(fault, reason));
  fault.when.queue = 3;
  fault.when.opcode = 0x01;
  EXPECT_TRUE(can(fault, reason));
  fault.when = {};
  fault.when.operation = 7;
  EXPECT_TRUE(can(fault, reason));
}

}  // namespace
}  // namespace phasebit::scenarios
