// The recovery machine, given what a driver could see: each row ended in each way, and the promises about memory.
#include "src/driver/recovery.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace phasebit::driver {
namespace {

constexpr spec::Csts ready_csts{1};
constexpr spec::Csts fatal_csts{3};
constexpr spec::Csts stopped_csts{0};

/// Feeds the machine and keeps what it said.
struct RecoveryBench {
  Recovery machine{RecoveryTimes{}};
  RecoverySeen seen{};
  std::vector<Transition> transitions{};
  std::vector<RecoveryAction> actions{};

  RecoveryBench() { seen.csts = ready_csts; }

  RecoveryStep step() {
    const RecoveryStep taken = machine.poll(seen);
    for (const auto& transition : {taken.left, taken.also_left, taken.entered}) {
      if (transition) {
        transitions.push_back(*transition);
      }
    }
    if (taken.action != RecoveryAction::none) {
      actions.push_back(taken.action);
      if (taken.action == RecoveryAction::start_bring_up) {
        seen.bring_up = BringUp::State::running;
        seen.stopped = false;
      }
    }
    return taken;
  }
  void settle() {
    for (RecoveryStep taken = step(); taken.left || taken.entered; taken = step()) {
    }
  }
  void after(Duration pause) { seen.now = seen.now + pause; }
  void silence(ConfigSpace config) {
    seen.csts.reset();
    seen.silent = true;
    seen.config = config;
  }
  void speak(spec::Csts csts = ready_csts) {
    seen.csts = csts;
    seen.silent = false;
    seen.config = ConfigSpace::not_read;
  }
  void become_ready() {
    machine.begin();
    settle();
    seen.bring_up = BringUp::State::ready;
    seen.stopped = true;
    settle();
    seen.bring_up = BringUp::State::idle;
  }
  bool has_left(RecoveryRow row, WaitResult result) const {
    for (const Transition& transition : transitions) {
      if (transition.row == static_cast<std::uint8_t>(row) && transition.result == result) {
        return true;
      }
    }
    return false;
  }
};

/// A machine that waits in `row`.
RecoveryBench bench_in(RecoveryRow row) {
  RecoveryBench bench;
  bench.become_ready();
  bench.after(seconds(60));
  switch (row) {
    case RecoveryRow::abort:
      bench.seen.late = LateCommands::waiting;
      break;
    case RecoveryRow::suspect:
      bench.silence(ConfigSpace::answers);
      break;
    case RecoveryRow::reset:
      bench.seen.reset_wanted = true;
      break;
    case RecoveryRow::stop_dma:
      bench.seen.reset_wanted = true;
      bench.settle();
      bench.seen.reset_wanted = false;
      bench.seen.bring_up = BringUp::State::timed_out;
      break;
  }
  bench.step();
  bench.seen.reset_wanted = false;
  EXPECT_TRUE(bench.machine.is_in(row));
  return bench;
}

constexpr std::array all_rows{RecoveryRow::abort, RecoveryRow::suspect, RecoveryRow::reset, RecoveryRow::stop_dma};

TEST(Recovery, is_a_table_whose_rows_are_where_their_numbers_say) {
  for (std::size_t i = 0; i < recovery_rows; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(recovery_table[i].row), i);
    EXPECT_NE(name(recovery_table[i].row), "unknown");
  }
}

TEST(Recovery, attaches_by_its_first_reset) {
  RecoveryBench bench;
  bench.become_ready();
  EXPECT_EQ(bench.machine.state(), Recovery::State::idle);
  EXPECT_EQ(bench.actions, std::vector{RecoveryAction::start_bring_up});
  EXPECT_TRUE(bench.has_left(RecoveryRow::reset, WaitResult::passed));
}

TEST(Recovery, resets_a_controller_that_takes_no_commands) {
  for (const std::uint32_t csts : {0x0u, 0x3u, 0x9u}) {  // reset by another, fatal, shut down by another
    RecoveryBench bench;
    bench.become_ready();
    bench.speak(spec::Csts{csts});
    bench.step();
    EXPECT_TRUE(bench.machine.is_in(RecoveryRow::reset)) << csts;
  }
}

TEST(Recovery, ends_every_row_when_the_bus_says_removed) {
  for (const RecoveryRow row : all_rows) {
    RecoveryBench bench = bench_in(row);
    bench.seen.removed = true;
    bench.step();
    EXPECT_EQ(bench.machine.state(), Recovery::State::gone) << name(row);
    EXPECT_TRUE(bench.has_left(row, WaitResult::gone)) << name(row);
    EXPECT_TRUE(bench.machine.memory_is_safe());
  }
}

TEST(Recovery, ends_every_row_when_two_looks_find_nobody) {
  for (const RecoveryRow row : all_rows) {
    RecoveryBench bench = bench_in(row);
    const std::size_t actions = bench.actions.size();
    bench.silence(ConfigSpace::silent);
    bench.settle();
    EXPECT_EQ(bench.machine.state(), Recovery::State::gone) << name(row);
    EXPECT_TRUE(bench.machine.memory_is_safe());
    EXPECT_EQ(bench.actions.size(), actions) << "something was written to a function that is suspected gone";
    EXPECT_TRUE(bench.has_left(row, row == RecoveryRow::suspect ? WaitResult::timed_out : WaitResult::gone)) << name(row);
  }
}

TEST(Recovery, goes_on_in_every_row_when_the_silence_was_a_hiccup) {
  for (const RecoveryRow row : {RecoveryRow::abort, RecoveryRow::reset}) {
    RecoveryBench bench = bench_in(row);
    bench.silence(ConfigSpace::not_read);
    bench.step();
    EXPECT_TRUE(bench.machine.suspects());
    bench.speak();
    bench.settle();
    EXPECT_TRUE(bench.machine.is_in(row)) << name(row);
    EXPECT_TRUE(bench.has_left(RecoveryRow::suspect, WaitResult::passed));
  }
  RecoveryBench idle;
  idle.become_ready();
  idle.silence(ConfigSpace::not_read);
  idle.step();
  idle.speak();
  idle.settle();
  EXPECT_EQ(idle.machine.state(), Recovery::State::idle);
}

TEST(Recovery, gives_a_drive_its_grace_around_a_change_of_enable) {
  RecoveryBench bench = bench_in(RecoveryRow::reset);
  bench.seen.in_transition = true;
  bench.seen.bring_up_deadline = bench.seen.now + seconds(10);
  bench.silence(ConfigSpace::silent);
  bench.settle();
  EXPECT_TRUE(bench.machine.suspects());
  bench.after(milliseconds(499));
  bench.settle();
  EXPECT_TRUE(bench.machine.suspects());
  bench.after(milliseconds(1));
  bench.settle();
  EXPECT_EQ(bench.machine.state(), Recovery::State::gone);
  EXPECT_TRUE(bench.has_left(RecoveryRow::suspect, WaitResult::timed_out));
  EXPECT_TRUE(bench.has_left(RecoveryRow::reset, WaitResult::gone));
}

TEST(Recovery, bounds_the_grace_by_the_deadline_of_the_row_that_changed_enable) {
  RecoveryBench bench = bench_in(RecoveryRow::reset);
  bench.seen.in_transition = true;
  bench.seen.bring_up_deadline = bench.seen.now + milliseconds(100);
  bench.silence(ConfigSpace::silent);
  bench.settle();
  bench.after(milliseconds(100));
  bench.settle();
  EXPECT_EQ(bench.machine.state(), Recovery::State::gone);
}

TEST(Recovery, waits_out_registers_that_are_silent_while_configuration_space_answers_and_then_cuts_them_off) {
  RecoveryBench bench;
  bench.become_ready();
  bench.silence(ConfigSpace::answers);
  bench.settle();
  bench.after(milliseconds(499));
  bench.settle();
  EXPECT_TRUE(bench.machine.suspects());
  bench.after(milliseconds(1));
  bench.settle();
  EXPECT_TRUE(bench.machine.is_in(RecoveryRow::stop_dma));
  EXPECT_EQ(bench.actions.back(), RecoveryAction::clear_bus_master);
  EXPECT_FALSE(bench.machine.memory_is_safe());
  bench.seen.bus_master_off = true;
  bench.settle();
  EXPECT_EQ(bench.machine.state(), Recovery::State::gone);
  EXPECT_TRUE(bench.machine.memory_is_safe());
}

TEST(Recovery, opens_the_registers_of_a_function_that_was_reset_behind_its_back_and_resets_it) {
  RecoveryBench bench;
  bench.become_ready();
  bench.silence(ConfigSpace::answers_undecoded);
  bench.step();
  bench.step();
  EXPECT_EQ(bench.actions.back(), RecoveryAction::restore_decoding);
  bench.speak(stopped_csts);
  bench.settle();
  EXPECT_TRUE(bench.machine.is_in(RecoveryRow::reset));
  EXPECT_TRUE(bench.has_left(RecoveryRow::suspect, WaitResult::passed));
}

TEST(Recovery, resets_a_controller_that_fails_or_forgets_from_idle_and_from_abort) {
  for (const bool aborting : {false, true}) {
    for (const spec::Csts csts : {fatal_csts, stopped_csts}) {
      RecoveryBench bench;
      bench.become_ready();
      if (aborting) {
        bench.seen.late = LateCommands::waiting;
        bench.settle();
      }
      bench.seen.csts = csts;
      bench.step();
      EXPECT_TRUE(bench.machine.is_in(RecoveryRow::reset));
      EXPECT_EQ(bench.has_left(RecoveryRow::abort, WaitResult::failed), aborting);
    }
  }
}

TEST(Recovery, aborts_first_and_resets_only_what_an_abort_does_not_free) {
  RecoveryBench freed = bench_in(RecoveryRow::abort);
  freed.seen.late = LateCommands::none;
  freed.settle();
  EXPECT_EQ(freed.machine.state(), Recovery::State::idle);
  EXPECT_TRUE(freed.has_left(RecoveryRow::abort, WaitResult::passed));
  for (const LateCommands late : {LateCommands::timed_out, LateCommands::failed}) {
    RecoveryBench stuck = bench_in(RecoveryRow::abort);
    stuck.seen.late = late;
    stuck.step();
    EXPECT_TRUE(stuck.machine.is_in(RecoveryRow::reset));
    EXPECT_TRUE(stuck.has_left(RecoveryRow::abort, late == LateCommands::failed ? WaitResult::failed : WaitResult::timed_out));
  }
}

TEST(Recovery, tries_again_so_often_and_then_stops_the_device_for_good) {
  for (const auto ended : {BringUp::State::failed, BringUp::State::timed_out}) {
    RecoveryBench bench;
    bench.machine.begin();
    bench.settle();
    for (std::uint32_t attempt = 0; attempt <= RecoveryTimes{}.resets_max; ++attempt) {
      ASSERT_TRUE(bench.machine.is_in(RecoveryRow::reset)) << attempt;
      bench.seen.bring_up = ended;
      bench.seen.stopped = true;
      bench.seen.bring_up_problem = Problem::command_failed;
      bench.step();
    }
    EXPECT_TRUE(bench.machine.is_in(RecoveryRow::stop_dma));
    EXPECT_FALSE(bench.machine.memory_is_safe());
    bench.seen.bus_master_off = true;
    bench.settle();
    EXPECT_EQ(bench.machine.state(), Recovery::State::failed);
    EXPECT_EQ(bench.machine.problem(), Problem::command_failed);
    EXPECT_TRUE(bench.machine.memory_is_safe());
  }
}

TEST(Recovery, cuts_a_controller_off_that_will_not_stop_before_it_tries_again) {
  RecoveryBench bench = bench_in(RecoveryRow::stop_dma);
  EXPECT_EQ(bench.actions.back(), RecoveryAction::clear_bus_master);
  EXPECT_FALSE(bench.machine.memory_is_safe());
  bench.seen.bus_master_off = true;
  bench.step();
  EXPECT_TRUE(bench.machine.is_in(RecoveryRow::reset));
  EXPECT_TRUE(bench.has_left(RecoveryRow::stop_dma, WaitResult::passed));
}

TEST(Recovery, never_calls_memory_safe_that_bus_mastering_may_still_reach) {
  RecoveryBench bench = bench_in(RecoveryRow::stop_dma);
  for (int second = 0; second < 100; ++second) {
    bench.after(seconds(1));
    bench.settle();
    ASSERT_TRUE(bench.machine.is_in(RecoveryRow::stop_dma));
    ASSERT_FALSE(bench.machine.memory_is_safe());
  }
  EXPECT_TRUE(bench.has_left(RecoveryRow::stop_dma, WaitResult::timed_out));
  EXPECT_EQ(bench.machine.problem(), Problem::bus_master_stuck);
}

TEST(Recovery, gives_up_on_a_controller_that_fails_as_soon_as_it_is_ready) {
  RecoveryBench bench;
  bench.become_ready();
  std::uint32_t resets = 0;
  while (!bench.machine.is_in(RecoveryRow::stop_dma) && resets < 100) {
    bench.seen.csts = fatal_csts;
    bench.step();
    ++resets;
    bench.seen.csts = ready_csts;
    bench.seen.bring_up = BringUp::State::ready;
    bench.step();
  }
  EXPECT_LT(resets, 6u);
}

TEST(Recovery, does_not_count_against_a_controller_what_lies_long_ago) {
  RecoveryBench bench;
  bench.become_ready();
  for (int resets = 0; resets < 100; ++resets) {
    bench.after(seconds(11));
    bench.seen.csts = fatal_csts;
    bench.step();
    ASSERT_TRUE(bench.machine.is_in(RecoveryRow::reset));
    bench.seen.csts = ready_csts;
    bench.seen.bring_up = BringUp::State::ready;
    bench.step();
  }
  EXPECT_EQ(bench.machine.resets(), 101u);
}

TEST(Recovery, judges_only_presence_during_a_shutdown) {
  RecoveryBench bench;
  bench.become_ready();
  bench.seen.resets_allowed = false;
  bench.seen.reset_wanted = true;
  bench.seen.csts = fatal_csts;
  bench.settle();
  EXPECT_EQ(bench.machine.state(), Recovery::State::idle);
  bench.silence(ConfigSpace::silent);
  bench.settle();
  EXPECT_EQ(bench.machine.state(), Recovery::State::gone);
}

}  // namespace
}  // namespace phasebit::driver
