// Every wrong host of the monitor's own tests, judged from the seam: the table in interposed.hpp is what comes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory_resource>
#include <optional>
#include <set>

#include "tests/scenarios/interpose/emulated_bench.hpp"
#include "tests/sim/monitor/wrong_host_world.hpp"

namespace phasebit::scenarios {
namespace {

using tests::WrongHost;
using tests::WrongHostWorld;

/// The second judge: sees what passes the seam and nothing else.
struct SeamSide {
  tests::AnyBackend around(sim::World& world, sim::EmulatedBackend& backend) {
    clock.emplace(world);
    stream.add_reader(monitor);
    seam.emplace(backend, stream, plan, *clock, std::pmr::get_default_resource());
    return tests::AnyBackend(*seam);
  }
  std::set<std::string_view> objections() const {
    std::set<std::string_view> ids;
    for (const sim::Violation& violation : monitor.violations()) {
      ids.insert(violation.rule->id);
    }
    return ids;
  }

  std::optional<WorldClock> clock;
  sim::Stream stream{std::pmr::get_default_resource()};
  sim::FaultPlan plan{{}, stream, std::pmr::get_default_resource()};
  sim::Monitor monitor;
  std::optional<Interposed<sim::EmulatedBackend>> seam;
};

/// What only the device knows. A tail that passes its head hands entries over again, and such as the host never wrote.
const std::set<std::string_view> not_judged{"QUE-19"};
bool looks_like(std::string_view rule, std::string_view id) {
  return rule == "QUE-19" && (id == "CMD-01" || id == "CMD-06");
}

class WrongHostAtSeam : public ::testing::TestWithParam<WrongHost> {};

TEST_P(WrongHostAtSeam, is_named_wherever_the_rule_can_be_judged_from_outside) {
  const WrongHost& wrong = GetParam();
  SeamSide side;
  WrongHostWorld world(wrong.drive(), wrong.faults,
                       [&](sim::World& in, sim::EmulatedBackend& backend) { return side.around(in, backend); });
  // All other hosts identify namespace 1 before they use it, which leaves entries in the admin queue's memory: INI-01 uses that twice.
  if (wrong.name != "CMD-06" && wrong.name != "INI-01") {
    world.host.once_ready = [&] { identify(world.host); };
  }
  wrong.act(world);
  world.host.let_time_pass(3);
  const auto found = side.objections();
  EXPECT_EQ(found.contains(wrong.rule()), !not_judged.contains(wrong.rule())) << wrong.name;
  for (const std::string_view id : found) {
    const bool expected = id == wrong.rule() || looks_like(wrong.rule(), id) ||
                          std::find(wrong.implied.begin(), wrong.implied.end(), id) != wrong.implied.end();
    EXPECT_TRUE(expected) << id;
  }
}

INSTANTIATE_TEST_SUITE_P(EachRule, WrongHostAtSeam, ::testing::ValuesIn(tests::wrong_hosts()), [](const auto& instance) {
  std::string label(instance.param.name);
  std::replace_if(
      label.begin(), label.end(), [](char c) { return c == '-' || c == '/'; }, '_');
  return label;
});

}  // namespace
}  // namespace phasebit::scenarios
