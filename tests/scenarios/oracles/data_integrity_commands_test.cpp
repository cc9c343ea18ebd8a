// The data oracle on what is neither read nor written with data: blocks made uncorrectable, comparisons, verification.
#include <gtest/gtest.h>

#include "tests/scenarios/oracles/judged.hpp"

namespace phasebit::scenarios {
namespace {

using spec::NvmOpcode;

constexpr std::uint16_t outcome_timed_out = 3;

TEST(Uncorrectable, is_never_read_and_never_verified) {
  Judged t;
  t.script.write(1, 5, 0xaa);
  t.script.command(2, NvmOpcode::write_uncorrectable, 5);
  EXPECT_EQ(t.count(), 0u);
  t.script.read(3, 5, 0xaa);
  EXPECT_EQ(t.count(), 1u);
  t.script.read(4, 5, 0);
  EXPECT_EQ(t.count(), 2u);
  t.script.command(5, NvmOpcode::verify, 5);
  EXPECT_EQ(t.count(), 3u);
  t.script.compare(6, 5, 0xaa, true);
  EXPECT_EQ(t.count(), 4u);
  t.script.begin(7, NvmOpcode::read, 5, 1);
  t.script.end(7, outcome_failed, spec::make_status(spec::MediaStatus::unrecovered_read_error));
  t.script.begin(8, NvmOpcode::verify, 5, 1);
  t.script.end(8, outcome_failed, spec::make_status(spec::MediaStatus::unrecovered_read_error));
  EXPECT_EQ(t.count(), 4u);
}

TEST(Uncorrectable, ends_with_the_next_write_of_data_or_zeroes) {
  Judged t;
  t.script.command(1, NvmOpcode::write_uncorrectable, 5);
  t.script.write(2, 5, 0xaa);
  t.script.command(3, NvmOpcode::verify, 5);
  t.script.read(4, 5, 0xaa);
  t.script.command(5, NvmOpcode::write_uncorrectable, 5);
  t.script.command(6, NvmOpcode::write_zeroes, 5);
  t.script.read(7, 5, 0);
  EXPECT_EQ(t.count(), 0u);
}

TEST(Uncorrectable, may_be_ended_by_a_deallocation_but_gives_nothing_older) {
  Judged t;
  t.script.write(1, 5, 0xaa);
  t.script.command(2, NvmOpcode::write_uncorrectable, 5);
  t.script.command(3, NvmOpcode::dataset_management, 5);
  t.script.read(4, 5, 0);
  EXPECT_EQ(t.count(), 0u);
  t.script.read(5, 5, 0xaa);
  EXPECT_EQ(t.count(), 1u);
}

TEST(Uncorrectable, is_not_certain_while_it_is_under_way_nor_after_it_has_failed_nor_beside_a_write) {
  Judged t;
  t.script.write(1, 5, 0xaa);
  t.script.begin(2, NvmOpcode::write_uncorrectable, 5, 1);
  t.script.read(3, 5, 0xaa);
  t.script.end(2, outcome_timed_out);
  t.script.read(4, 5, 0xaa);
  t.script.command(5, NvmOpcode::verify, 5);
  t.script.begin(6, NvmOpcode::write_uncorrectable, 5, 1);
  t.script.begin_write(7, 5, {0xbb});
  t.script.end(6);
  t.script.end(7);
  t.script.read(8, 5, 0xbb);
  EXPECT_EQ(t.count(), 0u);
  t.script.read(9, 5, 0xaa);
  EXPECT_EQ(t.count(), 1u);
}

TEST(Uncorrectable, is_judged_at_a_read_that_was_begun_after_it_only) {
  Judged t;
  t.script.write(1, 5, 0xaa);
  t.script.begin(2, NvmOpcode::read, 5, 1);
  t.script.command(3, NvmOpcode::write_uncorrectable, 5);
  t.script.digests_of(2, {0xaa});
  t.script.end(2);
  EXPECT_EQ(t.count(), 0u);
}

TEST(Uncorrectable, is_each_block_of_its_range_and_no_other) {
  Judged t;
  t.script.begin(1, NvmOpcode::write_uncorrectable, 5, 2);
  t.script.end(1);
  for (const std::uint64_t lba : {4u, 5u, 6u, 7u}) {
    t.script.read(2, lba, 0);
  }
  EXPECT_EQ(t.count(), 2u);
}

TEST(Uncorrectable, is_lost_with_power_only_if_nothing_has_made_it_durable) {
  for (const bool flushed : {false, true}) {
    Judged t;
    t.script.with_volatile_cache();
    t.script.write(1, 5, 0xaa, true);
    t.script.command(2, NvmOpcode::write_uncorrectable, 5);
    if (flushed) {
      t.script.flush(3);
    }
    t.script.add(EventKind::power_cut);
    t.script.read(4, 5, 0xaa);
    EXPECT_EQ(t.count(), flushed ? 1u : 0u);
    EXPECT_EQ(t.first(), flushed ? "durability" : "");
  }
}

TEST(Comparison, is_equal_to_what_a_read_might_give_and_to_nothing_else) {
  Judged t;
  t.script.write(1, 5, 0xaa);
  t.script.write(2, 5, 0xbb);
  t.script.compare(3, 5, 0xbb, true);
  t.script.compare(4, 5, 0xaa, false);
  EXPECT_EQ(t.count(), 0u);
  t.script.compare(5, 5, 0xaa, true);
  EXPECT_EQ(t.count(), 1u);
  t.script.compare(6, 5, 0xbb, false);
  EXPECT_EQ(t.count(), 2u);
  EXPECT_EQ(t.first(), "data_integrity");
}

TEST(Comparison, is_not_excused_by_what_was_overwritten_though_a_power_cut_may_bring_it_back) {
  Judged t;
  t.script.with_volatile_cache();
  t.script.write(1, 5, 0xaa);
  t.script.write(2, 5, 0xbb);
  t.script.compare(3, 5, 0xbb, false);
  EXPECT_EQ(t.count(), 1u);
  t.script.add(EventKind::power_cut);
  t.script.compare(4, 5, 0xbb, false);
  EXPECT_EQ(t.count(), 1u);
}

TEST(Comparison, may_come_out_either_way_beside_a_write_or_after_one_of_unknown_outcome) {
  for (const bool equal : {false, true}) {
    Judged t;
    t.script.write(1, 5, 0xaa);
    t.script.begin_write(2, 5, {0xbb});
    t.script.compare(3, 5, 0xaa, equal);
    t.script.compare(4, 5, 0xbb, equal);
    t.script.end(2, outcome_timed_out);
    t.script.compare(5, 5, 0xaa, equal);
    t.script.compare(6, 5, 0xbb, equal);
    EXPECT_EQ(t.count(), 0u);
    t.script.compare(7, 5, 0xcc, equal);
    EXPECT_EQ(t.count(), equal ? 1u : 0u);
  }
}

TEST(Comparison, is_unequal_if_one_block_differs_and_equal_if_none_does) {
  Judged t;
  t.script.begin_write(1, 5, {0xa1, 0xa2});
  t.script.end(1);
  std::uint64_t tag = 2;
  for (const bool equal : {false, true}) {
    t.script.begin(tag, NvmOpcode::compare, 5, 2);
    t.script.digests_of(tag, {0xa1, 0xa2});
    t.script.end_compare(tag++, equal);
  }
  EXPECT_EQ(t.count(), 1u);
  t.script.begin(tag, NvmOpcode::compare, 5, 2);
  t.script.digests_of(tag, {0xa1, 0xff});
  t.script.end_compare(tag, false);
  EXPECT_EQ(t.count(), 1u);
}

TEST(Comparison, is_not_judged_where_it_failed_otherwise_or_nobody_knows_what_it_was_with) {
  Judged t;
  t.script.begin(1, NvmOpcode::compare, 5, 1);
  t.script.digests_of(1, {0});
  t.script.end(1, outcome_failed, spec::make_status(spec::GenericStatus::internal_error));
  t.script.begin(2, NvmOpcode::compare, 5, 1);
  t.script.digests_of(2, {0});
  t.script.end(2, outcome_timed_out, spec::make_status(spec::MediaStatus::compare_failure));
  for (const bool equal : {false, true}) {
    t.script.begin(3, NvmOpcode::compare, 5, 1);
    t.script.end_compare(3, equal);
  }
  EXPECT_EQ(t.count(), 0u);
}

TEST(Comparison, says_nothing_of_content_from_before_the_run_and_tells_what_it_was) {
  for (const bool equal : {false, true}) {
    Judged t;
    t.script.add(EventKind::drive_fact, 0, static_cast<std::uint32_t>(DriveFact::old_content));
    t.script.compare(1, 5, 0xaa, equal);
    EXPECT_EQ(t.count(), 0u);
    t.script.read(2, 5, 0xbb);
    EXPECT_EQ(t.count(), equal ? 1u : 0u);
  }
}

}  // namespace
}  // namespace phasebit::scenarios
