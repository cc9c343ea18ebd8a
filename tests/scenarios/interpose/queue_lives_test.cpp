// What becomes of a queue that was interfered with when the controller is reset, or the queue deleted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/scenarios/interpose/reading_host.hpp"

namespace phasebit::scenarios {
namespace {

using sim::Verb;
using Host = ReadingHost;
using Blocks = ReadingHost::Blocks;

TEST(InterposedReset, what_was_withheld_stays_away_while_the_host_looks_at_what_is_left) {
  Host host({of_io(Verb::drop, 1), delayed(of_io(Verb::delay, 2), milliseconds(1))});
  host.submit(4);
  EXPECT_EQ(host.reap(false).size(), 2u);
  host.host.disable();
  host.clock.time = host.clock.time + milliseconds(5);
  EXPECT_EQ(host.reap(false), Blocks{}) << "a reset ends what was held back";
}

TEST(InterposedReset, memory_that_the_host_has_cleared_shows_nothing_of_an_earlier_life) {
  Host host({of_io(Verb::drop, 2)});
  host.submit(5);
  EXPECT_EQ(host.reap(), (Blocks{0, 2, 3, 4}));
  host.host.disable();
  std::memset(host.host.io.completion.data, 0, host.host.io.completion.bytes);
  host.host.io.head = {};
  EXPECT_EQ(host.reap(false), Blocks{});
  const DmaRegion submission = host.host.io.submission;
  const DmaRegion completion = host.host.io.completion;
  host.host.enable();
  host.host.ask_for_queues(4);
  EXPECT_EQ(host.reap(false), Blocks{});
  tests::PlainQueue again;
  again.qid = 1;
  again.entries = 8;
  again.submission = submission;
  again.completion = completion;
  host.host.admin_command(host.host.create_completion(again).sqe());
  host.host.admin_command(host.host.create_submission(again).sqe());
  host.host.io = again;
  host.submit(3);
  EXPECT_EQ(host.reap(), (Blocks{5, 6, 7}));
  EXPECT_TRUE(host.objections().empty());
}

TEST(InterposedReset, entries_that_came_before_it_are_seen_after_it) {
  Host host({});
  host.submit(2);
  host.host.disable();
  EXPECT_EQ(host.reap(false), (Blocks{0, 1}));
  std::memset(host.host.io.completion.data, 0, host.host.io.completion.bytes);
  EXPECT_EQ(host.reap(false), Blocks{});
}

TEST(InterposedReset, entries_that_came_before_it_are_seen_and_told_even_when_the_controller_is_enabled_again) {
  Host host({});
  host.submit(2);
  host.host.disable();
  host.host.enable();
  const auto told = [&] {
    return std::ranges::count_if(host.log.events,
                                 [](const Event& event) { return event.kind == EventKind::cqe_posted && event.queue == 1; });
  };
  const auto before = told();
  EXPECT_EQ(host.reap(false), (Blocks{0, 1}));
  EXPECT_EQ(told(), before + 2);
  EXPECT_TRUE(host.objections().empty());
}

TEST(InterposedMemory, that_was_given_back_is_no_queue_any_more) {
  Host host({of_io(Verb::drop, 1)});
  host.submit(2);
  EXPECT_EQ(host.reap(), (Blocks{1}));
  host.host.admin_command(spec::delete_io_submission_queue(Qid{1}));
  host.host.admin_command(spec::delete_io_completion_queue(Qid{1}));
  std::memset(host.host.io.completion.data, 0x55, 16);
  const auto* dwords = reinterpret_cast<const Le32*>(host.host.io.completion.data);
  EXPECT_EQ(host.seam.load32(dwords[0]), 1u) << "still the copy";
  std::vector<std::byte> own(host.host.io.completion.bytes);
  host.seam.free_dma(host.host.io.completion);
  EXPECT_EQ(host.log.events.back().kind, EventKind::dma_freed);
}

}  // namespace
}  // namespace phasebit::scenarios
