// What a driver does when commands are late and controllers fail, with operations outstanding.
#include <gtest/gtest.h>

#include "tests/support/recovery_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::ModelDriveOptions;
using testing::RecoveryBench;
using testing::Script;

TEST(DriverRecovery, aborts_a_late_command_and_resets_when_that_does_not_help) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 2);
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.count(Outcome::timed_out), 2u);
  EXPECT_EQ(bench.transitions(RecoveryRow::abort, WaitResult::entered),
            bench.transitions(RecoveryRow::abort, WaitResult::passed) + bench.transitions(RecoveryRow::abort, WaitResult::timed_out));
  EXPECT_EQ(bench.transitions(RecoveryRow::reset, WaitResult::entered), 2u);
  bench.expect_works();
}

TEST(DriverRecovery, needs_no_reset_when_the_abort_frees_the_command) {
  RecoveryBench bench;
  std::optional<spec::Sqe> held;
  bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
    if (qid != 0) {
      held = sqe;
      return Script{.drop = true};
    }
    if (held && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::abort) {
      EXPECT_EQ(spec::Abort::from(sqe).cid.value, held->cid);
      bench.drive.queues.post(1, cid_of(*held), spec::make_status(spec::GenericStatus::abort_requested), 0,
                              [&](Iova iova, std::uint64_t bytes) { return bench.drive.host(iova, bytes); });
      return Script{.dword0 = 0};
    }
    return Script{};
  };
  bench.write_blocks(bench.channel, 1, 1);
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.count(Outcome::timed_out), 1u);
  bench.run_for(milliseconds(2));
  EXPECT_EQ(bench.drive.resets, 0u);
  EXPECT_EQ(bench.transitions(RecoveryRow::abort, WaitResult::passed), 1u);
  bench.expect_works();
}

TEST(DriverRecovery, never_has_more_aborts_out_than_acl_allows) {
  for (const std::uint8_t acl : {std::uint8_t{0}, std::uint8_t{2}}) {
    ModelDriveOptions drive;
    drive.acl = acl;
    RecoveryBench bench(drive);
    std::uint32_t aborts = 0;
    bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
      const bool abort = qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::abort;
      aborts += abort;
      return Script{.drop = qid != 0 || abort};
    };
    bench.write_blocks(bench.channel, 1, 10);
    ASSERT_TRUE(bench.run_until([&] { return bench.drive.resets > 0; }));
    EXPECT_EQ(aborts, acl + 1u);
    bench.drive.script = nullptr;
    ASSERT_TRUE(bench.run_until_all_back());
    EXPECT_EQ(bench.count(Outcome::timed_out), 10u);
    EXPECT_GE(bench.transitions(RecoveryRow::abort, WaitResult::timed_out), 1u);
    bench.expect_works();
  }
}

TEST(DriverRecovery, sends_no_abort_for_a_command_that_came_back_while_others_had_the_limit) {
  ModelDriveOptions drive;
  drive.acl = 0;
  RecoveryBench bench(drive);
  std::vector<spec::Sqe> held;
  std::vector<spec::Sqe> aborts;
  bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
    const bool abort = qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::abort;
    (abort ? aborts : held).push_back(sqe);
    return Script{.drop = qid != 0 || abort};
  };
  bench.write_blocks(bench.channel, 1, 2);
  ASSERT_TRUE(bench.run_until([&] { return aborts.size() == 1; }));
  const auto memory = [&](Iova iova, std::uint64_t bytes) { return bench.drive.host(iova, bytes); };
  const Cid first = spec::Abort::from(aborts[0]).cid;
  for (const spec::Sqe& sqe : held) {
    if (spec::cid_of(sqe) != first) {
      bench.drive.queues.post(1, spec::cid_of(sqe), {}, 0, memory);  // the second comes back late, but by itself
    }
  }
  ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == 1; }));
  bench.drive.queues.post(0, spec::cid_of(aborts[0]), {}, 1, memory);  // "was not aborted"
  bench.run_for(milliseconds(5));
  EXPECT_EQ(aborts.size(), 1u) << "the second Abort names a command that is no more";
}

TEST(DriverRecovery, resets_at_once_when_abort_is_refused) {
  RecoveryBench bench;
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe& sqe) {
    Script script{.drop = qid != 0};
    if (qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::abort) {
      script.status = spec::make_status(spec::GenericStatus::invalid_opcode);
    }
    return script;
  };
  bench.write_blocks(bench.channel, 1, 1);
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.transitions(RecoveryRow::abort, WaitResult::failed), 1u);
  bench.expect_works();
}

TEST(DriverRecovery, recovers_from_a_fatal_status) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 5);
  bench.run_for(milliseconds(3));
  bench.drive.registers().become_fatal();
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.count(Outcome::reset), 5u);
  const auto events = bench.take_events();
  const auto started =
      std::find_if(events.begin(), events.end(), [](const DriverEvent& e) { return e.kind == DriverEvent::Kind::reset_started; });
  ASSERT_NE(started, events.end());
  EXPECT_EQ(started->dword0, static_cast<std::uint32_t>(ResetReason::fatal));
  bench.expect_works();
}

TEST(DriverRecovery, brings_up_anew_a_controller_that_was_reset_behind_its_back) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 2);
  bench.run_for(milliseconds(3));
  bench.drive.forget_everything();  // configuration space too: memory and bus mastering are off
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.transitions(RecoveryRow::suspect, WaitResult::passed), 1u);
  bench.expect_works();
}

TEST(DriverRecovery, resets_a_controller_whose_admin_queue_has_come_to_a_standstill) {
  RecoveryBench bench;
  bench.drive.queues.head_stands_still = true;  // as the completions tell
  ASSERT_TRUE(bench.run_until(
      [&] {
        (void)bench.driver->rescan(bench.now);
        return bench.drive.resets == 1;
      },
      seconds(10)));
  bench.drive.queues.head_stands_still = false;
  bench.expect_works();
}

TEST(DriverRecovery, ends_everything_at_once_when_the_function_is_pulled) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 4);
  bench.run_for(milliseconds(2));
  bench.drive.gone = true;
  const Instant pulled = bench.now;
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.driver->state(), State::gone);
  EXPECT_LE((bench.now - pulled).ns, milliseconds(5).ns);
  EXPECT_EQ(bench.count(Outcome::gone), 4u);
  const auto events = bench.take_events();
  EXPECT_EQ(events.back().kind, DriverEvent::Kind::removed);
  const std::uint64_t writes = bench.drive.writes;
  bench.run_for(seconds(1));
  EXPECT_EQ(bench.drive.writes, writes);
  EXPECT_EQ(bench.driver->submit(bench.channel, {}, bench.now).refusal, Errc::device_gone);
}

// All ones for a moment, as after a reset of the link, looks like a removal; the controller goes on where it was.
TEST(DriverRecovery, stops_a_function_that_came_back_after_it_was_taken_for_gone) {
  RecoveryBench bench;
  bench.drive.gone = true;
  bench.run_for(milliseconds(5));
  ASSERT_EQ(bench.driver->state(), State::gone);
  bench.drive.gone = false;
  ASSERT_TRUE(bench.drive.command().get(spec::pci::Command::bus_master));
  driver::destroy_any_driver(bench.driver);
  bench.driver = nullptr;
  EXPECT_FALSE(bench.drive.command().get(spec::pci::Command::bus_master)) << "it may write to memory that was given back";
}

TEST(DriverRecovery, gives_nothing_back_before_the_controller_has_stopped) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 3);
  bench.drive.registers().options().disable_takes = milliseconds(60);
  bench.driver->reset(bench.now);
  bench.run_for(milliseconds(50));
  EXPECT_TRUE(bench.results.empty());
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.count(Outcome::reset), 3u);
  bench.expect_works();
}

TEST(DriverRecovery, clears_bus_mastering_under_a_controller_that_will_not_stop) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 3);
  bench.drive.registers().options().never_stops = true;
  bench.driver->reset(bench.now);
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_FALSE(bench.drive.command().get(spec::pci::Command::bus_master));
  EXPECT_GE(bench.transitions(RecoveryRow::stop_dma, WaitResult::passed), 1u);
  bench.drive.registers().options().never_stops = false;  // it is turned on again only after RDY fell
  bench.expect_works();
  EXPECT_TRUE(bench.drive.command().get(spec::pci::Command::bus_master));
}

TEST(DriverRecovery, fails_a_controller_that_never_stops_and_says_why) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 3);
  bench.drive.registers().options().never_stops = true;
  bench.driver->reset(bench.now);
  ASSERT_TRUE(bench.run_until_over());
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.driver->state(), State::failed);
  EXPECT_EQ(bench.driver->failure(), Errc::timed_out);
  EXPECT_NE(bench.driver->failure_text().find("RDY did not become 0"), std::string_view::npos);
  EXPECT_TRUE(bench.all_came_back_once());
  EXPECT_EQ(bench.driver->submit(bench.channel, {}, bench.now).refusal, Errc::device_failed);
}

TEST(DriverRecovery, keeps_memory_that_nothing_can_stop_the_device_from_writing) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 3);
  bench.drive.registers().options().never_stops = true;
  bench.drive.bus_master_stuck = true;
  bench.driver->reset(bench.now);
  bench.run_for(seconds(20));
  EXPECT_TRUE(bench.results.empty());
  EXPECT_EQ(bench.driver->state(), State::recovering);
  EXPECT_GE(bench.transitions(RecoveryRow::stop_dma, WaitResult::timed_out), 10u);
  bench.drive.bus_master_stuck = false;
  bench.drive.registers().options().never_stops = false;
  bench.expect_works();
}

TEST(DriverRecovery, takes_all_ones_in_its_stride_while_enable_changes) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 3);
  bench.driver->reset(bench.now);
  ASSERT_TRUE(bench.run_until([&] { return bench.transitions(BringUpRow::disable, WaitResult::entered) == 1; }));
  bench.drive.gone = true;
  bench.run_for(milliseconds(30));
  EXPECT_EQ(bench.driver->state(), State::recovering);
  bench.drive.gone = false;
  bench.expect_works();
  EXPECT_EQ(bench.transitions(RecoveryRow::suspect, WaitResult::passed), 1u);
}

TEST(DriverRecovery, gives_the_users_admin_commands_back_exactly_once) {
  RecoveryBench bench;
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe& sqe) {
    return Script{.drop = qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::get_features};
  };
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    const RawCommand command{.tag = tag, .sqe = spec::GetFeatures{.fid = spec::Fid::arbitration}.sqe()};
    ASSERT_TRUE(bench.driver->submit_admin(command, bench.now));
  }
  bench.driver->reset(bench.now);
  ASSERT_TRUE(bench.run_until([&] { return bench.transitions(RecoveryRow::reset, WaitResult::passed) == 2; }));
  std::array<OperationResult, 8> results;
  ASSERT_EQ(bench.driver->reap_admin(results), 3u);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(results[i].outcome, Outcome::reset);
    EXPECT_EQ(results[i].tag, i + 1u);
  }
  EXPECT_EQ(bench.driver->reap_admin(results), 0u);
  bench.expect_works();
}

TEST(DriverRecovery, resets_when_the_users_admin_command_is_late_and_its_abort_does_not_help) {
  RecoveryBench bench;
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe& sqe) {
    return Script{.drop = qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::get_features};
  };
  ASSERT_TRUE(bench.driver->submit_admin({.tag = 9, .sqe = spec::GetFeatures{.fid = spec::Fid::arbitration}.sqe()}, bench.now));
  std::array<OperationResult, 8> results;
  ASSERT_TRUE(bench.run_until([&] { return bench.driver->reap_admin(results) == 1; }));
  EXPECT_EQ(results[0].outcome, Outcome::timed_out);
  EXPECT_EQ(bench.drive.resets, 1u);
  bench.expect_works();
}

TEST(DriverRecovery, allocates_nothing_from_ready_to_ready) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 3);
  bench.drive.allocations_left = 0;
  const std::uint64_t before = bench.memory.allocations;
  bench.driver->reset(bench.now);
  ASSERT_TRUE(bench.run_until_all_back());
  bench.expect_works();
  EXPECT_EQ(bench.memory.allocations, before);
}

TEST(DriverRecovery, allocates_nothing_while_late_commands_are_aborted_and_the_controller_is_reset) {
  RecoveryBench bench;
  bench.lose_io();
  bench.drive.allocations_left = 1;  // the buffer of the writes
  const std::uint64_t before = bench.memory.allocations;
  bench.write_blocks(bench.channel, 1, 8);
  ASSERT_TRUE(bench.run_until_all_back());
  bench.expect_works();
  EXPECT_GT(bench.drive.resets, 0u);
  EXPECT_EQ(bench.memory.allocations, before);
}

TEST(DriverRecovery, allocates_nothing_when_the_function_is_removed) {
  RecoveryBench bench;
  bench.lose_io();
  bench.write_blocks(bench.channel, 1, 4);
  bench.drive.allocations_left = 0;
  const std::uint64_t before = bench.memory.allocations;
  bench.drive.gone = true;
  bench.driver->removed(bench.now);
  ASSERT_TRUE(bench.run_until_over());
  ASSERT_TRUE(bench.run_until_all_back());
  EXPECT_EQ(bench.count(Outcome::gone), 4u);
  EXPECT_EQ(bench.memory.allocations, before);
}

// A slot may be given another drive without a word from the bus.
TEST(DriverRecovery, sends_nothing_to_another_controller_that_has_taken_the_place) {
  for (const bool other_model : {false, true}) {
    RecoveryBench bench;
    bench.lose_io();
    bench.write_blocks(bench.channel, 1, 4);
    bench.run_for(milliseconds(2));
    if (other_model) {
      bench.drive.id.mn = spec::padded<40>("Another Model");
    } else {
      bench.drive.id.sn = spec::padded<20>("SERIAL-2");
    }
    bench.drive.forget_everything();
    bool was_written = false;
    bench.drive.script = [&](std::uint16_t qid, const spec::Sqe&) {
      was_written |= qid != 0;
      return Script{};
    };
    ASSERT_TRUE(bench.run_until_over());
    ASSERT_TRUE(bench.run_until_all_back());
    EXPECT_EQ(bench.driver->state(), State::failed);
    EXPECT_EQ(bench.driver->failure(), Errc::device_gone);
    EXPECT_EQ(bench.driver->failure_text(), text(Problem::another_controller));
    EXPECT_EQ(bench.count(Outcome::ok), 0u);
    EXPECT_FALSE(was_written);
    EXPECT_EQ(bench.driver->controller().serial, spec::padded<20>("SERIAL-1"));
  }
}

}  // namespace
}  // namespace phasebit::driver
