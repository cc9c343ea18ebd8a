#include <gtest/gtest.h>

#include "scenarios/oracles/conformance.hpp"
#include "scenarios/oracles/exactly_once.hpp"
#include "scenarios/oracles/liveness.hpp"
#include "scenarios/oracles/memory.hpp"
#include "src/spec/registers.hpp"
#include "tests/scenarios/oracles/event_script.hpp"

namespace phasebit::scenarios {
namespace {

using spec::NvmOpcode;

TEST(ExactlyOnce, is_content_when_all_that_was_begun_ended_once) {
  ExactlyOnce oracle;
  EventScript script(oracle);
  script.begin(1, NvmOpcode::read, 0, 1);
  script.add(EventKind::command_pushed, 1, 0x1005, 1);
  script.add(EventKind::command_finished, 1, 0x1005, 1);
  script.end(1);
  oracle.finish();
  EXPECT_TRUE(oracle.verdicts().empty());
}

TEST(ExactlyOnce, objects_to_an_operation_that_ends_twice_or_never_or_starts_twice) {
  ExactlyOnce oracle;
  EventScript script(oracle);
  script.begin(1, NvmOpcode::read, 0, 1);
  script.end(1);
  script.end(1);
  EXPECT_EQ(oracle.verdicts().size(), 1u);
  script.begin(2, NvmOpcode::read, 0, 1);
  script.begin(2, NvmOpcode::read, 0, 1);
  EXPECT_EQ(oracle.verdicts().size(), 2u);
  oracle.finish();
  EXPECT_EQ(oracle.verdicts().size(), 3u);
}

TEST(ExactlyOnce, objects_to_a_command_given_back_twice_to_the_wrong_operation_or_never) {
  ExactlyOnce oracle;
  EventScript script(oracle);
  script.add(EventKind::command_pushed, 1, 5, 10);
  script.add(EventKind::command_finished, 1, 5, 10);
  script.add(EventKind::command_finished, 1, 5, 10);
  EXPECT_EQ(oracle.verdicts().size(), 1u);
  script.add(EventKind::command_pushed, 1, 6, 11);
  script.add(EventKind::command_finished, 1, 6, 12);
  EXPECT_EQ(oracle.verdicts().size(), 2u);
  script.add(EventKind::command_pushed, 1, 7, 13);
  script.add(EventKind::command_pushed, 1, 7, 14);
  EXPECT_EQ(oracle.verdicts().size(), 3u);
  oracle.finish();
  EXPECT_EQ(oracle.verdicts().size(), 4u);
}

TEST(Liveness, objects_only_to_what_is_still_under_way_at_the_end) {
  Liveness oracle;
  EventScript script(oracle);
  script.begin(1, NvmOpcode::read, 0, 1);
  script.begin(2, NvmOpcode::read, 0, 1);
  script.add(EventKind::phase_entered, 0, 1);
  script.end(1);
  EXPECT_TRUE(oracle.verdicts().empty());
  script.add(EventKind::phase_entered, 0, 3);
  ASSERT_EQ(oracle.verdicts().size(), 1u);
  EXPECT_NE(oracle.verdicts()[0].sentence.find("operation 2"), std::string::npos);
}

TEST(Memory, wants_everything_back_as_often_as_it_was_mapped) {
  Memory oracle;
  EventScript script(oracle);
  script.add(EventKind::dma_allocated, 0, 0, 0x1000, 4096);
  script.add(EventKind::dma_mapped, 0, 3, 0x8000, 4096);
  script.add(EventKind::dma_mapped, 0, 3, 0x8000, 4096);
  script.add(EventKind::dma_unmapped, 0, 0, 0x8000, 4096);
  script.add(EventKind::dma_freed, 0, 0, 0x1000, 4096);
  oracle.finish();
  ASSERT_EQ(oracle.verdicts().size(), 1u);
  EXPECT_NE(oracle.verdicts()[0].sentence.find("0x8000"), std::string::npos);
}

TEST(Memory, objects_to_freeing_twice_and_to_unmapping_what_is_owned) {
  Memory oracle;
  EventScript script(oracle);
  script.add(EventKind::dma_freed, 0, 0, 0x1000, 4096);
  script.add(EventKind::dma_mapped, 0, 3, 0x8000, 4096);
  script.add(EventKind::dma_unmapped, 0, 1, 0x8000, 4096);
  script.add(EventKind::dma_unmapped, 0, 0, 0x8000, 4096);
  oracle.finish();
  EXPECT_EQ(oracle.verdicts().size(), 2u);
}

TEST(Conformance, turns_a_violation_into_a_verdict_with_its_rule) {
  Conformance oracle;
  EventScript script(oracle);
  script.add(EventKind::register_write, 0, spec::offset::vs, 1, 4);
  ASSERT_EQ(oracle.verdicts().size(), 1u);
  EXPECT_EQ(oracle.verdicts()[0].rule, "REG-04");
  EXPECT_EQ(oracle.verdicts()[0].event_number, 1u);
  EXPECT_TRUE(oracle.verdicts()[0].fails);
}

TEST(Conformance, keeps_so_many_of_one_rule_and_the_first_of_any_other) {
  Conformance oracle;
  EventScript script(oracle);
  for (int i = 0; i < 1500; ++i) {
    script.add(EventKind::register_write, 0, spec::offset::vs, 1, 4);
  }
  EXPECT_EQ(oracle.verdicts().size(), 100u);
  script.add(EventKind::register_write, 0, spec::offset::doorbells + 8, 1, 4);
  ASSERT_EQ(oracle.verdicts().size(), 101u);
  EXPECT_NE(oracle.verdicts().back().rule, "REG-04");
}

}  // namespace
}  // namespace phasebit::scenarios
