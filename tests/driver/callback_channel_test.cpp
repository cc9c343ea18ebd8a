#include "src/driver/callback_channel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "tests/support/channel_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::ChannelBench;
using testing::ChannelBenchOptions;
using testing::flush_of;

using Tags = std::vector<std::uint64_t>;

/// A channel with callbacks that log the tag and then do what the test wants.
class CallbackBench : public ChannelBench {
 public:
  using Adapter = CallbackChannel<ChannelBench::Channel>;

  explicit CallbackBench(const ChannelBenchOptions& options = {}) : ChannelBench(options) { adapter.emplace(*channel, 16, &memory); }

  Result<void> submit(std::uint64_t tag) { return adapter->submit(flush_of(tag), &CallbackBench::called, this, now); }
  void answer_all() {
    for (const spec::Sqe& entry : fetch_all()) {
      answer(entry);
    }
  }

  std::optional<Adapter> adapter;
  Tags log;
  std::vector<Outcome> outcomes;
  std::function<void(std::uint64_t tag)> then;

 private:
  static void called(void* context, const OperationResult& result) {
    auto* bench = static_cast<CallbackBench*>(context);
    bench->log.push_back(result.tag);
    bench->outcomes.push_back(result.outcome);
    if (bench->then) {
      bench->then(result.tag);
    }
  }
};

TEST(CallbackChannel, each_operation_is_called_back_once_and_only_from_poll) {
  CallbackBench t;
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    ASSERT_TRUE(t.submit(tag).has_value());
  }
  t.answer_all();
  EXPECT_TRUE(t.log.empty());
  EXPECT_EQ(t.adapter->poll(t.now), 3u);
  EXPECT_EQ(t.log, (Tags{1, 2, 3}));
  EXPECT_EQ(t.adapter->poll(t.now), 0u);
}

TEST(CallbackChannel, what_is_refused_is_not_called_back) {
  CallbackBench t({.operations_max = 1});
  ASSERT_TRUE(t.submit(1).has_value());
  EXPECT_EQ(t.submit(2).error(), Errc::queue_full);
  t.answer_all();
  t.adapter->poll(t.now);
  EXPECT_EQ(t.log, Tags{1});
}

TEST(CallbackChannel, a_callback_may_submit_and_its_command_goes_out_though_nothing_follows) {
  CallbackBench t({.queue_entries = 2, .operations_max = 1});
  t.then = [&](std::uint64_t tag) {
    if (tag < 5) {
      EXPECT_TRUE(t.submit(tag + 1).has_value()) << "the operation has left the books before its callback";
    }
  };
  ASSERT_TRUE(t.submit(1).has_value());
  for (int i = 0; i < 5; ++i) {
    t.answer_all();
    t.adapter->poll(t.now);
  }
  EXPECT_EQ(t.log, (Tags{1, 2, 3, 4, 5}));
  EXPECT_TRUE(t.doorbells_valid);
}

TEST(CallbackChannel, a_callback_may_poll_and_sees_no_completion_again) {
  CallbackBench t;
  t.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      t.answer_all();  // 3 and 4, submitted below
      EXPECT_EQ(t.adapter->poll(t.now), 2u);
    }
  };
  ASSERT_TRUE(t.submit(1).has_value());
  ASSERT_TRUE(t.submit(2).has_value());
  t.answer_all();
  ASSERT_TRUE(t.submit(3).has_value());
  ASSERT_TRUE(t.submit(4).has_value());
  EXPECT_EQ(t.adapter->poll(t.now), 2u);
  EXPECT_EQ(t.log, (Tags{1, 3, 4, 2}));
  EXPECT_EQ(t.adapter->outstanding(), 0u);
}

TEST(CallbackChannel, a_callback_may_abort) {
  CallbackBench t({.queue_entries = 2});
  t.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      EXPECT_TRUE(t.adapter->abort(3, t.now).has_value());
      EXPECT_EQ(t.adapter->abort(1, t.now).error(), Errc::not_found);
    }
  };
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    ASSERT_TRUE(t.submit(tag).has_value());
  }
  for (int i = 0; i < 3; ++i) {
    t.answer_all();
    t.adapter->poll(t.now);
  }
  EXPECT_EQ(t.log, (Tags{1, 3, 2}));
  EXPECT_EQ(t.outcomes, (std::vector<Outcome>{Outcome::ok, Outcome::aborted, Outcome::ok}));
}

TEST(CallbackChannel, a_reset_or_removal_may_begin_inside_a_callback) {
  CallbackBench t({.queue_entries = 3});
  t.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      t.channel->control().silence();
      t.channel->control().stop(Outcome::gone, true);
      EXPECT_EQ(t.adapter->poll(t.now), 3u) << "two that were out and one that waited";
      EXPECT_EQ(t.submit(9).error(), Errc::device_gone);
    }
  };
  for (std::uint64_t tag = 1; tag <= 5; ++tag) {
    ASSERT_TRUE(t.submit(tag).has_value());
  }
  t.answer_all();
  t.adapter->poll(t.now);
  EXPECT_EQ(t.log.front(), 1u);
  EXPECT_EQ(t.log.back(), 2u);
  EXPECT_EQ(std::set<std::uint64_t>(t.log.begin(), t.log.end()), (std::set<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(t.log.size(), 5u);
}

TEST(CallbackChannel, close_inside_a_callback_takes_effect_after_the_last_one) {
  CallbackBench t;
  t.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      t.adapter->close(
          [](void* context) {
            auto* bench = static_cast<CallbackBench*>(context);
            bench->log.push_back(1000);
            bench->adapter.reset();
          },
          &t);
      EXPECT_EQ(t.submit(9).error(), Errc::not_ready);
      EXPECT_EQ(t.adapter->poll(t.now), 0u);
    }
  };
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    ASSERT_TRUE(t.submit(tag).has_value());
  }
  const std::vector<spec::Sqe> entries = t.fetch_all();
  t.answer(entries[0]);
  t.answer(entries[1]);
  EXPECT_EQ(t.adapter->poll(t.now), 2u);
  EXPECT_TRUE(t.adapter.has_value()) << "one is still out";
  t.answer(entries[2]);
  EXPECT_EQ(t.adapter->poll(t.now), 1u);
  EXPECT_EQ(t.log, (Tags{1, 2, 3, 1000}));
  EXPECT_FALSE(t.adapter.has_value());
}

TEST(CallbackChannel, the_first_of_several_callbacks_may_destroy_the_adapter) {
  CallbackBench t;
  t.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      t.adapter.reset();
    }
  };
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    ASSERT_TRUE(t.submit(tag).has_value());
  }
  t.answer_all();
  EXPECT_EQ(t.adapter->poll(t.now), 3u);
  EXPECT_EQ(t.log, (Tags{1, 2, 3})) << "what the poll had taken is still called back";
}

TEST(CallbackChannel, a_nested_poll_may_destroy_the_adapter_under_the_outer_one) {
  CallbackBench t;
  t.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      t.answer_all();
      t.adapter->poll(t.now);
    } else if (tag == 3) {
      t.adapter.reset();
    }
  };
  ASSERT_TRUE(t.submit(1).has_value());
  ASSERT_TRUE(t.submit(2).has_value());
  t.answer_all();
  ASSERT_TRUE(t.submit(3).has_value());
  EXPECT_EQ(t.adapter->poll(t.now), 2u);
  EXPECT_EQ(t.log, (Tags{1, 3, 2}));
}

TEST(CallbackChannel, closing_an_idle_adapter_waits_for_the_next_poll) {
  CallbackBench t;
  t.adapter->close([](void* context) { static_cast<CallbackBench*>(context)->log.push_back(1000); }, &t);
  EXPECT_TRUE(t.log.empty());
  t.adapter->poll(t.now);
  t.adapter->poll(t.now);
  EXPECT_EQ(t.log, Tags{1000});
}

TEST(CallbackChannel, tags_that_share_a_bucket_are_kept_apart) {
  CallbackBench t;
  const Tags tags{7, 7 + 16, 7 + 32, 8, 7 + 160};
  for (const std::uint64_t tag : tags) {
    ASSERT_TRUE(t.submit(tag).has_value());
  }
  std::vector<spec::Sqe> entries = t.fetch_all();
  for (const std::size_t i : {2u, 0u, 4u, 1u, 3u}) {
    t.answer(entries[i]);
  }
  t.adapter->poll(t.now);
  EXPECT_EQ(t.log, (Tags{7 + 32, 7, 7 + 160, 7 + 16, 8}));
}

}  // namespace
}  // namespace phasebit::driver
