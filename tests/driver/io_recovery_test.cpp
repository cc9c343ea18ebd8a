// What a channel does when commands are unwanted, are stopped, or cannot go on.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "tests/support/channel_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::abort_requested;
using testing::ChannelBench;
using testing::flush_of;
using testing::internal_error;

using Tags = std::vector<std::uint64_t>;
using Outcomes = std::map<std::uint64_t, Outcome>;

TEST(IoAbort, what_was_never_sent_ends_at_once_and_what_was_sent_as_the_device_decides) {
  ChannelBench t({.queue_entries = 3, .limits = {.transfer_bytes_max = 512}});
  const DmaRegion data = t.buffer(2048);
  t.accept({.tag = 1, .blocks = 4, .buffers = {&data, 1}});  // two of four commands go out
  t.accept(flush_of(2));
  t.accept(flush_of(3));
  const std::vector<spec::Sqe> entries = t.fetch_all();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(t.channel->abort(9, t.now).error(), Errc::not_found);
  EXPECT_TRUE(t.channel->abort(2, t.now).has_value());
  EXPECT_EQ(t.outcomes(), (Outcomes{{2, Outcome::aborted}}));
  EXPECT_TRUE(t.channel->abort(1, t.now).has_value());
  EXPECT_TRUE(t.reap().empty()) << "its commands are at the device";
  EXPECT_EQ(t.channel->statistics().aborts_asked, 2u);
  t.answer(entries[0]);
  EXPECT_TRUE(t.reap().empty());
  t.answer(entries[1], abort_requested);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::aborted}}));
  t.answer(t.fetch_all().at(0));
  EXPECT_EQ(t.outcomes(), (Outcomes{{3, Outcome::ok}})) << "the next in line goes on";
}

TEST(IoAbort, an_operation_that_is_done_in_spite_of_it_is_ok_and_an_aborted_one_is_not_retried) {
  ChannelBench t;
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    t.accept(flush_of(tag));
    EXPECT_TRUE(t.channel->abort(tag, t.now).has_value());
  }
  const std::vector<spec::Sqe> entries = t.fetch_all();
  t.answer(entries[0]);
  t.answer(entries[1], abort_requested);
  t.answer(entries[2], internal_error);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::ok}, {2, Outcome::aborted}, {3, Outcome::failed}}));
}

TEST(IoAbort, a_command_between_two_attempts_gets_no_other) {
  ChannelBench t;
  t.accept(flush_of(1));
  t.answer(t.fetch_all().at(0), internal_error);
  t.reap();
  EXPECT_TRUE(t.channel->abort(1, t.now).has_value());
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::aborted}}));
  t.now = t.now + seconds(1);
  t.reap();
  EXPECT_TRUE(t.fetch_all().empty());
}

TEST(IoAbort, a_result_that_is_only_waiting_to_be_fetched_is_not_aborted) {
  ChannelBench t;
  t.accept(flush_of(1));
  t.answer(t.fetch_all().at(0));
  t.reap(0);
  EXPECT_EQ(t.channel->abort(1, t.now).error(), Errc::not_found);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::ok}}));
}

TEST(IoStop, a_reset_ends_what_was_out_and_what_waited_goes_out_afterwards) {
  ChannelBench t({.queue_entries = 3});
  for (std::uint64_t tag = 1; tag <= 4; ++tag) {
    t.accept(flush_of(tag));
  }
  t.answer(t.fetch_all().at(0));
  t.channel->control().silence();
  t.channel->control().stop(Outcome::reset, false);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::ok}, {2, Outcome::reset}}));
  t.accept(flush_of(5));
  EXPECT_TRUE(t.channel->control().obeyed());
  t.device->reset();
  const std::size_t writes = t.backend.writes.size();
  EXPECT_TRUE(t.reap().empty());
  EXPECT_EQ(t.backend.writes.size(), writes);
  t.channel->control().go_live();
  for (const Tags& expected : {Tags{3, 4}, Tags{5}}) {
    t.reap();
    for (const spec::Sqe& entry : t.fetch_all()) {
      t.answer(entry);
    }
    EXPECT_EQ(t.reap_tags(), expected);
  }
  EXPECT_TRUE(t.doorbells_valid);
}

TEST(IoStop, a_retry_outlives_a_reset) {
  ChannelBench t;
  t.accept(flush_of(1));
  t.answer(t.fetch_all().at(0), internal_error);
  t.reap();
  t.channel->control().stop(Outcome::reset, false);
  EXPECT_TRUE(t.reap().empty());
  t.device->reset();
  t.channel->control().go_live();
  t.now = t.now + seconds(1);
  t.reap();
  t.answer(t.fetch_all().at(0));
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::ok}}));
}

TEST(IoStop, removal_ends_everything_and_nothing_more_is_accepted) {
  ChannelBench t({.queue_entries = 4});
  for (std::uint64_t tag = 1; tag <= 6; ++tag) {
    t.accept(flush_of(tag));
  }
  const std::vector<spec::Sqe> entries = t.fetch_all();
  t.answer(entries[0], internal_error);
  t.answer(entries[1]);
  t.reap(0);
  t.channel->control().stop(Outcome::gone, true);
  EXPECT_EQ(
      t.outcomes(),
      (Outcomes{{1, Outcome::gone}, {2, Outcome::ok}, {3, Outcome::gone}, {4, Outcome::gone}, {5, Outcome::gone}, {6, Outcome::gone}}));
  EXPECT_EQ(t.refusal(flush_of(7)), Errc::device_gone);
  EXPECT_EQ(t.channel->operations(), 0u);
  EXPECT_TRUE(t.channel->control().obeyed());
}

TEST(IoStop, a_deleted_queue_gives_back_its_answers_before_it_aborts_the_rest) {
  ChannelBench t;
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    t.accept(flush_of(tag));
  }
  const std::vector<spec::Sqe> entries = t.fetch_all();
  t.channel->control().drain();
  t.reap();
  t.answer(entries[1]);
  t.answer(entries[2], spec::make_status(spec::GenericStatus::aborted_sq_deletion));
  t.channel->control().stop(Outcome::aborted, true);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::aborted}, {2, Outcome::ok}, {3, Outcome::failed}}));
}

TEST(IoView, what_waits_is_rejected_when_its_namespace_no_longer_fits) {
  ChannelBench t(
      {.queue_entries = 2, .namespaces = {{Nsid{1}, 100, 0, 9}, {Nsid{2}, 100, 0, 9}, {Nsid{3}, 100, 0, 9}, {Nsid{4}, 100, 0, 9}}});
  const DmaRegion data = t.buffer(512);
  const auto read_of = [&](std::uint64_t tag, std::uint32_t nsid, std::uint64_t lba) {
    return Operation{.tag = tag, .nsid = Nsid{nsid}, .lba = Lba{lba}, .blocks = 1, .buffers = {&data, 1}};
  };
  t.accept(flush_of(9));  // holds the only entry
  t.accept(read_of(1, 1, 99));
  t.accept(read_of(2, 2, 99));
  t.accept(read_of(3, 3, 99));
  t.accept(read_of(4, 4, 99));
  t.accept(read_of(5, 2, 49));
  EXPECT_EQ(t.channel->view_seen(), t.view.number());
  t.publish({}, {{Nsid{1}, 100, 0, 9}, {Nsid{2}, 50, 0, 9}, {Nsid{4}, 100, 0, 12}});  // 2 shrank, 3 left, 4 was reformatted
  EXPECT_NE(t.channel->view_seen(), t.view.number());
  EXPECT_EQ(t.outcomes(), (Outcomes{{2, Outcome::rejected}, {3, Outcome::rejected}, {4, Outcome::rejected}}));
  EXPECT_EQ(t.channel->view_seen(), t.view.number());
  EXPECT_EQ(t.refusal(read_of(6, 3, 0)), Errc::not_found);
  Tags ended;
  for (int i = 0; i < 3; ++i) {
    t.answer(t.fetch_all().at(0));
    ended.push_back(t.reap_tags().at(0));
  }
  EXPECT_EQ(ended, (Tags{9, 1, 5}));
}

TEST(IoView, what_waits_is_rejected_when_another_namespace_has_the_number) {
  const auto shape = [](std::uint32_t life) { return NamespaceShape{.nsid = Nsid{1}, .blocks = 100, .life = life}; };
  ChannelBench t({.queue_entries = 3, .namespaces = {shape(1)}});
  const DmaRegion data = t.buffer(512);
  const Operation read{.tag = 1, .blocks = 1, .buffers = {&data, 1}};
  t.accept(read);
  t.answer(t.fetch_all().at(0), testing::internal_error);  // waits for another attempt
  EXPECT_TRUE(t.reap().empty());
  t.accept(flush_of(9));  // holds the only slot that is left
  t.accept({.tag = 2, .blocks = 1, .buffers = {&data, 1}});
  t.publish({}, {shape(2)});
  EXPECT_EQ(t.outcomes(), (Outcomes{{2, Outcome::rejected}}));
  t.now = t.now + milliseconds(1);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::rejected}}));
  t.accept(read);
  const std::vector<spec::Sqe> sent = t.fetch_all();
  ASSERT_EQ(sent.size(), 2u);
  t.answer(sent[1]);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::ok}}));
}

TEST(IoView, ranges_to_deallocate_that_wait_are_rejected_where_the_namespace_no_longer_has_them) {
  const auto shape = [](std::uint64_t blocks, std::uint32_t life) {
    return NamespaceShape{.nsid = Nsid{1}, .blocks = blocks, .life = life};
  };
  for (const NamespaceShape& after : {shape(60, 1), shape(59, 1), shape(100, 2)}) {
    ChannelBench t({.namespaces = {shape(100, 1)}});
    const DmaRegion ranges = t.buffer(2 * sizeof(spec::DatasetRange));
    const spec::DatasetRange trimmed[2] = {{.context_attributes = {}, .blocks = 20, .slba = 40},
                                           {.context_attributes = {}, .blocks = 8, .slba = 0}};
    std::memcpy(ranges.data, trimmed, sizeof trimmed);
    t.channel->control().stop(Outcome::reset, false);
    EXPECT_TRUE(t.reap().empty());
    t.accept({.tag = 1, .opcode = spec::NvmOpcode::dataset_management, .blocks = 2, .deallocate = true, .buffers = {&ranges, 1}});
    t.publish({}, {after});
    t.channel->control().go_live();
    const bool is_right = after.blocks == 60;
    EXPECT_EQ(t.outcomes(), is_right ? Outcomes{} : (Outcomes{{1, Outcome::rejected}}));
    EXPECT_EQ(t.fetch_all().size(), is_right ? 1u : 0u);
  }
}

TEST(IoView, what_waits_is_rejected_when_a_block_no_longer_fits_into_a_command) {
  ChannelBench t({.queue_entries = 2, .namespaces = {{Nsid{1}, 100, 0, 14}}});
  const DmaRegion data = t.buffer(2 << 14);
  t.accept(flush_of(9));  // holds the only entry
  t.accept({.tag = 1, .lba = Lba{0}, .blocks = 2, .buffers = {&data, 1}});
  t.accept(flush_of(2));
  t.publish({.transfer_bytes_max = 8192}, {{Nsid{1}, 100, 0, 14}});
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::rejected}}));
  t.answer(t.fetch_all().at(0));
  EXPECT_EQ(t.reap_tags(), (Tags{9}));
  t.answer(t.fetch_all().at(0));
  EXPECT_EQ(t.reap_tags(), (Tags{2}));
}

TEST(IoView, a_raw_command_sends_nothing_that_waits_and_no_longer_fits) {
  ChannelBench t({.namespaces = {{Nsid{1}, 100, 0, 9}}});
  const DmaRegion data = t.buffer(512);
  t.channel->control().stop(Outcome::reset, false);
  EXPECT_TRUE(t.reap().empty());
  t.accept({.tag = 1, .lba = Lba{99}, .blocks = 1, .buffers = {&data, 1}});
  t.publish({}, {{Nsid{1}, 50, 0, 9}});
  t.channel->control().go_live();
  EXPECT_TRUE(t.channel->submit_raw({.tag = 2, .sqe = spec::flush(Nsid{1})}, t.now));
  EXPECT_EQ(t.fetch_all().size(), 1u);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::rejected}}));
}

TEST(IoView, what_waits_for_another_attempt_is_not_sent_where_its_namespace_no_longer_reaches) {
  ChannelBench t({.namespaces = {{Nsid{1}, 100, 0, 9}}});
  const DmaRegion data = t.buffer(512);
  for (const std::uint64_t lba : {49u, 99u}) {
    t.accept({.tag = lba, .lba = Lba{lba}, .blocks = 1, .buffers = {&data, 1}});
  }
  for (const spec::Sqe& sqe : t.fetch_all()) {
    t.answer(sqe, spec::make_status(spec::GenericStatus::internal_error));
  }
  EXPECT_TRUE(t.reap().empty());
  t.publish({}, {{Nsid{1}, 50, 0, 9}});
  EXPECT_EQ(t.channel->next_wake(), Instant{}) << "there is news";
  EXPECT_TRUE(t.reap().empty());
  t.now = t.channel->next_wake();
  EXPECT_EQ(t.outcomes(), (Outcomes{{99, Outcome::rejected}}));
  const auto sent = t.fetch_all();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(spec::BlockCommand::from(sent[0]).slba, Lba{49});
  t.answer(sent[0]);
  EXPECT_EQ(t.outcomes(), (Outcomes{{49, Outcome::ok}}));
}

TEST(IoAbort, of_a_command_that_came_back_by_itself_is_taken_back) {
  ChannelBench t;
  t.accept(flush_of(1));
  const spec::Sqe sent = t.fetch_all().at(0);
  ASSERT_TRUE(t.channel->abort(1, t.now));
  const auto wanted = t.channel->control().next_message();
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->kind, QueueMessage::Kind::abort_wanted);
  t.answer(sent);
  EXPECT_EQ(t.only_result().outcome, Outcome::ok);
  const auto over = t.channel->control().next_message();
  ASSERT_TRUE(over);
  EXPECT_EQ(over->kind, QueueMessage::Kind::abort_over);
  EXPECT_EQ(over->qid, wanted->qid);
  EXPECT_EQ(over->cid, wanted->cid);
}

TEST(IoStall, a_device_that_never_says_what_it_fetched_is_reset) {
  ChannelBench t({.queue_entries = 3});
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    t.accept(flush_of(tag));
  }
  for (const spec::Sqe& sqe : t.fetch_all()) {
    spec::Cqe entry = t.device->entry(spec::cid_of(sqe));
    entry.sqhd = 0;
    t.device->post(entry);
  }
  EXPECT_EQ(t.reap_tags(), (Tags{1, 2}));
  EXPECT_EQ(t.channel->control().take_reset_wish(), ResetReason::stalled);
}

TEST(IoStall, a_full_queue_that_moves_is_not_stalled) {
  ChannelBench t({.queue_entries = 3});
  for (std::uint64_t tag = 1; tag <= 20; ++tag) {
    t.accept(flush_of(tag));
  }
  for (std::uint64_t tag = 1; tag <= 20; ++tag) {
    t.answer(*t.device->fetch());
    EXPECT_EQ(t.reap_tags(), Tags{tag});
  }
  EXPECT_EQ(t.channel->control().take_reset_wish(), ResetReason::none);
}

TEST(IoStall, slots_of_aborted_commands_rest_without_generations_and_in_the_end_ask_for_a_reset) {
  ChannelBench t({.queue_entries = 8, .commands_max = 2, .generations = false});
  for (std::uint64_t tag = 1; tag <= 2; ++tag) {
    t.accept(flush_of(tag));
    EXPECT_TRUE(t.channel->abort(tag, t.now).has_value());
    t.answer(*t.device->fetch(), abort_requested);
    EXPECT_EQ(t.outcomes(), (Outcomes{{tag, Outcome::aborted}}));
  }
  t.accept(flush_of(3));
  EXPECT_TRUE(t.fetch_all().empty());
  EXPECT_EQ(t.channel->control().take_reset_wish(), ResetReason::stalled);
  t.channel->control().stop(Outcome::reset, false);
  t.reap();
  t.device->reset();
  t.channel->control().go_live();
  t.reap();
  t.answer(t.fetch_all().at(0));
  EXPECT_EQ(t.outcomes(), (Outcomes{{3, Outcome::ok}}));
}

}  // namespace
}  // namespace phasebit::driver
