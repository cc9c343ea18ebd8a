// A second process on a model drive: its own queue pair, granted and taken back by the primary, whoever of them dies.
#include <gtest/gtest.h>

#include "tests/support/model_drive.hpp"
#include "tests/support/two_processes.hpp"

namespace phasebit::driver {
namespace {

using testing::ModelDrive;
using testing::ModelDriveOptions;
using testing::Process;
using testing::Script;
using testing::TwoProcesses;

struct ModelBench {
  explicit ModelBench(const ModelDriveOptions& options = {}) : drive(options) {}

  std::function<Instant(Instant)> pass() {
    return [this, now = Instant{}](Instant wake) mutable {
      now = std::min(std::max(wake, now + nanoseconds(100)), now + milliseconds(1));
      drive.now = now;
      drive.step();
      return now;
    };
  }
  /// Of the queues that exist, the admin queue's included.
  std::size_t queues() const { return drive.queues.submissions.size(); }
  /// I/O commands are fetched and never answered.
  void swallow_io() {
    drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0}; };
  }
  bool bus_master() const { return drive.command().get(spec::pci::Command::bus_master); }
  std::string complaint() const {
    const auto all = drive.all_complaints();
    return all.empty() ? std::string{} : all.front();
  }

  ModelDrive drive;
  TwoProcesses processes{drive, pass()};
};

/// What the primary answers to a message that no driver of ours sends.
GrantRefusal answer_to(ModelBench& bench, const GrantRequest& request) {
  auto& peer = bench.processes.links.join();
  peer.send(ProcessMessage::of(request));
  std::optional<ProcessMessage> answer;
  bench.processes.run_until([&] { return (answer = peer.next_message()).has_value(); }, seconds(1));
  return answer ? answer->as<GrantAnswer>().value().refusal : GrantRefusal::none;
}

TEST(SecondProcess, writes_and_reads_through_a_queue_of_its_own) {
  ModelBench bench;
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
  EXPECT_EQ(first.buffer.data[512 * 7], std::byte{7});
  EXPECT_EQ(first.driver->statistics().commands_pushed, 20u);
  EXPECT_EQ(second.driver->statistics().commands_pushed, 20u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(SecondProcess, has_a_queue_without_interrupts_whatever_the_primary_has) {
  ModelDriveOptions drive;
  drive.interrupt_vectors = 8;
  ModelBench bench(drive);
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
  ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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
    ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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
  ModelBench bench;
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

TEST(SecondProcess, sends_nothing_to_a_namespace_that_is_not_the_one_it_was_meant_for) {
  ModelBench bench;
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

TEST(SecondProcess, is_refused_with_a_reason) {
  ModelDriveOptions drive;
  drive.queue_grant = 2;
  ModelBench bench(drive);
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
  ModelBench bench;
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
  ModelBench bench;
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
