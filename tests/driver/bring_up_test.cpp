// The bring-up machine against a model of CC and CSTS, from every state that a controller may be found in.
#include "src/driver/bring_up.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "src/driver/settings.hpp"
#include "tests/support/register_model.hpp"

namespace phasebit::driver {
namespace {

using testing::RegisterModel;
using testing::RegisterModelOptions;

/// Turns the machine's actions into register writes and answers its commands after a millisecond, as a driver would.
struct BringUpBench {
  RegisterModel registers;
  BringUp machine;
  BringUpTimes times{};
  spec::Cc enabled_cc{0x0046'0000};
  Instant now{};
  std::uint32_t skips = 0;
  std::function<Answer(BringUpRow)> answers = [](BringUpRow) { return Answer::passed; };
  std::vector<BringUpRow> rows{};
  std::vector<Transition> transitions{};
  std::optional<Instant> answer_at{};
  std::uint32_t status_reads_in_quiet = 0;

  explicit BringUpBench(const RegisterModelOptions& options = {}) : registers(options) {}

  BringUpSeen look() {
    BringUpSeen seen;
    seen.now = now;
    if (machine.wants_status(now)) {
      seen.csts = registers.csts(now);
    }
    seen.cc = registers.cc();
    seen.skips = skips;
    if (answer_at && now >= *answer_at) {
      seen.answer = answers(machine.row());
      if (seen.answer != Answer::none) {
        answer_at.reset();
      }
    }
    return seen;
  }

  BringUpStep step() {
    const BringUpStep taken = machine.poll(look());
    if (taken.left) {
      transitions.push_back(*taken.left);
    }
    if (taken.entered) {
      transitions.push_back(*taken.entered);
      rows.push_back(machine.row());
    }
    switch (taken.action) {
      case BringUpAction::none:
        break;
      case BringUpAction::clear_enable:
        registers.write_cc(registers.cc().with(spec::Cc::en, false), now);
        break;
      case BringUpAction::set_up_enable:
        registers.write_admin_register();
        registers.write_cc(enabled_cc, now);
        registers.write_cc(enabled_cc.with(spec::Cc::en, true), now);
        break;
      case BringUpAction::send_command:
        EXPECT_TRUE(registers.csts(now).get(spec::Csts::rdy));
        answer_at = now + milliseconds(1);
        break;
    }
    return taken;
  }

  /// Until it ends, or `stop_at` waits with its action taken.
  void run(std::optional<BringUpRow> stop_at = std::nullopt) {
    machine.start(now, times);
    for (int polls = 0; polls < 200'000 && machine.state() == BringUp::State::running; ++polls) {
      const BringUpStep taken = step();
      if (stop_at && machine.row() == *stop_at && taken.entered) {
        return;
      }
      if (taken.action == BringUpAction::none && !taken.left && !taken.entered) {
        ASSERT_NE(taken.next_wake, never);
        now = std::max(now + nanoseconds(1), taken.next_wake);
      }
    }
    ASSERT_NE(machine.state(), BringUp::State::running) << "it never ends";
  }
  void go_on_from_here() {
    for (int polls = 0; polls < 200'000 && machine.state() == BringUp::State::running; ++polls) {
      const BringUpStep taken = step();
      now = taken.next_wake == never ? now : std::max(now, taken.next_wake);
    }
    ASSERT_NE(machine.state(), BringUp::State::running) << "it never ends";
  }
};

constexpr std::uint32_t all_command_rows = 12;

TEST(BringUp, has_a_row_for_every_wait_in_the_order_of_the_specification) {
  for (std::size_t i = 0; i < bring_up_rows; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(bring_up_table[i].row), i);
    EXPECT_NE(name(bring_up_table[i].row), "unknown");
    EXPECT_FALSE(bring_up_table[i].section.empty());
  }
}

TEST(BringUp, goes_from_every_found_state_to_ready_without_a_forbidden_write) {
  for (const bool enabled : {false, true}) {
    for (const bool ready : {false, true}) {
      for (const bool fatal : {false, true}) {
        for (const auto shst : {spec::Shst::normal_operation, spec::Shst::occurring, spec::Shst::complete}) {
          RegisterModelOptions found;
          found.found_enabled = enabled;
          found.found_ready = ready;
          found.found_fatal = fatal;
          found.found_shutdown = shst;
          BringUpBench bench(found);
          bench.run();
          const std::string state =
              std::to_string(enabled) + std::to_string(ready) + std::to_string(fatal) + std::to_string(static_cast<int>(shst));
          EXPECT_EQ(bench.machine.state(), BringUp::State::ready) << state;
          EXPECT_TRUE(bench.registers.complaints().empty()) << state << ": " << bench.registers.complaints().front();
          EXPECT_EQ(bench.registers.cc().raw, 0x0046'0001u);
          EXPECT_EQ(bench.rows.back(), BringUpRow::create_submission_queues);
        }
      }
    }
  }
}

TEST(BringUp, waits_for_ready_before_it_clears_an_enable_that_was_just_set) {
  BringUpBench bench({.found_enabled = true});
  bench.run();
  ASSERT_GE(bench.rows.size(), 3u);
  EXPECT_EQ(bench.rows[0], BringUpRow::await_ready);
  EXPECT_EQ(bench.rows[1], BringUpRow::disable);
  EXPECT_EQ(bench.rows[2], BringUpRow::enable);
}

TEST(BringUp, waits_out_a_ready_that_has_yet_to_fall) {
  BringUpBench bench({.found_ready = true, .disable_takes = milliseconds(300)});
  bench.run();
  EXPECT_EQ(bench.machine.state(), BringUp::State::ready);
  EXPECT_EQ(bench.rows[0], BringUpRow::disable);
  EXPECT_TRUE(bench.registers.complaints().empty());
}

TEST(BringUp, waits_for_the_end_of_a_fatal_status_where_ready_cannot_tell_that_the_reset_is_over) {
  BringUp machine;
  machine.start(Instant{}, {});
  BringUpSeen seen{.now = Instant{}, .csts = spec::Csts{2}, .cc = spec::Cc{1}};
  EXPECT_EQ(machine.poll(seen).action, BringUpAction::clear_enable);
  seen.cc = spec::Cc{0};
  seen.now = Instant{} + milliseconds(2);
  machine.poll(seen);
  EXPECT_EQ(machine.row(), BringUpRow::disable);
  EXPECT_FALSE(machine.has_stopped());
  seen.csts = spec::Csts{0};
  machine.poll(seen);
  EXPECT_EQ(machine.row(), BringUpRow::enable);
}

TEST(BringUp, skips_rows_that_the_controller_has_no_use_for) {
  BringUpBench bench;
  bench.skips = skip_bit(BringUpRow::host_behavior) | skip_bit(BringUpRow::namespace_descriptors);
  bench.run();
  EXPECT_EQ(bench.rows.size(), 1 + all_command_rows - 2);
  for (const BringUpRow row : bench.rows) {
    EXPECT_NE(row, BringUpRow::host_behavior);
    EXPECT_NE(row, BringUpRow::namespace_descriptors);
  }
}

TEST(BringUp, enters_a_row_again_for_each_page_namespace_or_queue) {
  BringUpBench bench;
  int left = 3;
  bench.answers = [&](BringUpRow row) { return row == BringUpRow::identify_namespace && left-- > 0 ? Answer::again : Answer::passed; };
  bench.run();
  EXPECT_EQ(std::count(bench.rows.begin(), bench.rows.end(), BringUpRow::identify_namespace), 4);
  EXPECT_EQ(bench.machine.state(), BringUp::State::ready);
}

TEST(BringUp, takes_what_came_in_time_although_it_looks_late) {
  BringUpBench bench({.enable_takes = milliseconds(900)});
  bench.run(BringUpRow::enable);
  bench.now = bench.machine.deadline() + seconds(5);  // the process slept; RDY rose long before
  bench.go_on_from_here();
  EXPECT_EQ(bench.machine.state(), BringUp::State::ready);
}

TEST(BringUp, waits_as_long_as_the_controller_may_take_and_not_a_poll_less) {
  for (const std::uint64_t ms : {999ull, 1000ull, 1100ull}) {
    BringUpBench bench({.enable_takes = milliseconds(ms)});
    bench.times.ready_timeout = seconds(1);
    bench.run();
    EXPECT_EQ(bench.machine.state(), ms <= 1000 ? BringUp::State::ready : BringUp::State::timed_out) << ms;
    EXPECT_EQ(bench.machine.problem(), ms <= 1000 ? Problem::none : Problem::never_ready);
  }
}

TEST(BringUp, settles_before_it_enables_a_drive_that_needs_it) {
  BringUpBench bench({.found_enabled = true, .found_ready = true});
  bench.times.settle_before_enable = milliseconds(2);
  bench.run(BringUpRow::enable);
  const Instant stopped = bench.now;
  EXPECT_FALSE(bench.registers.cc().get(spec::Cc::en));
  while (!bench.registers.cc().get(spec::Cc::en)) {
    bench.now = bench.step().next_wake;
    ASSERT_LE(bench.now, stopped + seconds(1));
  }
  EXPECT_GE((bench.now - stopped).ns, milliseconds(2).ns);
}

TEST(BringUp, does_not_look_at_csts_while_a_quirk_forbids_it) {
  BringUpBench bench({.found_enabled = true, .found_ready = true});
  bench.times.quiet_after_enable_change = milliseconds(2300);
  bench.run(BringUpRow::disable);
  const Instant cleared = bench.now;
  EXPECT_FALSE(bench.machine.wants_status(cleared + milliseconds(2299)));
  EXPECT_TRUE(bench.machine.wants_status(cleared + milliseconds(2300)));
  EXPECT_GE(bench.machine.deadline(), cleared + milliseconds(2300) + bench.times.ready_timeout);
  bench.go_on_from_here();
  EXPECT_EQ(bench.machine.state(), BringUp::State::ready);
}

TEST(BringUp, goes_on_when_a_shutdown_that_it_found_never_ends) {
  BringUpBench bench({.found_enabled = true, .found_ready = true, .found_shutdown = spec::Shst::occurring, .shutdown_never_ends = true});
  bench.run();
  EXPECT_EQ(bench.machine.state(), BringUp::State::ready);
  EXPECT_TRUE(bench.registers.complaints().empty());
  EXPECT_EQ(bench.transitions[1].result, WaitResult::timed_out);
}

enum class BringUpEnding { timed_out, fatal, gone, gone_and_back, command_failed, command_failed_once };

/// What each row means by each ending, from the table of the specification's text and not from the machine's.
BringUp::State expected_state(BringUpRow row, BringUpEnding ending) {
  const bool optional = row == BringUpRow::command_set_profile || row == BringUpRow::identify_command_set ||
                        row == BringUpRow::host_behavior || row == BringUpRow::active_namespaces || row == BringUpRow::identify_namespace ||
                        row == BringUpRow::namespace_descriptors || row == BringUpRow::configure_events;
  const bool command = row >= BringUpRow::identify_controller;
  switch (ending) {
    case BringUpEnding::timed_out:
      return row == BringUpRow::await_shutdown ? BringUp::State::ready : BringUp::State::timed_out;
    case BringUpEnding::fatal:
      return row >= BringUpRow::enable ? BringUp::State::failed : BringUp::State::ready;
    case BringUpEnding::gone:
      return BringUp::State::idle;
    case BringUpEnding::gone_and_back:
      return BringUp::State::ready;
    case BringUpEnding::command_failed:
      return !command || optional ? BringUp::State::ready : BringUp::State::failed;
    case BringUpEnding::command_failed_once:
      return BringUp::State::ready;
  }
  return BringUp::State::idle;
}

RegisterModelOptions found_so_that_it_waits_in(BringUpRow row) {
  switch (row) {
    case BringUpRow::await_shutdown:
      return {.found_enabled = true, .found_ready = true, .found_shutdown = spec::Shst::occurring};
    case BringUpRow::await_ready:
      return {.found_enabled = true};
    case BringUpRow::disable:
      return {.found_enabled = true, .found_ready = true};
    default:
      return {};
  }
}

void end_row(BringUpBench& bench, BringUpRow row, BringUpEnding ending) {
  switch (ending) {
    case BringUpEnding::timed_out:
      bench.registers.options().never_ready = row == BringUpRow::enable || row == BringUpRow::await_ready;
      bench.registers.options().never_stops = row == BringUpRow::disable;
      bench.registers.options().shutdown_never_ends = true;
      bench.answers = [row](BringUpRow asked) { return asked == row ? Answer::none : Answer::passed; };
      break;
    case BringUpEnding::fatal:
      bench.registers.become_fatal();
      break;
    case BringUpEnding::gone: {
      const auto left = bench.machine.stop(WaitResult::gone);
      ASSERT_TRUE(left);
      EXPECT_EQ(left->row, static_cast<std::uint8_t>(row));
      EXPECT_EQ(left->result, WaitResult::gone);
      break;
    }
    case BringUpEnding::gone_and_back:  // the driver does not poll the machine meanwhile; time has passed
      bench.now = bench.now + milliseconds(100);
      break;
    case BringUpEnding::command_failed:
      bench.answers = [row](BringUpRow asked) { return asked == row ? Answer::refused : Answer::passed; };
      break;
    case BringUpEnding::command_failed_once:
      bench.answers = [row, failures = 0](BringUpRow asked) mutable {
        return asked == row && failures++ == 0 ? Answer::retry : Answer::passed;
      };
      break;
  }
}

TEST(BringUp, ends_every_row_every_way_in_bounded_time) {
  for (const BringUpWait& wait : bring_up_table) {
    for (const BringUpEnding ending : {BringUpEnding::timed_out, BringUpEnding::fatal, BringUpEnding::gone, BringUpEnding::gone_and_back,
                                       BringUpEnding::command_failed, BringUpEnding::command_failed_once}) {
      BringUpBench bench(found_so_that_it_waits_in(wait.row));
      bench.run(wait.row);
      ASSERT_EQ(bench.machine.row(), wait.row);
      end_row(bench, wait.row, ending);
      bench.go_on_from_here();
      const std::string label = std::string(name(wait.row)) + " " + std::to_string(static_cast<int>(ending));
      EXPECT_EQ(bench.machine.state(), expected_state(wait.row, ending)) << label;
      EXPECT_TRUE(bench.registers.complaints().empty()) << label << ": " << bench.registers.complaints().front();
      EXPECT_LT(bench.now, Instant{} + seconds(30)) << label;
      const bool bad = bench.machine.state() == BringUp::State::failed || bench.machine.state() == BringUp::State::timed_out;
      EXPECT_EQ(bench.machine.problem() != Problem::none, bad) << label;
    }
  }
}

TEST(BringUp, sends_nothing_to_a_controller_that_lost_its_state_while_a_command_waited_for_its_next_try) {
  for (const std::uint32_t lost : {0x0u, 0x3u}) {  // RDY fell; CFS rose
    BringUpBench bench;
    bench.answers = [](BringUpRow row) { return row == BringUpRow::number_of_queues ? Answer::retry : Answer::passed; };
    bench.run(BringUpRow::number_of_queues);
    for (std::uint16_t visit = bench.machine.visit(); bench.machine.visit() == visit;) {
      bench.now = bench.now + milliseconds(1);
      ASSERT_EQ(bench.step().action, BringUpAction::none) << "the second try waits out its pause";
    }
    BringUpSeen seen = bench.look();
    seen.csts = spec::Csts{lost};
    const BringUpStep step = bench.machine.poll(seen);
    EXPECT_EQ(step.action, BringUpAction::none);
    EXPECT_EQ(bench.machine.state(), BringUp::State::failed);
    EXPECT_EQ(bench.machine.problem(), Problem::fatal_status);
  }
}

TEST(BringUp, retries_a_command_only_so_often) {
  BringUpBench bench;
  int asked = 0;
  bench.answers = [&](BringUpRow row) {
    asked += row == BringUpRow::identify_controller;
    return row == BringUpRow::identify_controller ? Answer::retry : Answer::passed;
  };
  bench.run();
  EXPECT_EQ(bench.machine.state(), BringUp::State::failed);
  EXPECT_EQ(asked, 1 + bench.times.retries_max);
}

TEST(BringUp, counts_visits_over_restarts_and_pairs_every_entry_with_an_exit) {
  BringUpBench bench;
  bench.run();
  bench.run();
  EXPECT_EQ(bench.machine.state(), BringUp::State::ready);
  std::array<int, bring_up_rows> open{};
  std::array<int, bring_up_rows> visits{};
  for (const Transition& transition : bench.transitions) {
    if (transition.result == WaitResult::entered) {
      EXPECT_EQ(transition.visit, ++visits[transition.row]);
      EXPECT_EQ(open[transition.row]++, 0);
    } else {
      EXPECT_EQ(--open[transition.row], 0);
    }
  }
  EXPECT_EQ(visits[static_cast<std::size_t>(BringUpRow::enable)], 2);
  EXPECT_EQ(visits[static_cast<std::size_t>(BringUpRow::disable)], 1);
}

TEST(BringUp, knows_when_the_controller_can_reach_no_memory) {
  BringUpBench bench({.found_enabled = true, .found_ready = true});
  bench.run(BringUpRow::disable);
  EXPECT_FALSE(bench.machine.has_stopped());
  EXPECT_TRUE(bench.machine.in_transition());
  bench.go_on_from_here();
  EXPECT_TRUE(bench.machine.has_stopped());
  EXPECT_FALSE(bench.machine.in_transition());
}

}  // namespace
}  // namespace phasebit::driver
