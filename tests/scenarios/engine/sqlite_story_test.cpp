#include "scenarios/engine/sqlite_story.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "scenarios/engine/load.hpp"
#include "sim/memory/region.hpp"
#include "sim/stream/stream_file.hpp"
#include "tests/support/slow_build.hpp"

namespace phasebit::scenarios {
namespace {

using tests::is_slow_build;

constexpr char small_drive[] = "drive: {namespaces: [{nsid: 1, blocks: 2k}]}\n";
constexpr char uncut[] = "sqlite: {page_size: 1k, transactions: 1, cut_power: false}\n";
constexpr char with_cuts[] = "sqlite: {page_size: 1k, transactions: 1}\n";

Scenario story(const std::string& sqlite, const std::string& rest) {
  const Checked<Scenario> scenario = decode_scenario("name: story\nabout: Something happens.\n" + (small_drive + sqlite + rest), "s.yaml");
  EXPECT_TRUE(scenario) << to_string(scenario.error().front());
  return scenario.value_or(Scenario{});
}

/// What is objected to, one sentence a line; empty if the story passes.
std::string text_of(const RunResult& result) {
  std::string text;
  for (const Objection& objection : result.objections) {
    text += objection.judge + ": " + objection.sentence + "\n";
  }
  return text;
}

std::string story_objections(const std::string& sqlite, const std::string& rest = "") {
  return text_of(run_sqlite_scenario(story(sqlite, rest), {}));
}

bool mentions(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST(SqliteStory, is_without_objection_when_nothing_goes_wrong) {
  EXPECT_EQ(story_objections(uncut), "");
  if (!is_slow_build) {  // there the stories of the catalog do the same
    EXPECT_EQ(
        story_objections(with_cuts, "expect: {counts: {power_cuts: 20..1000, databases_opened: 60..10000, sqlite_transactions: 2}}\n"), "");
  }
}

TEST(SqliteStory, lets_rules_and_oracles_judge_and_holds_them_against_what_was_expected) {
  EXPECT_EQ(story_objections(uncut, "expect: {objections: [CMD-01]}\n"), "expect: CMD-01 was expected to object, and did not\n");
  EXPECT_EQ(story_objections(uncut, "expect: {objections: [memory]}\n"), "expect: memory was expected to object, and did not\n");
}

TEST(SqliteStory, is_judged_block_by_block) {
  const std::string said = story_objections(uncut, "faults: [{what: corrupt, when: {opcode: read, nth: 1}, value: 0xff}]\n");
  EXPECT_TRUE(said.starts_with("oracle data_integrity: namespace 1 LBA 0 reads as ")) << said;
}

TEST(SqliteStory, says_at_which_cut_a_judge_objected_and_how_many_databases_were_lost) {
  const std::string said = story_objections(with_cuts, "faults: [{what: lying_flush, times: 0}]\nexpect: {counts: {databases_lost: 0}}\n");
  EXPECT_TRUE(mentions(said, "expect: databases_lost is ")) << said;
  EXPECT_TRUE(mentions(said, "oracle durability: ")) << said;
  EXPECT_TRUE(mentions(said, "; power was cut at write or flush ")) << said;
}

TEST(SqliteStory, is_held_against_every_line_of_expect) {
  EXPECT_EQ(story_objections(uncut, "expect: {state: failed}\n"), "expect: the driver is ready when all work has ended, expected failed\n");
  EXPECT_EQ(story_objections(uncut, "expect: {state_before_heal: gone}\n"),
            "expect: the driver is ready before the faults are lifted, expected gone\n");
  EXPECT_EQ(story_objections(uncut, "expect: {counts: {retries: 1..9}}\n"), "expect: retries is 0, expected 1..9\n");
  EXPECT_EQ(story_objections(uncut, "expect: {counts: {attached: 1, ok: 10..10000}}\n"), "");
  EXPECT_EQ(story_objections(uncut, "expect: {rows: {bring_up.enable.passed: 2}}\n"), "expect: bring_up.enable.passed is 1, expected 2\n");
  EXPECT_EQ(story_objections(uncut, "expect: {work: none}\n"),
            "expect: all of the work was done before the faults were lifted, expected none\n");
  EXPECT_TRUE(mentions(story_objections(uncut, "expect: {slowest_operation: 1s..2s}\n"), "expect: the slowest operation took "));
}

TEST(SqliteStory, stops_when_its_time_is_over) {
  const std::string said = story_objections(uncut, "phases: {faulty: 21ms}\n");
  EXPECT_TRUE(mentions(said, "expect: the run without a power cut failed: ")) << said;
  EXPECT_EQ(story_objections(uncut, "phases: {faulty: 21ms}\nexpect: {work: none}\n"), "");
}

TEST(SqliteStory, tells_once_of_a_run_that_fails_without_a_cut) {
  const std::string said = story_objections(with_cuts, "faults: [{what: status, when: {opcode: write}, status: 0x4281, times: 0}]\n");
  const std::string sentence = "the run without a power cut failed: ";
  ASSERT_TRUE(mentions(said, sentence)) << said;
  EXPECT_EQ(said.find(sentence), said.rfind(sentence)) << said;
  EXPECT_FALSE(mentions(said, "power was cut at")) << said;
}

TEST(SqliteStory, records_the_stream_of_the_run_without_a_cut) {
  const std::string path = testing::TempDir() + "sqlite_story.trace";
  const RunResult whole = run_sqlite_scenario(story(uncut, ""), {.trace_path = path});
  EXPECT_EQ(text_of(whole), "");
  const auto recorded = sim::read_stream_file(path);
  ASSERT_TRUE(recorded) << recorded.error();
  EXPECT_EQ(recorded->events.size(), whole.events);
  std::remove(path.c_str());
}

TEST(SqliteStory, fails_if_its_trace_cannot_be_written) {
  const RunResult result = run_sqlite_scenario(story(uncut, ""), {.trace_path = "/nowhere/at/all"});
  EXPECT_EQ(exit_code(result), ExitCode::environment) << text_of(result);
}

TEST(SqliteStory, is_the_same_with_and_without_skipping_of_idle_cycles) {
  const Scenario scenario =
      story("sqlite: {page_size: 512, transactions: 1, cut_power: false}\n", is_slow_build ? "phases: {faulty: 22ms}\n" : "");
  RunOptions stepping;
  stepping.idle_cycles_stepped = UINT64_MAX;
  EXPECT_EQ(run_sqlite_scenario(scenario, {}).hash, run_sqlite_scenario(scenario, stepping).hash);
}

TEST(SqliteStory, has_the_same_hash_again_and_another_with_another_seed) {
  Scenario scenario = story(uncut, "");
  const std::uint64_t hash = run_sqlite_scenario(scenario, {}).hash;
  EXPECT_EQ(run_sqlite_scenario(scenario, {}).hash, hash);
  scenario.seed = 2;
  EXPECT_NE(run_sqlite_scenario(scenario, {}).hash, hash);
}

TEST(SqliteStory, brings_a_timeline_and_a_file_if_it_fails) {
  const RunResult result = run_sqlite_scenario(story(uncut, "expect: {state: failed}\n"), {});
  EXPECT_FALSE(result.timeline.empty());
  const Checked<Scenario> again = decode_scenario(result.failure_file, "again.yaml");
  ASSERT_TRUE(again) << to_string(again.error().front());
  EXPECT_EQ(run_sqlite_scenario(*again, {}).hash, again->recorded->hash);
  EXPECT_TRUE(run_sqlite_scenario(story(uncut, ""), {}).timeline.empty());
}

TEST(SqliteStory, without_memory_for_a_world_is_the_fault_of_the_environment) {
  std::vector<sim::Region> taken;
  for (bool is_room = true; is_room;) {
    Result<sim::Region> region = sim::Region::create(1 << 20);
    is_room = region.has_value();
    if (is_room) {
      taken.push_back(std::move(*region));
    }
  }
  const RunResult result = run_sqlite_scenario(story(with_cuts, ""), {});
  EXPECT_EQ(text_of(result), "environment: there is no memory for a world\n");
  EXPECT_EQ(exit_code(result), ExitCode::environment);
}

}  // namespace
}  // namespace phasebit::scenarios
