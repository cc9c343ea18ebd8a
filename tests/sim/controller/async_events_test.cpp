#include "sim/controller/async_events.hpp"

#include "tests/sim/controller/drive_bench.hpp"

namespace phasebit::sim {
namespace {

constexpr spec::AsyncEvent doorbell_register = spec::async_event(spec::AsyncErrorInfo::invalid_doorbell_register);
constexpr spec::AsyncEvent doorbell_value = spec::async_event(spec::AsyncErrorInfo::invalid_doorbell_value);
constexpr spec::AsyncEvent hot = spec::async_event(spec::AsyncSmartInfo::temperature_threshold);

class AsyncEventsTest : public testing::Test {
 protected:
  std::string deliver(Instant now = Instant{}) {
    std::string told;
    for (auto delivery = events.next(now); delivery; delivery = events.next(now)) {
      told += delivery->event == doorbell_register ? 'r' : delivery->event == doorbell_value ? 'v' : delivery->event == hot ? 't' : '?';
    }
    return told;
  }
  void park(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      events.park(static_cast<CommandIndex>(i));
    }
  }
  AsyncEvents events{4, std::pmr::get_default_resource()};
};

TEST_F(AsyncEventsTest, wait_for_a_request) {
  events.report(hot);
  EXPECT_EQ(deliver(), "");
  park(1);
  EXPECT_EQ(deliver(), "t");
}

TEST_F(AsyncEventsTest, of_a_type_that_was_told_wait_until_its_page_is_read) {
  park(4);
  events.report(doorbell_register);
  EXPECT_EQ(deliver(), "r");
  events.report(doorbell_value);
  events.report(hot);
  EXPECT_EQ(deliver(), "t");
  events.on_log_read(spec::Lid::smart);
  EXPECT_EQ(deliver(), "");
  events.on_log_read(spec::Lid::error_information);
  EXPECT_EQ(deliver(), "");  // reading the page cleared the one that waited
  events.report(doorbell_value);
  EXPECT_EQ(deliver(), "v");
}

TEST_F(AsyncEventsTest, of_one_kind_are_told_once) {
  park(4);
  events.report(doorbell_value);
  events.report(doorbell_value);
  EXPECT_EQ(deliver(), "v");
}

TEST_F(AsyncEventsTest, are_forgotten_in_a_reset) {
  events.report(hot);
  park(1);
  events.reset();
  EXPECT_EQ(deliver(), "");
  park(1);
  EXPECT_EQ(deliver(), "");
}

TEST_F(AsyncEventsTest, of_a_storm_come_at_their_gaps) {
  park(4);
  events.begin_storm({3, microseconds(1), Instant{1000}, hot});
  EXPECT_EQ(events.next_due(Instant{0}), Instant{1000});
  EXPECT_EQ(deliver(Instant{999}), "");
  EXPECT_EQ(deliver(Instant{1000}), "t");
  EXPECT_EQ(deliver(Instant{1999}), "");
  EXPECT_EQ(deliver(Instant{2000}), "t");
  EXPECT_EQ(deliver(Instant{9000}), "t");
  EXPECT_EQ(events.next_due(Instant{9000}), never);
}

TEST(AsyncEventsOfADrive, come_when_the_temperature_crosses_a_threshold_that_the_host_set) {
  DriveBench bench;
  bench.enable();
  const Cid request = bench.push(bench.admin, spec::async_event_request());
  bench.ring(bench.admin);
  bench.run(milliseconds(1));
  EXPECT_EQ(bench.admin_status(spec::SetFeatures{spec::Fid::async_event_configuration, 0x02}.sqe()).raw, 0);
  bench.push(bench.admin, spec::SetFeatures{spec::Fid::temperature_threshold, 300}.sqe());
  bench.ring(bench.admin);
  std::optional<spec::Cqe> told;
  for (int i = 0; i < 2; ++i) {
    const auto cqe = bench.wait(bench.admin);
    ASSERT_TRUE(cqe);
    told = cqe->cid == request.value ? cqe : told;
  }
  ASSERT_TRUE(told);
  EXPECT_EQ(told->dw0, 0x0002'0101u);  // SMART, temperature threshold, page 02h
}

}  // namespace
}  // namespace phasebit::sim
