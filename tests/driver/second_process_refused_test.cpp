// What a second process is refused, and by whom.
#include <gtest/gtest.h>

#include "tests/driver/two_process_bench.hpp"

namespace phasebit::driver {
namespace {

/// What the primary answers to a message that no driver of ours sends.
GrantRefusal answer_to(TwoProcessBench& bench, const GrantRequest& request) {
  auto& peer = bench.processes.links.join();
  peer.send(ProcessMessage::of(request));
  std::optional<ProcessMessage> answer;
  bench.processes.run_until([&] { return (answer = peer.next_message()).has_value(); }, seconds(1));
  return answer ? answer->as<GrantAnswer>().value().refusal : GrantRefusal::none;
}

TEST(SecondProcess, is_refused_with_a_reason) {
  testing::ModelDriveOptions drive;
  drive.queue_grant = 2;
  TwoProcessBench bench(drive);
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  EXPECT_EQ(answer_to(bench, {.version = grant_version + 1, .block_bytes = sizeof(GrantBlock)}), GrantRefusal::other_version);
  EXPECT_EQ(answer_to(bench, {.block_bytes = sizeof(GrantBlock) - 8}), GrantRefusal::other_version);
  EXPECT_EQ(answer_to(bench, {.block_bytes = sizeof(GrantBlock)}), GrantRefusal::no_queue_left);
  bench.processes.peer->send(ProcessMessage::of(GrantRequest{.block_bytes = sizeof(GrantBlock)}));
  bench.processes.run_for(milliseconds(2));
  ASSERT_EQ(bench.processes.peer->inbox.size(), 1u);
  EXPECT_EQ(bench.processes.peer->inbox.front().as<GrantAnswer>()->refusal, GrantRefusal::has_one);
  bench.processes.kill_second();
  bench.processes.run_for(milliseconds(20));
  const std::size_t allocations = bench.drive.allocation_count();
  EXPECT_EQ(answer_to(bench, {.block_bytes = sizeof(GrantBlock), .data_bytes = ~0ull}), GrantRefusal::no_memory_left);
  bench.processes.links.has_shared_memory = false;
  EXPECT_EQ(answer_to(bench, {.block_bytes = sizeof(GrantBlock)}), GrantRefusal::no_memory_left);
  EXPECT_EQ(bench.drive.allocation_count(), allocations);
  bench.processes.start_second();
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.second->is_over(); }, seconds(1)));
  EXPECT_EQ(bench.processes.second->driver->failure_text(), text(Problem::no_memory_left));
  EXPECT_EQ(bench.complaint(), "");
}

TEST(SecondProcess, does_not_wait_for_a_primary_that_does_not_answer) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_ready(*bench.processes.first));
  bench.processes.first->runs = false;
  bench.processes.start_second();
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.second->is_over(); }, seconds(1)));
  EXPECT_EQ(bench.processes.second->driver->failure_text(), text(Problem::primary_silent));
  EXPECT_EQ(bench.processes.second->driver->failure(), Errc::timed_out);
  bench.processes.close_second();
  bench.processes.start_second();
  bench.processes.turn();
  bench.processes.kill_first();
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.second->is_over(); }, milliseconds(5)));
  EXPECT_EQ(bench.processes.second->driver->failure_text(), text(Problem::primary_lost));
}

TEST(SecondProcess, refuses_what_only_the_primary_can_do) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_ready(*bench.processes.first));
  AnyDriver& second = *bench.processes.start_second().driver;
  EXPECT_EQ(second.create_channel({}, bench.processes.now).error(), Errc::not_ready);
  ASSERT_TRUE(bench.processes.run_until_ready(*bench.processes.second));
  EXPECT_EQ(second.submit_admin({}, bench.processes.now).error(), Errc::unsupported);
  EXPECT_EQ(second.rescan(bench.processes.now).error(), Errc::unsupported);
  EXPECT_FALSE(second.wants_rescan());
  EXPECT_EQ(second.create_channel({.submission_queues = 2}, bench.processes.now).error(), Errc::unsupported);
  EXPECT_EQ(second.create_channel({.operations_max = 0}, bench.processes.now).error(), Errc::invalid_argument);
  const ChannelId channel = second.create_channel({}, bench.processes.now).value();
  EXPECT_EQ(second.create_channel({}, bench.processes.now).error(), Errc::queue_full);
  EXPECT_EQ(second.destroy_channel(ChannelId{7}, bench.processes.now).error(), Errc::not_found);
  ASSERT_TRUE(second.destroy_channel(channel, bench.processes.now));
  EXPECT_FALSE(second.has_channel(channel));
  EXPECT_EQ(bench.processes.second_backend->allocate_dma(std::uint64_t{65} << 10).error(), Errc::out_of_memory);
}

}  // namespace
}  // namespace phasebit::driver
