#include "scenarios/engine/expectations.hpp"

#include <gtest/gtest.h>

#include "scenarios/engine/load.hpp"
#include "scenarios/engine/row_name.hpp"
#include "scenarios/engine/run_scenario.hpp"

namespace phasebit::scenarios {
namespace {

const std::string small_work = "workload: {rw: randrw, number_ios: 20, size: 1m}\n";
const std::string never_ready = "drive: {ready_timeout_steps: 1}\nfaults: [{what: ready_never, times: 0}]\nphases: {faulty: 100s}\n";

RunResult run_story(const std::string& rest) {
  return run_scenario(decode_scenario("name: story\nabout: Something happens.\n" + rest, "s.yaml").value(), {});
}

/// What is objected to, one sentence a line; empty if the story passes.
std::string objections(const std::string& rest) {
  const Checked<Scenario> scenario = decode_scenario("name: story\nabout: Something happens.\n" + rest, "s.yaml");
  if (!scenario) {
    return to_string(scenario.error().front());
  }
  std::string text;
  for (const Objection& objection : run_scenario(*scenario, {}).objections) {
    text += objection.judge + ": " + objection.sentence + "\n";
  }
  return text;
}

bool contains(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST(Expectations, are_met_by_a_story_in_which_nothing_goes_wrong) {
  EXPECT_EQ(objections(small_work), "");
}

TEST(Expectations, presume_that_a_drive_is_attached_once_and_never_fails) {
  const std::string said = objections(std::string(small_work) + never_ready);
  EXPECT_TRUE(contains(said, "expect: attached is 2, expected 1\n")) << said;
  EXPECT_TRUE(contains(said, "expect: event_failed is 1, expected 0\n")) << said;
}

TEST(Expectations, presume_that_all_work_is_done_before_the_faults_are_lifted) {
  const std::string said = objections(std::string(small_work) + never_ready);
  EXPECT_TRUE(contains(said, "expect: none of the work was done before the faults were lifted, expected all\n")) << said;
}

TEST(Expectations, of_a_failed_attach_can_be_told) {
  EXPECT_EQ(objections(std::string(small_work) + never_ready +
                       "expect: {work: none, state_before_heal: failed, state: ready, counts: {attached: 2, event_failed: 1}}\n"),
            "");
}

TEST(Expectations, tell_the_state_before_heal_from_that_at_the_end) {
  const std::string said = objections(std::string(small_work) + never_ready +
                                      "expect: {work: none, state_before_heal: ready, counts: {attached: 2, event_failed: 1}}\n");
  EXPECT_EQ(said, "expect: the driver is failed before the faults are lifted, expected ready\n");
}

TEST(Expectations, that_are_not_met_are_so_at_the_end) {
  const RunResult result = run_story(small_work + "expect: {objections: [CMD-01], counts: {event_failed: 1}}\n");
  ASSERT_EQ(result.objections.size(), 2u);
  EXPECT_EQ(result.objections[0].sentence, "CMD-01 was expected to object, and did not");
  EXPECT_GT(result.objections[0].time_ns, 0u);
  EXPECT_EQ(result.objections[0].time_ns, result.objections[1].time_ns);
  EXPECT_EQ(result.objections[0].event, result.objections[1].event);
}

TEST(Expectations, presume_nothing_where_anything_may_happen) {
  EXPECT_EQ(objections(std::string(small_work) + never_ready + "expect: {anything_may_happen: true}\n"), "");
}

TEST(Expectations, count_work_that_was_rejected_as_not_done) {
  const std::string vanishing =
      "drive: {namespaces: [{nsid: 1, blocks: 64k}]}\nworkload: {rw: randread, number_ios: 400, size: 1m}\n"
      "faults: [{what: namespace_detach, when: {after: 22ms}, value: 1}]\n";
  const std::string said = objections(vanishing);
  EXPECT_TRUE(contains(said, "expect: some of the work was done before the faults were lifted, expected all\n")) << said;
  EXPECT_EQ(objections(vanishing + "expect: {work: some}\n"), "");
}

TEST(Expectations, object_to_a_drive_that_is_refused) {
  const std::string said = objections(std::string(small_work) + "drive: {command_sets: 0x80}\nexpect: {work: none}\n");
  EXPECT_EQ(said,
            "expect: attached is 0, expected 1\nexpect: attach_refused is 2, expected 0; drive 0: the controller offers no NVM command set "
            "(CAP.CSS, Identify CNS 1Ch)\n");
}

TEST(Expectations, hold_rows_against_what_the_machines_did) {
  EXPECT_EQ(objections(std::string(small_work) + "expect: {rows: {bring_up.enable.passed: 1, bring_up.enable.timed_out: 0}}\n"), "");
  EXPECT_EQ(objections(std::string(small_work) + "expect: {rows: {recovery.abort.passed: 1..9}}\n"),
            "expect: recovery.abort.passed is 0, expected 1..9\n");
}

TEST(Expectations, know_no_rows_but_those_of_the_machines) {
  EXPECT_TRUE(contains(objections("expect: {rows: {bring_up.enabel.passed: 1}}\n"), "did you mean \"bring_up.enable.passed\"?"));
  EXPECT_EQ(row_result_names().size(), 4 * row_names().size());
}

TEST(Expectations, bound_the_slowest_operation) {
  const std::string slow = "workload: {rw: randread, number_ios: 20, size: 1m}\ndrive: {times: {read: {fixed: 1ms}}}\n";
  EXPECT_EQ(objections(slow + "expect: {slowest_operation: 1ms..2ms}\n"), "");
  const std::string said = objections(slow + "expect: {slowest_operation: 2ms..3ms}\n");
  EXPECT_TRUE(said.starts_with("expect: the slowest operation took 1") && contains(said, ", expected 2ms..3ms\n")) << said;
  EXPECT_TRUE(contains(objections("expect: {slowest_operation: 3ms..2ms}\n"), "two times such as"));
}

TEST(Expectations, are_written_as_they_are_read) {
  const Checked<Scenario> read = decode_scenario(
      "name: story\nabout: Something happens.\nworkload: {submission_queues: 4, priority: low}\n"
      "expect: {work: some, state_before_heal: gone, slowest_operation: 2ms..3s, rows: {shutdown.notify.timed_out: 1..2}}\n",
      "s.yaml");
  ASSERT_TRUE(read) << to_string(read.error().front());
  const Checked<Scenario> again = decode_scenario(scenario_text(*read), "again.yaml");
  ASSERT_TRUE(again) << to_string(again.error().front());
  EXPECT_EQ(scenario_text(*again), scenario_text(*read));
  EXPECT_EQ(again->expect.work, Work::some);
  EXPECT_EQ(again->expect.state_before_heal, driver::State::gone);
  EXPECT_EQ(again->expect.slowest_operation, (TimeRange{milliseconds(2), seconds(3)}));
  EXPECT_EQ(again->expect.rows.at(0).name, "shutdown.notify.timed_out");
  EXPECT_EQ(again->workloads.at(0).submission_queues, 4u);
  EXPECT_EQ(again->workloads.at(0).priority, spec::QueuePriority::low);
}

TEST(Workloads, on_blocks_that_are_not_there_yet_wait_for_them) {
  EXPECT_EQ(objections("drive: {namespaces: [{nsid: 1, blocks: 2k}]}\nworkload: {rw: randread, number_ios: 20, offset: 1m, size: 1m}\n"
                       "faults: [{what: namespace_resize, when: {after: 30ms}, value: 1, value2: 0x1000}]\n"),
            "");
}

TEST(Workloads, need_as_many_queues_as_their_jobs_have) {
  EXPECT_TRUE(contains(objections("workload: {numjobs: 2, submission_queues: 3}\n"),
                       "2 jobs with 3 submission queues each need 6; driver.io_queues_max is 4"));
}

TEST(Namespaces, may_stand_for_many_that_are_alike) {
  const Checked<Scenario> read =
      decode_scenario("name: story\nabout: Something happens.\ndrive: {namespaces: [{nsid: 2, copies: 3, apart: 5}]}\n", "s.yaml");
  ASSERT_TRUE(read) << to_string(read.error().front());
  ASSERT_EQ(read->drives[0].namespaces.size(), 3u);
  EXPECT_EQ(read->drives[0].namespaces[2].nsid, Nsid{12});
}

}  // namespace
}  // namespace phasebit::scenarios
