#include "scenarios/engine/workers.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <new>
#include <set>

#include "scenarios/engine/interrupt.hpp"
#include "src/base/assert.hpp"

namespace phasebit::scenarios {
namespace {

struct Outcome {
  std::map<std::size_t, std::string> results;
  std::map<std::size_t, Crash> crashes;
  int signal = 0;
};

Outcome run(
    std::size_t items, unsigned jobs, std::function<std::string(std::size_t)> work, std::uint64_t item_seconds_max = 300,
    std::uint64_t grace_seconds = 0, std::function<void()> on_tick = [] {}) {
  Outcome outcome;
  WorkPlan plan;
  plan.grace_seconds = grace_seconds;
  plan.items = items;
  plan.jobs = jobs;
  plan.item_seconds_max = item_seconds_max;
  plan.work = std::move(work);
  plan.on_result = [&](std::size_t item, std::string result) { EXPECT_TRUE(outcome.results.emplace(item, std::move(result)).second); };
  plan.on_crash = [&](std::size_t item, const Crash& crash) { EXPECT_TRUE(outcome.crashes.emplace(item, crash).second); };
  plan.on_tick = std::move(on_tick);
  outcome.signal = run_workers(plan);
  return outcome;
}

TEST(Workers, bring_back_every_result_once) {
  for (const unsigned jobs : {1u, 3u, 8u}) {
    const Outcome outcome = run(40, jobs, [](std::size_t item) { return std::to_string(item * item); });
    ASSERT_EQ(outcome.results.size(), 40u);
    EXPECT_EQ(outcome.results.at(39), "1521");
    EXPECT_TRUE(outcome.crashes.empty());
    EXPECT_EQ(outcome.signal, 0);
  }
}

TEST(Workers, carry_results_larger_than_a_pipe_and_empty_ones) {
  const Outcome outcome = run(4, 2, [](std::size_t item) { return std::string(item * 500'000, static_cast<char>('a' + item)); });
  ASSERT_EQ(outcome.results.size(), 4u);
  EXPECT_EQ(outcome.results.at(0), "");
  EXPECT_EQ(outcome.results.at(3), std::string(1'500'000, 'd'));
}

TEST(Workers, have_nothing_to_do_for_an_empty_list) {
  EXPECT_TRUE(run(0, 4, [](std::size_t) { return std::string(); }).results.empty());
}

TEST(Workers, work_in_other_processes) {
  const Outcome outcome = run(6, 3, [](std::size_t) { return std::to_string(::getpid()); });
  for (const auto& [item, process] : outcome.results) {
    EXPECT_NE(process, std::to_string(::getpid())) << item;
  }
}

TEST(Workers, go_on_after_an_assertion_and_say_seed_time_and_promise) {
  const Outcome outcome = run(10, 2, [](std::size_t item) {
    tell_world(100 + item, 7'000 + item);
    PHASEBIT_ASSERT(item != 3);
    return std::string("ok");
  });
  EXPECT_EQ(outcome.results.size(), 9u);
  ASSERT_EQ(outcome.crashes.size(), 1u);
  const Crash& crash = outcome.crashes.at(3);
  EXPECT_EQ(crash.seed, 103u);
  EXPECT_EQ(crash.time_ns, 7'003u);
  EXPECT_NE(crash.text.find("assertion failed: item != 3"), std::string::npos) << crash.text;
  EXPECT_NE(crash.text.find("(tests/scenarios/engine/workers_test.cpp:"), std::string::npos) << "where it was built is nobody's concern";
}

TEST(Workers, end_at_an_exception_without_unwinding_what_is_their_parents) {
  struct Belonging {
    ~Belonging() { ::unlink(path.c_str()); }
    std::string path = testing::TempDir() + "phasebit.XXXXXX";
  } belonging;
  ::close(::mkstemp(belonging.path.data()));
  const Outcome outcome = run(1, 1, [](std::size_t) -> std::string { throw std::bad_alloc(); });
  ASSERT_EQ(outcome.crashes.size(), 1u);
  EXPECT_EQ(outcome.crashes.at(0).text, "unexpected error: std::bad_alloc");
  EXPECT_EQ(::access(belonging.path.c_str(), F_OK), 0);
}

TEST(Workers, do_not_take_the_seed_of_one_item_for_the_next_ones) {
  const Outcome outcome = run(2, 1, [](std::size_t item) {
    PHASEBIT_ASSERT(item != 1);
    tell_world(100, 7'000);
    return std::string("ok");
  });
  ASSERT_EQ(outcome.crashes.size(), 1u);
  EXPECT_EQ(outcome.crashes.at(1).seed, std::nullopt);
  EXPECT_EQ(outcome.crashes.at(1).time_ns, 0u);
}

TEST(Workers, go_on_after_crashes_of_any_kind_even_if_every_item_crashes) {
  const Outcome outcome = run(6, 2, [](std::size_t item) -> std::string {
    if (item % 2 == 0) {
      ::raise(SIGKILL);
    }
    ::_exit(9);
  });
  ASSERT_EQ(outcome.crashes.size(), 6u);
  EXPECT_EQ(outcome.crashes.at(0).text, "ended by signal 9 (Killed)");
  EXPECT_EQ(outcome.crashes.at(5).text, "ended with exit status 9");
}

std::string never_return(std::size_t) {
  while (true) {  // NOLINT(bugprone-infinite-loop): that is the point
    ::pause();
  }
}

TEST(Workers, end_a_child_that_never_returns) {
  const Outcome outcome = run(1, 1, never_return, 0);
  EXPECT_TRUE(outcome.results.empty());
  ASSERT_EQ(outcome.crashes.size(), 1u);
  EXPECT_EQ(outcome.crashes.at(0).text, "did not end within 0 s of real time");
}

/// A file that a child leaves behind if it ends its work in order.
class Diary {
 public:
  Diary() { ::close(::mkstemp(path_.data())); }
  Diary(const Diary&) = delete;
  Diary& operator=(const Diary&) = delete;
  ~Diary() { ::unlink(path_.c_str()); }

  std::string work_until_told() const {
    while (interrupt_seen() == 0) {
      ::usleep(1000);
    }
    ::unlink(path_.c_str());
    return "half of it";
  }
  bool is_closed() const { return ::access(path_.c_str(), F_OK) != 0; }

 private:
  std::string path_ = testing::TempDir() + "phasebit.XXXXXX";
};

TEST(Workers, tell_a_child_that_takes_too_long_and_has_a_grace_to_end_in_order) {
  const Diary diary;
  const Outcome outcome = run(
      1, 1, [&](std::size_t) { return diary.work_until_told(); }, 0, 60);
  EXPECT_TRUE(diary.is_closed());
  EXPECT_TRUE(outcome.results.empty());
  ASSERT_EQ(outcome.crashes.size(), 1u);
  EXPECT_EQ(outcome.crashes.at(0).text, "did not end within 0 s of real time");
}

TEST(Workers, kill_a_child_that_does_not_end_within_its_grace) {
  const Outcome outcome = run(1, 1, never_return, 0, 1);
  ASSERT_EQ(outcome.crashes.size(), 1u);
}

/// Runs in a process of its own, where signals are remembered for ever.
[[noreturn]] void interrupt_workers(std::uint64_t grace_seconds, const std::function<bool(const Diary&)>& is_right) {
  remember_interrupts();
  const Diary diary;
  const Outcome outcome = run(
      1, 1, [&](std::size_t) { return diary.work_until_told(); }, 300, grace_seconds, [] { ::raise(SIGINT); });
  std::_Exit(outcome.signal == SIGINT && outcome.results.empty() && outcome.crashes.empty() && is_right(diary) ? 0 : 1);
}

TEST(Workers, end_in_order_if_they_have_a_grace_and_their_parent_is_interrupted) {
  EXPECT_EXIT(interrupt_workers(60, [](const Diary& diary) { return diary.is_closed(); }), testing::ExitedWithCode(0), "");
}

TEST(Workers, are_killed_if_they_have_none_and_their_parent_is_interrupted) {
  EXPECT_EXIT(interrupt_workers(0, [](const Diary& diary) { return !diary.is_closed(); }), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace phasebit::scenarios
