#include "tests/sim/monitor/wrong_hosts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>

#include "sim/monitor/monitor.hpp"
#include "tests/sim/monitor/wrong_host_world.hpp"

namespace phasebit::tests {
namespace {

std::optional<std::uint64_t> first_place(const std::vector<sim::Violation>& violations, std::string_view rule) {
  const auto found =
      std::find_if(violations.begin(), violations.end(), [&](const sim::Violation& violation) { return violation.rule->id == rule; });
  return found == violations.end() ? std::nullopt : std::optional(found->event_number);
}

class WrongHostTest : public testing::TestWithParam<WrongHost> {};

TEST_P(WrongHostTest, is_named_at_its_first_offending_access_and_breaks_no_other_rule_than_it_must) {
  const WrongHost& wrong = GetParam();
  WrongHostWorld world(wrong.drive(), wrong.faults, {}, wrong.at);
  wrong.act(world);
  world.host.let_time_pass(3);
  const auto& violations = world.monitor.violations();
  ASSERT_FALSE(violations.empty()) << wrong.rule() << " was not noticed";
  ASSERT_TRUE(world.watch.offence()) << wrong.name << " marks no offence";
  EXPECT_EQ(violations.front().event_number, *world.watch.offence()) << violations.front().detail;
  EXPECT_EQ(first_place(violations, wrong.rule()), world.watch.offence()) << wrong.rule();
  for (const sim::Violation& violation : violations) {
    const bool expected = violation.rule->id == wrong.rule() ||
                          std::find(wrong.implied.begin(), wrong.implied.end(), violation.rule->id) != wrong.implied.end();
    EXPECT_TRUE(expected) << violation.rule->id << ": " << violation.detail;
  }
}

INSTANTIATE_TEST_SUITE_P(EachRule, WrongHostTest, testing::ValuesIn(wrong_hosts()), [](const auto& instance) {
  std::string label(instance.param.name);
  std::replace_if(
      label.begin(), label.end(), [](char c) { return c == '-' || c == '/'; }, '_');
  return label;
});

TEST(WrongHosts, are_there_for_every_rule_and_for_nothing_else) {
  std::set<std::string_view> judged;
  for (const sim::Rule& rule : sim::rules()) {
    judged.insert(rule.id);
  }
  std::set<std::string_view> broken;
  std::set<std::string_view> names;
  for (const WrongHost& wrong : wrong_hosts()) {
    broken.insert(wrong.rule());
    names.insert(wrong.name);
  }
  EXPECT_EQ(judged, broken);
  EXPECT_EQ(names.size(), wrong_hosts().size());
}

TEST(PlainHost, breaks_no_rule_when_it_does_nothing_wrong) {
  WrongHostWorld world(plain_drive(), {});
  world.host.bring_up(4);
  const DmaRegion data = world.host.memory(8192);
  for (int i = 0; i < 20; ++i) {
    spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 16);
    sqe.prp1 = data.iova.value;
    sqe.prp2 = data.iova.value + 4096;
    EXPECT_EQ(world.host.io_command(sqe).status(), spec::Status{});
  }
  world.host.admin_command(spec::delete_io_submission_queue(Qid{1}));
  world.host.admin_command(spec::delete_io_completion_queue(Qid{1}));
  world.host.disable();
  for (const sim::Violation& violation : world.monitor.violations()) {
    ADD_FAILURE() << violation.rule->id << ": " << violation.detail;
  }
}

}  // namespace
}  // namespace phasebit::tests
