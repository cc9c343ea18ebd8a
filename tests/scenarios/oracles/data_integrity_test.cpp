#include "scenarios/oracles/data_integrity.hpp"

#include <gtest/gtest.h>

#include "tests/scenarios/oracles/judged.hpp"

namespace phasebit::scenarios {
namespace {

using spec::NvmOpcode;

TEST(DataIntegrity, accepts_the_last_acknowledged_write_and_nothing_older) {
  Judged t;
  t.script.read(1, 5, 0);
  t.script.write(2, 5, 0xaa);
  t.script.read(3, 5, 0xaa);
  t.script.write(4, 5, 0xbb);
  t.script.read(5, 5, 0xbb);
  EXPECT_EQ(t.count(), 0u);
  t.script.read(6, 5, 0xaa);
  EXPECT_EQ(t.count(), 1u);
  EXPECT_EQ(t.first(), "data_integrity");
}

TEST(DataIntegrity, expects_nothing_of_a_block_that_its_namespace_did_not_reach_for_a_while) {
  for (const std::uint64_t seen : {0xaaull, 0ull, 0xccull}) {
    Judged t;
    t.script.write(1, 5, 0xaa);
    t.script.write(2, 4, 0xbb);
    t.script.resize(1, 5);
    t.script.resize(1, 6);
    t.script.read(3, 5, seen);
    t.script.read(4, 4, 0xbb);
    EXPECT_EQ(t.count(), seen == 0xcc ? 1u : 0u) << seen;
    t.script.write(5, 5, 0xdd);
    t.script.read(6, 5, 0xaa);
    EXPECT_EQ(t.count(), seen == 0xcc ? 2u : 1u) << seen;
  }
}

TEST(DataIntegrity, accepts_either_of_two_concurrent_writes) {
  for (const std::uint64_t seen : {0xaau, 0xbbu}) {
    Judged t;
    t.script.begin_write(1, 5, {0xaa});
    t.script.begin_write(2, 5, {0xbb});
    t.script.end(1);
    t.script.end(2);
    t.script.read(3, 5, seen);
    EXPECT_EQ(t.count(), 0u);
    t.script.read(4, 5, 0xcc);
    EXPECT_EQ(t.count(), 1u);
  }
}

TEST(DataIntegrity, accepts_old_and_new_while_a_write_is_under_way) {
  Judged t;
  t.script.write(1, 5, 0xaa);
  t.script.begin_write(2, 5, {0xbb});
  t.script.read(3, 5, 0xaa);
  t.script.read(4, 5, 0xbb);
  EXPECT_EQ(t.count(), 0u);
}

TEST(DataIntegrity, accepts_old_and_new_after_a_write_that_failed_until_the_next_acknowledged_one) {
  Judged t;
  t.script.write(1, 5, 0xaa);
  t.script.begin_write(2, 5, {0xbb});
  t.script.end(2, 3);
  t.script.read(3, 5, 0xaa);
  t.script.read(4, 5, 0xbb);
  t.script.write(5, 5, 0xcc);
  EXPECT_EQ(t.count(), 0u);
  t.script.read(6, 5, 0xbb);
  EXPECT_EQ(t.count(), 1u);
}

TEST(DataIntegrity, judges_each_block_of_an_operation) {
  Judged t;
  t.script.begin_write(1, 5, {0xa1, 0xa2, 0xa3});
  t.script.end(1);
  t.script.begin(2, NvmOpcode::read, 4, 4);
  t.script.digests_of(2, {0, 0xa1, 0xa3, 0xa2});
  t.script.end(2);
  EXPECT_EQ(t.count(), 2u);
}

TEST(DataIntegrity, objects_to_a_read_that_gave_fewer_blocks_than_asked) {
  Judged t;
  t.script.begin(2, NvmOpcode::read, 4, 4);
  t.script.digests_of(2, {0, 0});
  t.script.end(2);
  EXPECT_EQ(t.count(), 1u);
}

TEST(DataIntegrity, holds_a_write_of_zeroes_to_zeroes_and_lets_a_deallocation_keep_the_old) {
  Judged t;
  t.script.write(1, 5, 0xaa);
  t.script.begin(2, NvmOpcode::dataset_management, 5, 1);
  t.script.end(2);
  t.script.read(3, 5, 0xaa);
  t.script.read(4, 5, 0);
  EXPECT_EQ(t.count(), 0u);
  t.script.begin(5, NvmOpcode::write_zeroes, 5, 1);
  t.script.end(5);
  t.script.read(6, 5, 0);
  EXPECT_EQ(t.count(), 0u);
  t.script.read(7, 5, 0xaa);
  EXPECT_EQ(t.count(), 1u);
}

TEST(Durability, lets_a_cut_take_back_only_what_no_flush_and_no_fua_has_covered) {
  for (const bool lost : {false, true}) {
    Judged t;
    t.script.with_volatile_cache();
    t.script.write(1, 5, 0xaa);
    t.script.flush(2);
    t.script.write(3, 5, 0xbb);
    t.script.add(EventKind::power_cut);
    t.script.read(4, 5, lost ? 0xaa : 0xbb);
    EXPECT_EQ(t.count(), 0u);
    t.script.read(5, 5, 0);
    EXPECT_EQ(t.count(), 1u);
    EXPECT_EQ(t.first(), "durability");
  }
}

TEST(Durability, holds_a_fua_write_and_a_drive_without_volatile_cache_to_their_word) {
  Judged with_fua;
  with_fua.script.with_volatile_cache();
  with_fua.script.write(1, 5, 0xaa, true);
  with_fua.script.add(EventKind::power_cut);
  with_fua.script.read(2, 5, 0);
  EXPECT_EQ(with_fua.first(), "durability");

  Judged without_cache;
  without_cache.script.write(1, 5, 0xaa);
  without_cache.script.add(EventKind::power_cut);
  without_cache.script.read(2, 5, 0);
  EXPECT_EQ(without_cache.first(), "durability");
}

TEST(Durability, does_not_count_a_write_that_ended_after_the_flush_was_begun) {
  Judged t;
  t.script.with_volatile_cache();
  t.script.begin_write(1, 5, {0xaa});
  t.script.begin(2, NvmOpcode::flush, 0, 0);
  t.script.end(1);
  t.script.end(2);
  t.script.add(EventKind::power_cut);
  t.script.read(3, 5, 0);
  EXPECT_EQ(t.count(), 0u);
}

TEST(Durability, does_not_bring_back_what_was_overwritten_durably) {
  Judged t;
  t.script.with_volatile_cache();
  t.script.write(1, 5, 0xaa);
  t.script.write(2, 5, 0xbb);
  t.script.flush(3);
  t.script.add(EventKind::power_cut);
  t.script.read(4, 5, 0xaa);
  EXPECT_EQ(t.first(), "durability");
}

TEST(Durability, is_over_for_a_block_once_it_was_written_again) {
  Judged t;
  t.script.with_volatile_cache();
  t.script.write(1, 5, 0xaa);
  t.script.add(EventKind::power_cut);
  t.script.write(2, 5, 0xbb);
  t.script.read(3, 5, 0xaa);
  EXPECT_EQ(t.first(), "data_integrity");
}

}  // namespace
}  // namespace phasebit::scenarios
