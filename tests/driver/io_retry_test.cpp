// What a channel does when commands fail or are late.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "tests/support/channel_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::abort_requested;
using testing::ChannelBench;
using testing::flush_of;
using testing::internal_error;

using Outcomes = std::map<std::uint64_t, Outcome>;

TEST(IoRetry, a_failed_command_is_sent_again_after_a_while_under_another_cid) {
  ChannelBench t;
  const DmaRegion data = t.buffer(16384, 512);
  t.accept({.tag = 1, .lba = Lba{5}, .blocks = 32, .buffers = {&data, 1}});
  const spec::Sqe first = t.fetch_all().at(0);
  t.answer(first, internal_error);
  EXPECT_TRUE(t.reap().empty());
  EXPECT_EQ(t.channel->next_wake(), t.now + microseconds(100));
  EXPECT_TRUE(t.fetch_all().empty());
  t.now = t.channel->next_wake();
  EXPECT_TRUE(t.reap().empty());
  spec::Sqe second = t.fetch_all().at(0);
  EXPECT_NE(second.cid, first.cid);
  second.cid = first.cid;
  EXPECT_EQ(std::memcmp(&first, &second, sizeof first), 0) << "the same command otherwise";
  t.answer(first);
  EXPECT_TRUE(t.reap().empty()) << "a second answer to the first attempt is nobody's";
  EXPECT_EQ(t.channel->statistics().completions_bogus, 1u);
}

TEST(IoRetry, gives_up_after_as_many_attempts_as_allowed_and_waits_twice_as_long_each_time) {
  ChannelBench t({.retries_max = 2});
  t.accept(flush_of(1));
  for (const std::uint64_t wait : {100u, 200u}) {
    t.answer(t.fetch_all().at(0), internal_error);
    EXPECT_TRUE(t.reap().empty());
    EXPECT_EQ(t.channel->next_wake(), t.now + microseconds(wait));
    t.now = t.channel->next_wake();
    t.reap();
  }
  t.answer(t.fetch_all().at(0), internal_error);
  const OperationResult result = t.only_result();
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_EQ(result.status, internal_error);
  EXPECT_EQ(result.attempts, 3);
  EXPECT_EQ(t.channel->statistics().retries, 2u);
}

TEST(IoRetry, ends_however_many_attempts_are_allowed) {
  ChannelBench t({.retries_max = 255});
  t.accept(flush_of(1));
  std::uint32_t sent = 0;
  while (t.channel->operations() > 0 && sent < 1000) {
    for (const spec::Sqe& entry : t.fetch_all()) {
      ++sent;
      t.answer(entry, internal_error);
    }
    for (const OperationResult& result : t.reap()) {
      EXPECT_EQ(result.outcome, Outcome::failed);
      EXPECT_EQ(result.attempts, 255);
    }
    t.now = t.now + seconds(1);
  }
  EXPECT_EQ(sent, 255u);
}

TEST(IoRetry, success_at_the_second_attempt_is_success) {
  ChannelBench t;
  t.accept(flush_of(1));
  t.answer(t.fetch_all().at(0), internal_error);
  t.reap();
  t.now = t.now + milliseconds(1);
  t.reap();
  t.answer(t.fetch_all().at(0));
  const OperationResult result = t.only_result();
  EXPECT_EQ(result.outcome, Outcome::ok);
  EXPECT_EQ(result.status, spec::Status{});
  EXPECT_EQ(result.attempts, 2);
}

TEST(IoRetry, do_not_retry_is_obeyed_and_so_is_the_delay_that_the_device_names) {
  ChannelBench t({.limits = {.retry_delays = {milliseconds(100), milliseconds(700), Duration{}}}});
  t.accept(flush_of(1));
  t.answer(t.fetch_all().at(0), internal_error.with(spec::Status::dnr, true));
  EXPECT_EQ(t.only_result().outcome, Outcome::failed);
  const Duration waits[] = {microseconds(100), milliseconds(100), milliseconds(700), microseconds(100)};
  for (std::uint32_t crd = 0; crd < 4; ++crd) {
    t.accept(flush_of(2));
    t.answer(t.fetch_all().at(0), internal_error.with(spec::Status::crd, crd));
    t.reap();
    EXPECT_EQ(t.channel->next_wake(), t.now + waits[crd]) << crd;
    t.now = t.channel->next_wake();
    t.reap();
    t.answer(t.fetch_all().at(0));
    EXPECT_EQ(t.reap().size(), 1u);
  }
}

TEST(IoRetry, an_answer_that_would_be_given_again_is_taken) {
  for (const spec::Status status :
       {abort_requested, spec::make_status(spec::MediaStatus::compare_failure), spec::make_status(spec::GenericStatus::lba_out_of_range),
        spec::make_status(spec::GenericStatus::invalid_field), spec::make_status(spec::CommandStatus::conflicting_attributes)}) {
    EXPECT_FALSE(is_worth_retrying(status));
  }
  for (const spec::Status status :
       {internal_error, spec::make_status(spec::GenericStatus::namespace_not_ready),
        spec::make_status(spec::GenericStatus::command_interrupted), spec::make_status(spec::MediaStatus::write_fault),
        spec::make_status(spec::PathStatus::internal_path_error)}) {
    EXPECT_TRUE(is_worth_retrying(status));
    EXPECT_FALSE(is_worth_retrying(status.with(spec::Status::dnr, true)));
  }
}

TEST(IoDeadline, an_answer_that_is_there_is_taken_however_late_one_looks) {
  ChannelBench t;
  t.accept(flush_of(1));
  t.answer(t.fetch_all().at(0));
  t.now = t.now + seconds(100);
  EXPECT_EQ(t.only_result().outcome, Outcome::ok);
  EXPECT_EQ(t.channel->statistics().timeouts, 0u);
}

TEST(IoDeadline, a_late_command_is_asked_to_be_aborted_but_not_given_back) {
  ChannelBench t;
  t.accept(flush_of(1));
  const spec::Sqe entry = t.fetch_all().at(0);
  EXPECT_EQ(t.channel->next_wake(), t.now + seconds(1));
  t.now = t.now + seconds(1);
  EXPECT_TRUE(t.reap().empty()) << "the device may still reach its memory";
  const std::optional<QueueMessage> message = t.channel->control().next_message();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->kind, QueueMessage::Kind::abort_wanted);
  EXPECT_EQ(message->qid, Qid{1});
  EXPECT_EQ(message->cid, spec::cid_of(entry));
  t.reap();
  EXPECT_FALSE(t.channel->control().next_message().has_value()) << "said once";
  t.answer(entry, abort_requested);
  EXPECT_EQ(t.only_result().outcome, Outcome::timed_out);
  EXPECT_EQ(t.channel->statistics().timeouts, 1u);
}

TEST(IoDeadline, a_command_that_succeeds_late_has_succeeded) {
  ChannelBench t;
  t.accept(flush_of(1));
  t.accept(flush_of(2));
  const std::vector<spec::Sqe> entries = t.fetch_all();
  t.now = t.now + seconds(1);
  t.reap();
  t.answer(entries[0]);
  t.answer(entries[1], internal_error);
  EXPECT_EQ(t.outcomes(), (Outcomes{{1, Outcome::ok}, {2, Outcome::failed}})) << "nor is a late failure retried";
}

TEST(IoDeadline, an_abort_that_does_not_help_leads_to_a_reset) {
  ChannelBench t;
  t.accept(flush_of(1));
  t.now = t.now + seconds(1);
  t.reap();
  EXPECT_EQ(t.channel->control().take_reset_wish(), ResetReason::none);
  EXPECT_EQ(t.channel->next_wake(), t.now + milliseconds(100));
  t.now = t.channel->next_wake();
  t.reap();
  EXPECT_EQ(t.channel->control().take_reset_wish(), ResetReason::deadline);
  t.channel->control().silence();
  t.now = t.now + seconds(5);
  EXPECT_TRUE(t.reap().empty());
  EXPECT_EQ(t.channel->next_wake(), never) << "the control plane is at work";
  t.channel->control().stop(Outcome::reset, false);
  EXPECT_EQ(t.channel->next_wake(), Instant{0});
  EXPECT_EQ(t.only_result().outcome, Outcome::timed_out);
}

TEST(IoDeadline, each_operation_may_have_its_own) {
  ChannelBench t;
  Operation quick = flush_of(1);
  quick.timeout = milliseconds(5);
  t.accept(flush_of(2));
  t.accept(quick);
  EXPECT_EQ(t.channel->next_wake(), t.now + milliseconds(5));
  t.now = t.now + milliseconds(5);
  t.reap();
  EXPECT_EQ(t.channel->statistics().timeouts, 1u);
}

TEST(IoDeadline, more_late_commands_than_messages_fit_are_all_asked_for_in_the_end) {
  ChannelBench t({.queue_entries = 129, .operations_max = 128});
  for (std::uint64_t tag = 0; tag < 128; ++tag) {
    t.accept(flush_of(tag));
  }
  t.now = t.now + seconds(1);
  std::set<std::uint16_t> cids;
  for (int i = 0; i < 3; ++i) {
    t.reap();
    while (const std::optional<QueueMessage> message = t.channel->control().next_message()) {
      EXPECT_TRUE(cids.insert(message->cid.value).second);
    }
    t.now = t.now + milliseconds(1);
  }
  EXPECT_EQ(cids.size(), 128u);
  EXPECT_EQ(t.channel->statistics().timeouts, 128u);
}

}  // namespace
}  // namespace phasebit::driver
