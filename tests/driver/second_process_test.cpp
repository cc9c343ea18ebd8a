// A second process on a model drive: its own queue pair, granted and taken back by the primary, whoever of them dies.
#include <gtest/gtest.h>

#include "tests/driver/two_process_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::ModelDriveOptions;
using testing::Process;
using testing::Script;
using testing::TwoProcesses;

TEST(SecondProcess, writes_and_reads_through_a_queue_of_its_own) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& first = *bench.processes.first;
  Process& second = *bench.processes.second;
  EXPECT_EQ(bench.queues(), 3u);
  EXPECT_EQ(second.driver->controller().serial, first.driver->controller().serial);
  EXPECT_EQ(second.driver->controller().io_queues, 1u);
  ASSERT_EQ(second.driver->namespaces().size(), 1u);
  EXPECT_EQ(second.driver->namespaces()[0].blocks, 1024u);
  second.write(1, 20, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return second.has_all_back(); }));
  first.read(1, 20, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return first.has_all_back(); }));
  EXPECT_EQ(second.count(Outcome::ok), 20u);
  EXPECT_EQ(first.count(Outcome::ok), 20u);
  EXPECT_EQ(first.buffer.data[512ul * 7], std::byte{7});
  EXPECT_EQ(first.driver->statistics().commands_pushed, 20u);
  EXPECT_EQ(second.driver->statistics().commands_pushed, 20u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(SecondProcess, has_a_queue_without_interrupts_whatever_the_primary_has) {
  ModelDriveOptions drive;
  drive.interrupt_vectors = 8;
  TwoProcessBench bench(drive);
  Options options = TwoProcesses::quick();
  options.interrupts = true;
  bench.processes.start_first(options);
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  std::vector<bool> interrupts;
  for (const spec::Sqe& sqe : bench.drive.admin_commands) {
    if (static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::create_io_cq) {
      interrupts.push_back(spec::CreateIoCompletionQueue::from(sqe).interrupts);
    }
  }
  EXPECT_EQ(interrupts.size(), 2u);
  EXPECT_FALSE(interrupts.back());
  EXPECT_EQ(bench.processes.second->driver->controller().interrupt_vectors, 0u);
}

TEST(SecondProcess, goes_on_after_the_primary_has_reset_the_controller) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& second = *bench.processes.second;
  bench.swallow_io();
  second.write(1, 5, bench.processes.now);
  bench.processes.run_for(milliseconds(2));
  bench.drive.script = nullptr;
  bench.processes.first->driver->reset(bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return second.has_all_back(); }, seconds(1)));
  EXPECT_EQ(second.count(Outcome::reset), 5u);
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.queues() == 3; }, seconds(1)));
  second.write(10, 5, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return second.has_all_back(); }, seconds(1)));
  EXPECT_EQ(second.count(Outcome::ok), 5u);
  EXPECT_EQ(second.driver->state(), State::ready);
  EXPECT_EQ(second.driver->statistics().resets, 1u);
  EXPECT_EQ(bench.drive.resets, 1u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(SecondProcess, is_not_waited_for_by_a_reset_when_it_does_not_answer) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  bench.processes.second->runs = false;  // stopped, not dead
  bench.processes.first->driver->reset(bench.processes.now);
  bench.processes.run_for(milliseconds(50));
  ASSERT_TRUE(bench.processes.run_until_ready(*bench.processes.first));
  bench.processes.first->write(1, 3, bench.processes.now);
  EXPECT_TRUE(bench.processes.run_until([&] { return bench.processes.first->has_all_back(); }, seconds(1)));
  EXPECT_EQ(bench.processes.first->count(Outcome::ok), 3u);
  EXPECT_EQ(bench.queues(), 2u) << "the rings of one that has not taken what they held are not given to the controller again";
  bench.processes.second->runs = true;
  EXPECT_TRUE(bench.processes.run_until([&] { return bench.queues() == 3; }, seconds(1)));
  EXPECT_EQ(bench.complaint(), "");
}

TEST(SecondProcess, has_its_late_commands_aborted_by_the_primary) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& second = *bench.processes.second;
  bench.swallow_io();
  second.write(1, 1, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return second.has_all_back(); }, seconds(2)));
  EXPECT_EQ(second.count(Outcome::timed_out), 1u);
  const auto aborts = std::count_if(bench.drive.admin_commands.begin(), bench.drive.admin_commands.end(), [](const spec::Sqe& sqe) {
    return static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::abort && (sqe.cdw10 & 0xffff) == 2;
  });
  EXPECT_EQ(aborts, 1);
}

TEST(SecondProcess, ends_its_commands_when_the_primary_has_died_and_only_when_the_device_reaches_no_memory) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& second = *bench.processes.second;
  bench.swallow_io();
  second.write(1, 9, bench.processes.now);
  bench.processes.run_for(milliseconds(2));
  EXPECT_TRUE(bench.bus_master());
  bench.drive.bus_master_stuck = true;
  bench.processes.kill_first();
  bench.processes.run_for(seconds(1));
  EXPECT_EQ(second.results.size(), 0u) << "the device may still write";
  EXPECT_FALSE(second.is_over());
  bench.drive.bus_master_stuck = false;
  ASSERT_TRUE(bench.processes.run_until([&] { return second.has_all_back() && second.is_over(); }, milliseconds(10)));
  EXPECT_FALSE(bench.bus_master());
  EXPECT_EQ(second.count(Outcome::reset), 9u);
  EXPECT_EQ(second.driver->state(), State::failed);
  EXPECT_EQ(second.driver->failure_text(), text(Problem::primary_lost));
  const Operation flush{.opcode = spec::NvmOpcode::flush};
  EXPECT_EQ(second.driver->submit(second.channel, {&flush, 1}, bench.processes.now).refusal, Errc::device_failed);
}

TEST(SecondProcess, attaches_anew_to_the_next_primary) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  bench.swallow_io();
  bench.processes.second->write(1, 3, bench.processes.now);
  bench.processes.run_for(milliseconds(1));
  bench.processes.kill_first();
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.second->is_over() && bench.processes.second->has_all_back(); }));
  bench.processes.close_second();
  bench.drive.script = nullptr;
  bench.processes.start_first();
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  bench.processes.second->write(1, 3, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.second->has_all_back(); }));
  EXPECT_EQ(bench.processes.second->count(Outcome::ok), 3u);
}

TEST(SecondProcess, takes_a_primary_that_gives_no_sign_of_life_for_dead_and_that_recovers_when_it_wakes) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& first = *bench.processes.first;
  Process& second = *bench.processes.second;
  bench.swallow_io();
  second.write(1, 4, bench.processes.now);
  bench.processes.run_for(milliseconds(1));
  first.runs = false;  // stopped, not dead
  const Instant stopped = bench.processes.now;
  ASSERT_TRUE(bench.processes.run_until([&] { return second.is_over() && second.has_all_back(); }, seconds(1)));
  EXPECT_GE(bench.processes.now - stopped + milliseconds(2), TwoProcesses::quick().primary_timeout);
  EXPECT_EQ(second.count(Outcome::reset), 4u);
  bench.processes.close_second();
  bench.drive.script = nullptr;
  first.runs = true;
  first.write(1, 2, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return first.has_all_back(); }, seconds(5)));
  ASSERT_TRUE(bench.processes.run_until_ready(first));
  first.write(10, 2, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return first.has_all_back(); }, seconds(5)));
  EXPECT_GE(first.count(Outcome::ok), 2u);
}

TEST(SecondProcess, that_dies_with_commands_out_loses_its_queue_and_nobody_else_notices) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& first = *bench.processes.first;
  first.write(1, 1, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return first.has_all_back(); }));
  const std::size_t allocations = bench.drive.allocation_count();
  for (int round = 0; round < 3; ++round) {
    bench.drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid == 2}; };
    bench.processes.second->write(1, 7, bench.processes.now);
    bench.processes.run_for(milliseconds(2));
    bench.processes.kill_second();
    first.write(10, 5, bench.processes.now);
    ASSERT_TRUE(bench.processes.run_until([&] { return first.has_all_back() && bench.queues() == 2; }, milliseconds(50)));
    bench.processes.run_for(milliseconds(5));
    EXPECT_EQ(bench.drive.allocation_count(), allocations - 1) << "what was lent";
    EXPECT_TRUE(bench.processes.links.shared.empty());
    bench.drive.script = nullptr;
    bench.processes.start_second();
    ASSERT_TRUE(bench.processes.run_until_ready(*bench.processes.second));
    bench.processes.open(*bench.processes.second);
    EXPECT_EQ(bench.queues(), 3u);
  }
  EXPECT_EQ(first.count(Outcome::ok), 16u);
  EXPECT_EQ(bench.drive.resets, 0u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(SecondProcess, that_dies_before_it_has_its_queue_leaves_none_behind) {
  for (int turns = 1; turns < 12; ++turns) {
    TwoProcessBench bench;
    ASSERT_TRUE(bench.processes.run_until_ready(*bench.processes.first));
    const std::size_t allocations = bench.drive.allocation_count();
    bench.processes.start_second();
    for (int turn = 0; turn < turns; ++turn) {
      bench.processes.turn();
    }
    bench.processes.kill_second();
    bench.processes.run_for(milliseconds(20));
    EXPECT_EQ(bench.queues(), 1u) << turns;
    EXPECT_EQ(bench.drive.queues.completions.size(), 1u) << turns;
    EXPECT_EQ(bench.drive.allocation_count(), allocations) << turns;
    EXPECT_TRUE(bench.processes.links.shared.empty()) << turns;
    EXPECT_EQ(bench.complaint(), "") << turns;
  }
}

TEST(SecondProcess, leaves_in_good_order_once_its_commands_are_back) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& second = *bench.processes.second;
  second.write(1, 5, bench.processes.now);
  second.driver->shutdown(Shutdown::orderly, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return second.is_over(); }, seconds(1)));
  EXPECT_EQ(second.driver->state(), State::detached);
  EXPECT_TRUE(second.has_all_back());
  EXPECT_EQ(second.count(Outcome::ok), 5u);
  EXPECT_EQ(bench.queues(), 2u);
  EXPECT_FALSE(bench.processes.links.shared.empty()) << "it may still look at its memory";
  bench.processes.close_second();
  bench.processes.run_for(milliseconds(5));
  EXPECT_TRUE(bench.processes.links.shared.empty());
  EXPECT_EQ(bench.processes.first->driver->state(), State::ready);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(SecondProcess, ends_with_the_primary_which_waits_until_it_has_let_go) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& first = *bench.processes.first;
  Process& second = *bench.processes.second;
  second.write(1, 5, bench.processes.now);
  first.driver->shutdown(Shutdown::orderly, bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return second.is_over() && second.has_all_back(); }, seconds(1)));
  EXPECT_EQ(second.count(Outcome::ok) + second.count(Outcome::aborted), 5u);
  EXPECT_EQ(second.driver->failure_text(), text(Problem::primary_left));
  EXPECT_FALSE(first.is_over());
  bench.processes.close_second();
  ASSERT_TRUE(bench.processes.run_until([&] { return first.is_over(); }, milliseconds(50)));
  EXPECT_EQ(first.driver->state(), State::detached);
  EXPECT_TRUE(bench.processes.first_backend.left.empty());
  EXPECT_TRUE(bench.processes.links.shared.empty());
  EXPECT_EQ(bench.complaint(), "");
}

TEST(SecondProcess, that_never_lets_go_keeps_its_memory_and_nobody_waits_for_it_longer_than_said) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& first = *bench.processes.first;
  bench.processes.second->runs = false;
  const Instant asked = bench.processes.now;
  first.driver->shutdown(Shutdown::orderly, asked);
  ASSERT_TRUE(bench.processes.run_until([&] { return first.is_over(); }, seconds(2)));
  EXPECT_GE(bench.processes.now - asked, TwoProcesses::quick().primary_timeout);
  EXPECT_EQ(bench.processes.first_backend.left.size(), 1u);
  EXPECT_EQ(bench.processes.links.shared.size(), 1u) << "and what it will look at when it wakes";
  bench.processes.second->runs = true;
  ASSERT_TRUE(bench.processes.run_until([&] { return bench.processes.second->is_over(); }, seconds(1)));
  EXPECT_EQ(bench.processes.second->driver->failure_text(), text(Problem::primary_left));
}

TEST(SecondProcess, hears_that_the_function_is_gone) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& second = *bench.processes.second;
  bench.swallow_io();
  second.write(1, 3, bench.processes.now);
  bench.processes.run_for(milliseconds(1));
  bench.drive.gone = true;
  ASSERT_TRUE(bench.processes.run_until([&] { return second.is_over() && second.has_all_back(); }, seconds(2)));
  EXPECT_EQ(second.driver->state(), State::gone);
  EXPECT_EQ(second.count(Outcome::gone), 3u);
}

TEST(SecondProcess, follows_the_namespaces_that_the_primary_sees) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& second = *bench.processes.second;
  while (second.driver->next_event()) {
  }
  bench.drive.namespaces[1].blocks = 8;
  bench.drive.namespaces[4] = {};
  ASSERT_TRUE(bench.processes.first->driver->rescan(bench.processes.now));
  ASSERT_TRUE(bench.processes.run_until([&] { return second.driver->namespaces().size() == 2; }, seconds(1)));
  EXPECT_EQ(second.driver->namespaces()[0].blocks, 8u);
  std::vector<std::uint32_t> told;
  while (const auto event = second.driver->next_event()) {
    told.push_back(event->nsid.value);
  }
  EXPECT_EQ(told, (std::vector<std::uint32_t>{1, 4}));
  const DmaRegion block = bench.processes.second_backend->allocate_dma(512).value();
  const Operation beyond{.opcode = spec::NvmOpcode::read, .lba = Lba{8}, .blocks = 1, .buffers = {&block, 1}};
  EXPECT_EQ(second.driver->submit(second.channel, {&beyond, 1}, bench.processes.now).refusal, Errc::out_of_range);
}

TEST(SecondProcess, that_does_nothing_with_its_channel_hears_what_the_primary_says_all_the_same) {
  for (const bool closes : {false, true}) {
    TwoProcessBench bench;
    ASSERT_TRUE(bench.processes.run_until_both_are_ready());
    Process& second = *bench.processes.second;
    if (closes) {
      ASSERT_TRUE(second.driver->destroy_channel(second.channel, bench.processes.now));
    }
    second.has_channel = false;  // nobody reaps
    for (const std::uint64_t blocks : {50u, 60u, 70u}) {
      bench.drive.namespaces[1].blocks = blocks;
      ASSERT_TRUE(bench.processes.first->driver->rescan(bench.processes.now));
      ASSERT_TRUE(bench.processes.run_until([&] { return second.driver->namespaces()[0].blocks == blocks; }, seconds(1))) << blocks;
    }
    second.driver->shutdown(Shutdown::orderly, bench.processes.now);
    EXPECT_TRUE(bench.processes.run_until([&] { return second.is_over(); }, seconds(1)));
    bench.processes.close_second();
  }
}

TEST(SecondProcess, sends_nothing_to_a_namespace_that_is_not_the_one_it_was_meant_for) {
  TwoProcessBench bench;
  ASSERT_TRUE(bench.processes.run_until_both_are_ready());
  Process& second = *bench.processes.second;
  bench.processes.first->driver->reset(bench.processes.now);
  ASSERT_TRUE(bench.processes.run_until([&] { return second.driver->state() == State::recovering; }, seconds(1)));
  second.write(100, 3, bench.processes.now);  // waits until the queue is there again
  ASSERT_EQ(second.submitted, 3u);
  bench.drive.namespaces[1].blocks = 50;
  ASSERT_TRUE(bench.processes.run_until([&] { return second.has_all_back(); }, seconds(1)));
  EXPECT_EQ(second.count(Outcome::rejected), 3u);
}

}  // namespace
}  // namespace phasebit::driver
