// Asynchronous events and namespaces that change under a driver's feet.
#include <gtest/gtest.h>

#include "src/spec/async_event.hpp"
#include "tests/support/driver_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::ModelDriveOptions;
using testing::Script;

constexpr spec::AsyncEvent namespaces_changed =
    spec::async_event(spec::AsyncNoticeInfo::namespace_attribute_changed, spec::Lid::changed_namespaces);

struct EventsBench : DriverBench {
  explicit EventsBench(const ModelDriveOptions& drive_options = {}, const Options& options = quick())
      : DriverBench(drive_options, options) {
    EXPECT_TRUE(run_until_ready());
    run_for(milliseconds(20));
    take_events();
    drive.events.clear();
  }
  std::size_t commands(spec::AdminOpcode opcode) const {
    return static_cast<std::size_t>(std::count_if(drive.admin_commands.begin(), drive.admin_commands.end(),
                                                  [&](const spec::Sqe& sqe) { return sqe.opcode == static_cast<std::uint8_t>(opcode); }));
  }
  /// NSIDs that events named since the last time.
  std::vector<std::uint32_t> changed() {
    std::vector<std::uint32_t> nsids;
    for (const DriverEvent& event : take_events()) {
      if (event.kind == DriverEvent::Kind::namespace_changed) {
        nsids.push_back(event.nsid.value);
      }
    }
    return nsids;
  }
};

TEST(AsyncEventsOfADriver, are_asked_for_within_aerl_and_never_time_out) {
  for (const std::uint8_t aerl : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{255}}) {
    ModelDriveOptions drive;
    drive.aerl = aerl;
    EventsBench bench(drive);
    EXPECT_EQ(bench.commands(spec::AdminOpcode::async_event_request), std::min(aerl + 1u, 4u));
    bench.run_for(seconds(10));
    EXPECT_EQ(bench.drive.resets, 0u);
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(AsyncEventsOfADriver, reach_the_user_and_their_log_pages_are_read) {
  EventsBench bench;
  bench.drive.raise(spec::async_event(spec::AsyncSmartInfo::temperature_threshold));
  bench.drive.raise(spec::async_event(spec::AsyncErrorInfo::transient_internal_error));
  bench.run_for(milliseconds(50));
  const auto events = bench.take_events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, DriverEvent::Kind::smart_warning);
  EXPECT_EQ(events[0].dword0, 0x0002'0101u);
  EXPECT_EQ(events[1].kind, DriverEvent::Kind::device_error);
  EXPECT_EQ(bench.commands(spec::AdminOpcode::get_log_page), 2u);
  EXPECT_EQ(bench.driver->statistics().async_events, 2u);
}

TEST(AsyncEventsOfADriver, are_armed_again_at_a_bounded_rate_in_a_storm) {
  EventsBench bench;
  const std::size_t before = bench.commands(spec::AdminOpcode::async_event_request);
  for (int i = 0; i < 100'000; ++i) {
    bench.drive.raise(spec::async_event(spec::AsyncErrorInfo::transient_internal_error));
  }
  bench.run_for(seconds(1));
  const std::size_t armed = bench.commands(spec::AdminOpcode::async_event_request) - before;
  EXPECT_LE(armed, 105u);  // one in 10 ms
  EXPECT_GE(armed, 90u);
}

TEST(AsyncEventsOfADriver, are_given_up_after_errors_and_the_user_hears_of_it) {
  DriverBench bench;
  bench.drive.script = [](std::uint16_t, const spec::Sqe& sqe) {
    Script script;
    if (sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::async_event_request)) {
      script.status = spec::make_status(spec::GenericStatus::internal_error);
    }
    return script;
  };
  ASSERT_TRUE(bench.run_until_ready());
  bench.run_for(seconds(5));
  const auto events = bench.take_events();
  EXPECT_EQ(std::count_if(events.begin(), events.end(), [](const DriverEvent& e) { return e.kind == DriverEvent::Kind::async_events_off; }),
            1);
  EXPECT_TRUE(bench.is_ready());
  EXPECT_EQ(bench.drive.resets, 0u);
}

TEST(NamespacesOfADriver, are_reported_as_they_come_grow_shrink_and_go) {
  EventsBench bench;
  bench.drive.namespaces[2] = {.blocks = 500};
  bench.drive.raise(namespaces_changed);
  bench.run_for(milliseconds(50));
  EXPECT_EQ(bench.changed(), std::vector<std::uint32_t>{2});
  ASSERT_EQ(bench.driver->namespaces().size(), 2u);
  bench.drive.namespaces[1].blocks = 2048;
  bench.drive.namespaces[2].blocks = 100;
  bench.drive.raise(namespaces_changed);
  bench.run_for(milliseconds(50));
  EXPECT_EQ(bench.changed(), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(bench.driver->namespaces()[0].blocks, 2048u);
  EXPECT_EQ(bench.driver->namespaces()[1].blocks, 100u);
  bench.drive.namespaces.erase(1);
  bench.drive.raise(namespaces_changed);
  bench.run_for(milliseconds(50));
  EXPECT_EQ(bench.changed(), std::vector<std::uint32_t>{1});
  ASSERT_EQ(bench.driver->namespaces().size(), 1u);
  EXPECT_EQ(bench.driver->namespaces()[0].nsid, Nsid{2});
  std::vector<std::uint64_t> seen;
  for (const Event& event : bench.drive.events) {
    if (event.kind == EventKind::namespace_seen) {
      seen.push_back(std::uint64_t{event.a} << 32 | event.b);
    }
  }
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{2ull << 32 | 500, 1ull << 32 | 2048, 2ull << 32 | 100, 1ull << 32 | 0}));
}

TEST(NamespacesOfADriver, are_shown_as_they_were_until_the_new_look_is_complete) {
  EventsBench bench;
  bool holds = true;
  bench.drive.namespaces[1].blocks = 4096;
  bench.drive.script = [&](std::uint16_t, const spec::Sqe& sqe) {
    const bool identify = sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::identify);
    if (identify && holds) {
      EXPECT_EQ(bench.driver->namespaces().size(), 1u);
      EXPECT_EQ(bench.driver->namespaces()[0].blocks, 1024u);
    }
    return Script{};
  };
  bench.drive.raise(namespaces_changed);
  ASSERT_TRUE(bench.run_until([&] { return bench.driver->namespaces()[0].blocks == 4096; }));
}

TEST(NamespacesOfADriver, are_looked_at_once_more_if_they_change_while_they_are_looked_at) {
  EventsBench bench;
  std::uint32_t lists = 0;
  bench.drive.script = [&](std::uint16_t, const spec::Sqe& sqe) {
    const bool identify = sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::identify);
    if (identify && spec::Identify::from(sqe).cns == spec::Cns::active_namespaces) {
      ++lists;
    }
    if (identify && spec::Identify::from(sqe).cns == spec::Cns::identify_namespace && lists == 1) {
      bench.drive.namespaces[5] = {.blocks = 77};
      bench.drive.raise(namespaces_changed);
    }
    return Script{};
  };
  bench.drive.raise(namespaces_changed);
  bench.run_for(milliseconds(200));
  EXPECT_EQ(lists, 2u);
  ASSERT_EQ(bench.driver->namespaces().size(), 2u);
  EXPECT_EQ(bench.driver->namespaces()[1].nsid, Nsid{5});
}

TEST(NamespacesOfADriver, outlive_a_rescan_whose_commands_fail_for_the_moment) {
  for (const spec::AdminOpcode failing : {spec::AdminOpcode::identify, spec::AdminOpcode::get_log_page}) {
    EventsBench bench;
    std::uint32_t failures = 2;
    bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
      Script script;
      if (qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == failing && failures > 0) {
        --failures;
        script.status = spec::make_status(spec::GenericStatus::internal_error);
      }
      return script;
    };
    bench.drive.namespaces[3] = {.blocks = 9};
    bench.drive.raise(namespaces_changed);
    bench.run_for(milliseconds(500));
    EXPECT_EQ(failures, 0u);
    EXPECT_EQ(bench.changed(), std::vector<std::uint32_t>{3});
    EXPECT_EQ(bench.driver->namespaces().size(), 2u);
  }
}

TEST(AsyncEventsOfADriver, come_again_after_their_log_page_could_not_be_read_at_first) {
  EventsBench bench;
  std::uint32_t reads = 0;
  bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
    const bool is_read = qid == 0 && static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::get_log_page;
    reads += is_read;
    Script script;
    if (is_read && reads == 1) {
      script.status = spec::make_status(spec::GenericStatus::internal_error);
    }
    return script;
  };
  bench.drive.raise(spec::async_event(spec::AsyncSmartInfo::temperature_threshold));
  bench.run_for(milliseconds(50));
  EXPECT_EQ(reads, 1u);
  bench.run_for(milliseconds(200));
  EXPECT_EQ(reads, 2u) << "only reading the page lets the next event of the type come";
}

TEST(NamespacesOfADriver, that_changed_during_a_reset_are_reported_after_it) {
  EventsBench bench;
  bench.drive.namespaces[3] = {.blocks = 9};
  bench.driver->reset(bench.now);
  bench.run_for(milliseconds(200));
  EXPECT_EQ(bench.changed(), std::vector<std::uint32_t>{3});
}

TEST(NamespacesOfADriver, that_vanished_during_a_reset_are_not_written_to_after_it) {
  EventsBench bench;
  const ChannelId channel = bench.open_channel();
  bench.run_for(milliseconds(5));
  bench.drive.namespaces.erase(1);
  bench.drive.namespaces[2] = {};
  bench.driver->reset(bench.now);
  ASSERT_TRUE(bench.run_until([&] { return bench.driver->state() == State::recovering; }));
  bench.write_blocks(channel, 1, 3);  // accepted: nobody knows yet
  EXPECT_EQ(bench.submitted, 3u);
  std::uint32_t sent = 0;
  bench.drive.script = [&](std::uint16_t qid, const spec::Sqe&) {
    sent += qid != 0;
    return Script{};
  };
  ASSERT_TRUE(bench.run_until([&] { return bench.results.size() == 3; }));
  EXPECT_EQ(bench.count(Outcome::rejected), 3u);
  EXPECT_EQ(sent, 0u);
}

TEST(NamespacesOfADriver, are_found_over_more_than_one_page_of_the_list) {
  for (const std::uint32_t count : {1023u, 1024u, 1025u, 2500u}) {
    ModelDriveOptions drive;
    drive.nn = 100'000;
    Options options = DriverBench::quick();
    options.namespaces_max = 3000;
    DriverBench bench(drive, options);
    bench.drive.namespaces.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      bench.drive.namespaces[1 + 3 * i] = {.blocks = 10};
    }
    ASSERT_TRUE(bench.run_until_ready());
    EXPECT_EQ(bench.driver->namespaces().size(), count);
    EXPECT_EQ(bench.driver->namespaces().back().nsid, Nsid{1 + 3 * (count - 1)});
    EXPECT_FALSE(bench.driver->wants_rescan());
  }
}

TEST(NamespacesOfADriver, that_memory_was_not_taken_for_are_found_by_a_rescan) {
  Options options = DriverBench::quick();
  options.namespaces_max = 3;
  DriverBench bench({}, options);
  for (std::uint32_t nsid = 1; nsid <= 10; ++nsid) {
    bench.drive.namespaces[nsid] = {.blocks = nsid};
  }
  ASSERT_TRUE(bench.run_until_ready());
  EXPECT_EQ(bench.driver->namespaces().size(), 3u);
  ASSERT_TRUE(bench.driver->wants_rescan());
  ASSERT_TRUE(bench.driver->rescan(bench.now));
  bench.run_for(milliseconds(50));
  EXPECT_EQ(bench.driver->namespaces().size(), 10u);
  EXPECT_FALSE(bench.driver->wants_rescan());
}

// Its owner sleeps until next_wake.
TEST(NamespacesOfADriver, are_shown_though_a_channel_without_work_is_never_reaped) {
  EventsBench bench;
  const ChannelId idle = bench.driver->create_channel({}, bench.now).value();
  bench.run_for(milliseconds(5));
  std::array<OperationResult, 1> none;
  EXPECT_EQ(bench.driver->reap(idle, bench.now, none), 0u);
  EXPECT_EQ(bench.driver->next_wake(idle), never);
  for (std::uint32_t nsid = 2; nsid <= 5; ++nsid) {
    bench.drive.namespaces[nsid] = {.blocks = nsid};
    bench.drive.raise(namespaces_changed);
    bench.run_for(milliseconds(50));
    EXPECT_EQ(bench.driver->namespaces().size(), nsid);
  }
  EXPECT_TRUE(bench.driver->rescan(bench.now));
  EXPECT_EQ(bench.driver->next_wake(idle), Instant{}) << "there is news";
  bench.channels.push_back(idle);
  bench.write_blocks(idle, 1, 1);
  ASSERT_TRUE(bench.run_until([&] { return bench.result_of(1).has_value(); }, seconds(1)));
}

// Until then, its owner does not look at what has come back.
TEST(NamespacesOfADriver, that_are_as_they_were_hold_no_channel_up_after_a_reset) {
  EventsBench bench;
  const ChannelId channel = bench.open_channel();
  const ChannelId slow = bench.driver->create_channel({}, bench.now).value();
  bench.run_for(milliseconds(5));
  bench.write_blocks(slow, 1, 1);
  for (std::uint64_t reset = 0; reset < 3; ++reset) {
    bench.driver->reset(bench.now);
    bench.run_for(milliseconds(100));
    ASSERT_TRUE(bench.run_until_ready());
    bench.write_blocks(channel, 10 + reset, 1);
    ASSERT_TRUE(bench.run_until([&] { return bench.result_of(10 + reset).has_value(); }, milliseconds(100))) << reset;
    EXPECT_EQ(bench.result_of(10 + reset)->outcome, Outcome::ok);
  }
  bench.channels.push_back(slow);
  ASSERT_TRUE(bench.run_until([&] { return bench.result_of(1).has_value(); }, seconds(1)));
  EXPECT_TRUE(bench.all_came_back_once());
}

TEST(NamespacesOfADriver, have_another_life_once_the_number_means_another) {
  EventsBench bench;
  bench.run_for(milliseconds(5));
  std::vector<std::uint32_t> lives;
  const auto look = [&] {
    bench.drive.raise(namespaces_changed);
    bench.run_for(milliseconds(50));
    lives.push_back(bench.driver->namespaces().empty() ? 0 : bench.driver->namespaces()[0].life);
  };
  look();
  bench.drive.namespaces[1].blocks /= 2;  // shrinks, and stays the one it was
  look();
  bench.drive.namespaces[1].block_bytes_log2 = 12;
  look();
  const testing::ModelNamespace kept = bench.drive.namespaces[1];
  bench.drive.namespaces.erase(1);
  look();
  bench.drive.namespaces[1] = kept;
  look();
  EXPECT_EQ(lives[0], lives[1]);
  EXPECT_NE(lives[1], lives[2]);
  EXPECT_NE(lives[2], lives[4]);
  EXPECT_NE(lives[0], lives[4]);
}

TEST(NamespacesOfADriver, are_tried_one_by_one_where_there_is_no_list) {
  ModelDriveOptions drive;
  drive.has_active_list = false;
  drive.nn = 8;
  DriverBench bench(drive);
  bench.drive.namespaces[5] = {.blocks = 10, .block_bytes_log2 = 12};
  ASSERT_TRUE(bench.run_until_ready());
  ASSERT_EQ(bench.driver->namespaces().size(), 2u);
  EXPECT_EQ(bench.driver->namespaces()[1].nsid, Nsid{5});
  EXPECT_EQ(bench.driver->namespaces()[1].block_bytes, 4096u);
}

TEST(NamespacesOfADriver, of_other_command_sets_and_of_odd_shapes_are_not_shown) {
  DriverBench bench;
  bench.drive.namespaces[2] = {.blocks = 10, .csi = 2};
  bench.drive.namespaces[3] = {.blocks = 0};
  bench.drive.namespaces[4] = {.blocks = 10, .block_bytes_log2 = 8};
  bench.drive.namespaces[6] = {.blocks = 10, .block_bytes_log2 = 63};
  bench.drive.namespaces[7] = {.blocks = 10};
  ASSERT_TRUE(bench.run_until_ready());
  ASSERT_EQ(bench.driver->namespaces().size(), 2u);
  EXPECT_EQ(bench.driver->namespaces()[0].nsid, Nsid{1});
  EXPECT_EQ(bench.driver->namespaces()[1].nsid, Nsid{7});
}

TEST(NamespacesOfADriver, that_vanish_end_what_waits_for_them_and_not_what_is_out) {
  EventsBench bench;
  const ChannelId channel = bench.open_channel({.commands_max = 1});
  bench.run_for(milliseconds(5));
  std::vector<spec::Sqe> sent;
  bench.drive.script = [&](std::uint16_t qid, const spec::Sqe& sqe) {
    if (qid != 0) {
      sent.push_back(sqe);
    }
    return Script{.drop = qid != 0};
  };
  bench.write_blocks(channel, 1, 2);
  bench.run_for(milliseconds(5));
  ASSERT_EQ(bench.submitted, 2u);
  ASSERT_EQ(sent.size(), 1u) << "the other waits in the channel";
  bench.drive.namespaces.erase(1);
  bench.drive.raise(namespaces_changed);
  bench.run_for(milliseconds(50));
  ASSERT_EQ(bench.results.size(), 1u) << "what is out is the drive's to answer";
  EXPECT_EQ(bench.results[0].tag, 2u);
  EXPECT_EQ(bench.results[0].outcome, Outcome::rejected);
  EXPECT_EQ(bench.results[0].attempts, 0u);
  bench.write_blocks(channel, 3, 1);
  EXPECT_EQ(bench.submitted, 2u) << "refused";

  bench.drive.queues.post(1, cid_of(sent[0]), {}, 0, [&](Iova iova, std::uint64_t bytes) { return bench.drive.host(iova, bytes); });
  bench.run_for(milliseconds(500));
  ASSERT_EQ(bench.results.size(), 2u);
  EXPECT_EQ(bench.results[1].tag, 1u);
  EXPECT_EQ(bench.results[1].outcome, Outcome::ok);
  EXPECT_EQ(bench.results[1].attempts, 1u);
  EXPECT_EQ(sent.size(), 1u);
  EXPECT_EQ(bench.drive.resets, 0u);
  EXPECT_EQ(bench.complaint(), "");
}

}  // namespace
}  // namespace phasebit::driver
