// I/O queues of a whole driver: how many, how large, shared, refused, deleted.
#include <gtest/gtest.h>

#include "tests/support/driver_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::ModelDriveOptions;
using testing::Script;

TEST(QueuesOfADriver, are_as_many_as_asked_granted_and_addressable) {
  struct Case {
    std::uint32_t grant;
    bool nonsense;
    std::uint64_t bar_bytes;
    std::uint32_t expected;
  };
  for (const Case& c : {Case{8, false, 16384, 4}, Case{2, false, 16384, 2}, Case{1, false, 16384, 1}, Case{8, true, 16384, 4},
                        Case{8, false, 0x1000 + 8 + 3 * 8, 3}}) {
    ModelDriveOptions drive;
    drive.queue_grant = c.grant;
    drive.grants_nonsense = c.nonsense;
    drive.bar_bytes = c.bar_bytes;
    DriverBench bench(drive);
    ASSERT_TRUE(bench.run_until_ready());
    EXPECT_EQ(bench.driver->controller().io_queues, c.expected);
    for (std::uint32_t i = 0; i < c.expected; ++i) {
      bench.open_channel();
    }
    EXPECT_EQ(bench.driver->create_channel({}, bench.now).error(), Errc::queue_full);
    bench.run_for(milliseconds(20));
    EXPECT_EQ(bench.drive.queues.submissions.size(), c.expected + 1);
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(QueuesOfADriver, are_no_larger_than_mqes_for_every_class_of_it) {
  for (const std::uint64_t mqes : {1ull, 2ull, 15ull, 65535ull}) {
    ModelDriveOptions drive;
    drive.cap = (drive.cap & ~0xffffull) | mqes;
    DriverBench bench(drive);
    ASSERT_TRUE(bench.run_until_ready());
    const ChannelId channel = bench.open_channel();
    bench.run_for(milliseconds(5));
    EXPECT_EQ(bench.drive.queues.submissions.at(1).entries, std::min<std::uint64_t>(mqes + 1, 256));
    EXPECT_LE(bench.drive.queues.completions.at(1).entries, mqes + 1);
    bench.write_blocks(channel, 1, 40);
    ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == bench.submitted; })) << mqes;
    EXPECT_EQ(bench.count(Outcome::ok), 40u);
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(QueuesOfADriver, have_their_doorbells_where_the_stride_puts_them) {
  for (std::uint64_t dstrd = 0; dstrd < 16; ++dstrd) {
    ModelDriveOptions drive;
    drive.cap |= dstrd << 32;
    drive.bar_bytes = 0x1000 + (4ull << dstrd) * 2 * 3;
    DriverBench bench(drive);
    ASSERT_TRUE(bench.run_until_ready()) << dstrd;
    bench.open_channel();
    const ChannelId second = bench.open_channel();
    bench.run_for(milliseconds(5));
    bench.write_blocks(second, 1, 3);
    EXPECT_TRUE(bench.run_until([&] { return bench.results.size() == 3; })) << dstrd;
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(QueuesOfADriver, may_share_a_completion_queue) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  ChannelOptions options;
  options.submission_queues = 3;
  const ChannelId channel = bench.open_channel(options);
  bench.run_for(milliseconds(5));
  EXPECT_EQ(bench.drive.queues.submissions.size(), 4u);
  EXPECT_EQ(bench.drive.queues.completions.size(), 2u);
  bench.write_blocks(channel, 1, 1);
  for (std::uint8_t queue = 0; queue < 3; ++queue) {
    const DmaRegion block = bench.buffer.slice(0, 512);
    const Operation read{
        .tag = 10u + queue, .opcode = spec::NvmOpcode::read, .blocks = 1, .submission_queue = queue, .buffers = {&block, 1}};
    bench.submitted += bench.driver->submit(channel, {&read, 1}, bench.now).accepted;
  }
  ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == 4; }));
  EXPECT_EQ(bench.count(Outcome::ok), 4u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(QueuesOfADriver, that_are_refused_end_their_channel_and_leave_the_others) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe& sqe) {
    Script script;
    const bool creates = qid == 0 && sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::create_io_sq);
    if (creates && spec::queue_id_of(sqe) == Qid{2}) {
      script.status = spec::make_status(spec::CommandStatus::invalid_queue_identifier).with(spec::Status::dnr, true);
    }
    return script;
  };
  const ChannelId good = bench.open_channel();
  const ChannelId bad = bench.open_channel();
  bench.write_blocks(bad, 100, 2);
  bench.run_for(milliseconds(50));
  bench.write_blocks(good, 1, 2);
  ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == bench.submitted; }));
  EXPECT_EQ(bench.count(Outcome::ok), 2u);
  EXPECT_TRUE(bench.is_ready());
  EXPECT_EQ(bench.drive.resets, 0u);
  EXPECT_FALSE(bench.drive.queues.completions.contains(2)) << "the completion queue that was made in vain is still there";
  EXPECT_EQ(bench.complaint(), "");
}

TEST(QueuesOfADriver, are_deleted_with_their_channel_and_their_identifiers_used_again) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  const std::size_t allocations = bench.drive.allocation_count();
  for (int round = 0; round < 3; ++round) {
    const ChannelId channel = bench.open_channel();
    bench.run_for(milliseconds(5));
    bench.write_blocks(channel, std::uint64_t{100} * static_cast<unsigned>(round), 5);
    ASSERT_TRUE(bench.driver->destroy_channel(channel, bench.now));
    bench.run_for(milliseconds(20));
    EXPECT_TRUE(bench.all_came_back_once());
    EXPECT_EQ(bench.drive.queues.submissions.size(), 1u);
    EXPECT_EQ(bench.drive.queues.completions.size(), 1u);
    EXPECT_EQ(bench.drive.allocation_count(), allocations + 1) << "only the test's own buffer is left";
    bench.channels.clear();
  }
  EXPECT_EQ(bench.driver->destroy_channel(ChannelId{0}, bench.now).error(), Errc::not_found);
  EXPECT_EQ(bench.driver->statistics().operations_ended, bench.submitted);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(QueuesOfADriver, that_are_being_made_when_their_channel_goes_are_deleted_too) {
  struct Case {
    spec::Status status;
    Duration before_it_goes;
  };
  const spec::Status refusal = spec::make_status(spec::CommandStatus::invalid_queue_size).with(spec::Status::dnr, true);
  const spec::Status failure_of_the_moment = spec::make_status(spec::GenericStatus::internal_error);     // tried again after a pause
  const spec::Status no_such_vector = spec::make_status(spec::CommandStatus::invalid_interrupt_vector);  // tried at once with another
  for (const Case& c : {Case{{}, {}}, Case{refusal, {}}, Case{failure_of_the_moment, {}}, Case{failure_of_the_moment, milliseconds(5)},
                        Case{no_such_vector, {}}}) {
    ModelDriveOptions drive;
    drive.interrupt_vectors = 4;
    Options options = DriverBench::quick();
    options.interrupts = true;
    DriverBench bench(drive, options);
    ASSERT_TRUE(bench.run_until_ready());
    bench.run_for(milliseconds(5));
    const std::size_t allocations = bench.drive.allocation_count();
    bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
      const bool creates = qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::create_io_cq;
      return creates && !spec::is_success(c.status) ? Script{.status = c.status} : Script{};
    };
    const ChannelId channel = bench.open_channel();
    bench.driver->poll(bench.now);  // the command is out, and not answered
    bench.run_for(c.before_it_goes);
    ASSERT_TRUE(bench.driver->destroy_channel(channel, bench.now));
    bench.driver->poll(bench.now);
    EXPECT_TRUE(bench.driver->has_channel(channel)) << "the controller may still be told of its memory";
    bench.run_for(milliseconds(500));
    EXPECT_FALSE(bench.driver->has_channel(channel));
    EXPECT_EQ(bench.drive.queues.completions.size(), 1u);
    EXPECT_EQ(bench.drive.allocation_count(), allocations);
    EXPECT_EQ(bench.drive.resets, 0u);
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(QueuesOfADriver, that_the_controller_does_not_let_go_of_are_taken_from_it_by_a_reset) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  const ChannelId channel = bench.open_channel();
  bench.run_for(milliseconds(5));
  std::uint32_t refusals = 0;
  bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
    Script script;
    if (qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::delete_io_sq) {
      ++refusals;
      script.status = spec::make_status(spec::GenericStatus::internal_error);
    }
    return script;
  };
  ASSERT_TRUE(bench.driver->destroy_channel(channel, bench.now));
  ASSERT_TRUE(bench.run_until([&] { return !bench.driver->has_channel(channel); }, seconds(10)));
  EXPECT_EQ(refusals, 4u) << "once, and three times more";
  EXPECT_EQ(bench.drive.resets, 1u);
  ASSERT_TRUE(bench.run_until_ready());
  EXPECT_EQ(bench.complaint(), "");
}

TEST(QueuesOfADriver, are_not_found_by_the_name_of_an_earlier_channel) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  const ChannelId first = bench.open_channel();
  bench.run_for(milliseconds(5));
  EXPECT_TRUE(bench.driver->has_channel(first));
  ASSERT_TRUE(bench.driver->destroy_channel(first, bench.now));
  ASSERT_TRUE(bench.run_until([&] { return !bench.driver->has_channel(first); }));
  const ChannelId second = bench.open_channel();
  EXPECT_EQ(second.index(), first.index());
  EXPECT_NE(second, first);
  EXPECT_FALSE(bench.driver->has_channel(first));
  EXPECT_EQ(bench.driver->destroy_channel(first, bench.now).error(), Errc::not_found);
  EXPECT_EQ(bench.driver->submit(first, {}, bench.now).refusal, Errc::not_found);
  EXPECT_TRUE(bench.driver->has_channel(second));
}

TEST(QueuesOfADriver, of_a_channel_that_goes_are_let_go_by_a_reset_too) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  const ChannelId channel = bench.open_channel();
  bench.run_for(milliseconds(5));
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0}; };
  bench.write_blocks(channel, 1, 3);
  bench.run_for(milliseconds(1));
  ASSERT_TRUE(bench.driver->destroy_channel(channel, bench.now));
  bench.driver->reset(bench.now);
  ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == 3; }));
  EXPECT_EQ(bench.count(Outcome::aborted), 3u);
  ASSERT_TRUE(bench.run_until_ready());
  bench.run_for(milliseconds(10));
  EXPECT_EQ(bench.drive.queues.submissions.size(), 1u);
  EXPECT_EQ(bench.drive.allocation_count(), 5u) << "the admin queue's four and the test's own buffer";
}

TEST(QueuesOfADriver, beyond_what_is_granted_after_a_reset_end_their_channel) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  const ChannelId first = bench.open_channel();
  const ChannelId second = bench.open_channel();
  bench.run_for(milliseconds(5));
  bench.drive.script = [](std::uint16_t qid, const spec::Sqe& sqe) {
    Script script;
    if (qid == 0 && sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::set_features) &&
        spec::SetFeatures::from(sqe).fid == spec::Fid::number_of_queues) {
      script.dword0 = 0;  // one of each
    }
    return script;
  };
  bench.driver->reset(bench.now);
  ASSERT_TRUE(bench.run_until([&] { return bench.transitions(RecoveryRow::reset, WaitResult::passed) == 2; }));
  bench.write_blocks(first, 1, 2);
  bench.write_blocks(second, 10, 2);
  ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == bench.submitted; }));
  EXPECT_EQ(bench.count(Outcome::ok), 2u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(QueuesOfADriver, work_with_an_admin_queue_of_any_size) {
  for (const std::uint32_t entries : {2u, 3u, 4u, 64u, 4096u}) {
    Options options = DriverBench::quick();
    options.admin_queue_entries = entries;
    DriverBench bench({}, options);
    ASSERT_TRUE(bench.run_until_ready()) << entries;
    const ChannelId channel = bench.open_channel();
    bench.run_for(milliseconds(10));
    bench.write_blocks(channel, 1, 5);
    EXPECT_TRUE(bench.run_until([&] { return bench.results.size() == 5; })) << entries;
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(QueuesOfADriver, are_not_made_before_the_controller_is_ready) {
  DriverBench bench;
  EXPECT_EQ(bench.driver->create_channel({}, bench.now).error(), Errc::not_ready);
  ASSERT_TRUE(bench.run_until_ready());
  ChannelOptions none;
  none.submission_queues = 0;
  EXPECT_EQ(bench.driver->create_channel(none, bench.now).error(), Errc::invalid_argument);
  bench.drive.allocations_left = 0;
  EXPECT_EQ(bench.driver->create_channel({}, bench.now).error(), Errc::out_of_memory);
}

}  // namespace
}  // namespace phasebit::driver
