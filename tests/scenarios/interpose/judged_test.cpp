// The monitor, fed from the seam alone: nothing against a clean host, and the rule's name for a wrong one.
#include <gtest/gtest.h>

#include "tests/scenarios/interpose/bench.hpp"

namespace phasebit::scenarios {
namespace {

using Rules = std::vector<std::string>;

TEST(Judged, a_clean_host_breaks_no_rule) {
  Bench bench;
  run_clean_host(bench.host, 40);
  EXPECT_EQ(bench.objections(), Rules{});
  EXPECT_GT(bench.log.of(EventKind::cqe_posted).size(), 45u);
}

class WrongHost : public ::testing::Test {
 protected:
  void SetUp() override {
    host.enable();
    identify(host);
    host.ask_for_queues(4);
    host.io = host.make_io_queue(1, 8);
    buffer = host.memory(4096);
    ASSERT_EQ(bench.objections(), Rules{});
  }
  Bench bench;
  tests::PlainHost<Interposed<ScriptedDrive>>& host = bench.host;
  DmaRegion buffer;
};

TEST_F(WrongHost, rings_a_tail_twice) {
  host.submit(host.io, read_block(1, buffer));
  host.ring(host.io);
  EXPECT_EQ(bench.objections(), Rules{"QUE-18"});
}

TEST_F(WrongHost, rings_a_head_twice) {
  host.io_command(read_block(1, buffer));
  host.ring_head(1, host.io.head.slot);
  EXPECT_EQ(bench.objections(), Rules{"QUE-18"});
}

TEST_F(WrongHost, rings_a_tail_beyond_the_queue) {
  host.ring_tail(1, 8);
  EXPECT_EQ(bench.objections(), Rules{"QUE-16"});
}

TEST_F(WrongHost, rings_a_head_beyond_the_queue) {
  host.ring_head(1, 8);
  EXPECT_EQ(bench.objections(), Rules{"QUE-17"});
}

TEST_F(WrongHost, consumes_what_was_never_posted) {
  host.io_command(read_block(1, buffer));
  host.ring_head(1, 4);
  EXPECT_EQ(bench.objections(), Rules{"QUE-20"});
}

TEST_F(WrongHost, writes_aqa_while_enabled) {
  bench.seam.write32(spec::offset::aqa, spec::admin_queue_attributes(4, 4).raw);
  EXPECT_EQ(bench.objections(), Rules{"INI-03"});
}

TEST_F(WrongHost, reuses_submission_slots_that_no_completion_gave_back) {
  for (int i = 0; i < 7; ++i) {
    host.place(host.io, read_block(1, buffer));
  }
  host.ring(host.io);
  bench.drive.work();
  host.place(host.io, read_block(1, buffer));
  host.ring(host.io);
  EXPECT_EQ(bench.objections(), Rules{"QUE-21"});
}

TEST_F(WrongHost, rings_a_queue_that_was_never_made) {
  host.ring_tail(3, 1);
  EXPECT_EQ(bench.objections(), Rules{"QUE-15"});
}

TEST_F(WrongHost, uses_a_queue_that_a_reset_took_away) {
  host.disable();
  host.enable();
  host.ring_tail(1, 1);
  EXPECT_EQ(bench.objections(), Rules{"INI-27"});
}

TEST_F(WrongHost, names_a_command_that_is_out) {
  spec::Sqe sqe = read_block(1, buffer);
  sqe.cid = 9;
  host.place(host.io, sqe);
  host.place(host.io, sqe);
  host.ring(host.io);
  EXPECT_EQ(bench.objections(), Rules{"CMD-01"});
}

TEST_F(WrongHost, reads_beyond_the_namespace_that_it_was_told_of) {
  host.io_command(read_block(1000, buffer));
  EXPECT_EQ(bench.objections(), Rules{"CMD-11"});
}

TEST_F(WrongHost, transfers_more_than_mdts) {
  spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 17);  // MDTS 1: 8192 bytes
  const DmaRegion large = host.memory(12'288);
  const DmaRegion list = host.memory(4096);
  sqe.prp1 = large.iova.value;
  sqe.prp2 = list.iova.value;
  const Le64 entries[2] = {large.iova.value + 4096, large.iova.value + 8192};
  std::memcpy(list.data, entries, sizeof entries);
  host.io_command(sqe);
  EXPECT_EQ(bench.objections(), Rules{"CMD-12"});
}

TEST_F(WrongHost, makes_a_completion_queue_over_dirty_memory) {
  tests::PlainQueue queue = host.new_queue(2, 8);
  std::memset(queue.completion.data, 0xff, queue.completion.bytes);
  host.admin_command(host.create_completion(queue).sqe());
  EXPECT_EQ(bench.objections(), Rules{"INI-20"});
}

TEST_F(WrongHost, has_more_event_requests_out_than_aerl_allows) {
  for (int i = 0; i < 3; ++i) {
    host.place(host.admin, spec::async_event_request());
  }
  host.ring(host.admin);
  EXPECT_EQ(bench.objections(), Rules{"CMD-16"});
}

TEST_F(WrongHost, enables_a_controller_that_it_has_seen_ready) {
  host.write_cc(host.configuration().with(spec::Cc::en, false));
  std::memset(host.admin.completion.data, 0, host.admin.completion.bytes);
  host.write_cc(host.configuration());
  EXPECT_EQ(bench.objections(), Rules{"INI-01"});
}

TEST_F(WrongHost, submits_after_it_has_seen_a_fatal_status) {
  bench.drive.csts.set(spec::Csts::cfs, true);
  host.csts();
  host.submit(host.io, read_block(1, buffer));
  EXPECT_EQ(bench.objections(), Rules{"RST-01"});
}

TEST_F(WrongHost, unmaps_what_the_inner_backend_still_needs) {
  std::vector<std::byte> memory(4096);
  ASSERT_TRUE(bench.seam.map(memory, DmaRights::device_writes));
  bench.drive.refuses_unmapping = true;
  EXPECT_FALSE(bench.seam.unmap(memory));
  EXPECT_EQ(bench.objections(), Rules{"DMA-08"});
}

TEST_F(WrongHost, reports_a_command_complete_that_was_not) {
  bench.seam.record(sim::make_event(EventKind::command_pushed, 0, 1, 5, 77, 2));
  bench.seam.record(sim::make_event(EventKind::command_finished, 0, 1, 5, 77, 0));
  EXPECT_EQ(bench.objections(), Rules{"QUE-24"});
}

TEST(Judged, a_host_that_rings_before_it_has_looked_whether_the_controller_is_ready) {
  Bench bench;
  bench.host.set_admin_queue();
  bench.host.write_cc(bench.host.configuration());
  bench.drive.work();
  bench.host.submit(bench.host.admin, spec::keep_alive());
  EXPECT_EQ(bench.objections(), Rules{"INI-18"});
}

TEST(Judged, a_host_that_writes_to_a_function_that_it_has_seen_absent) {
  sim::Fault fault;
  fault.what = sim::Verb::surprise_removal;
  fault.when.register_offset = spec::offset::vs;
  Bench bench({fault});
  bench.seam.read32(spec::offset::vs);
  bench.seam.write32(spec::offset::cc, 0);
  EXPECT_EQ(bench.objections(), Rules{"RST-11"});
}

}  // namespace
}  // namespace phasebit::scenarios
