// What a user may do to a whole driver from inside a callback. Every operation is called back once, whatever it is.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "src/driver/callback_channel.hpp"
#include "src/driver/driver_channel.hpp"
#include "tests/support/driver_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::Script;

/// A ready driver, and a channel of four commands whose user wants to be called.
class CallbacksBench : public DriverBench {
 public:
  explicit CallbacksBench(const ChannelOptions& options = {.operations_max = 64, .commands_max = 4}) {
    EXPECT_TRUE(run_until_ready());
    open(options);
    buffer = drive.allocate_dma(4096).value();
    run_for(milliseconds(5));
    drive.script = [this](std::uint16_t qid, const spec::Sqe& sqe) {
      return Script{.drop = qid != 0 && sqe.cdw10 >= answered};  // the LBA is the tag
    };
  }

  CallbacksBench(const CallbacksBench&) = delete;
  CallbacksBench& operator=(const CallbacksBench&) = delete;
  ~CallbacksBench() {
    if (calls != nullptr && calls->outstanding() > 0) {
      (void)calls.release();  // the test has failed, and shall be the one to say so
    }
  }

  /// Another channel in the place of the last, which nothing is left of.
  void open(const ChannelOptions& options = {}) {
    calls.reset();
    id = driver->create_channel(options, now).value();
    channel.emplace(*driver, id);
    calls = std::make_unique<CallbackChannel<DriverChannel>>(*channel, 64, std::pmr::new_delete_resource());
  }

  Result<void> submit(std::uint64_t tag) {
    const DmaRegion block = buffer.slice(0, 512);
    const Operation write{.tag = tag, .opcode = spec::NvmOpcode::write, .lba = Lba{tag}, .blocks = 1, .buffers = {&block, 1}};
    const Result<void> result = calls->submit(write, &CallbacksBench::called, this, now);
    accepted += result.has_value();
    return result;
  }
  void submit(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t tag = first; tag <= last; ++tag) {
      ASSERT_TRUE(submit(tag)) << tag;
    }
  }
  /// Both planes take turns until all that was accepted was called back, and for a while after, lest something is called back twice.
  bool run_until_all_called() {
    const auto called_all = [this] {
      calls->poll(now);
      return outcomes.size() >= accepted;
    };
    const bool came = run_until(called_all, seconds(20));
    const Instant end = now + milliseconds(300);
    run_until([&] { return called_all() && (now >= end || is_over()); }, seconds(1));
    return came && twice == 0 && calls->outstanding() == 0 && outcomes.size() == accepted;
  }
  std::size_t called_with(Outcome outcome) const {
    return static_cast<std::size_t>(
        std::count_if(outcomes.begin(), outcomes.end(), [&](const auto& entry) { return entry.second == outcome; }));
  }

  ChannelId id;
  std::optional<DriverChannel> channel;
  std::unique_ptr<CallbackChannel<DriverChannel>> calls;
  std::uint64_t answered = 1000;  ///< writes of this tag and later are lost
  std::size_t accepted = 0;
  std::map<std::uint64_t, Outcome> outcomes;  ///< by tag
  std::size_t twice = 0;
  std::function<void(std::uint64_t tag)> then;  ///< what a callback does

 private:
  static void called(void* context, const OperationResult& result) {
    auto* bench = static_cast<CallbacksBench*>(context);
    bench->twice += !bench->outcomes.emplace(result.tag, result.outcome).second;
    if (bench->then) {
      bench->then(result.tag);
    }
  }
};

TEST(CallbacksOfADriver, submit_anew_through_a_channel_that_was_full) {
  CallbacksBench bench({.operations_max = 1, .commands_max = 1});
  bench.then = [&](std::uint64_t tag) {
    if (tag < 100) {
      EXPECT_TRUE(bench.submit(tag + 1)) << tag;
      EXPECT_EQ(bench.submit(999).error(), Errc::queue_full);
    }
  };
  ASSERT_TRUE(bench.submit(1));
  ASSERT_TRUE(bench.run_until_all_called());
  EXPECT_EQ(bench.outcomes.size(), 100u);
  EXPECT_EQ(bench.called_with(Outcome::ok), 100u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(CallbacksOfADriver, abort_what_waits_and_hear_of_it_once) {
  CallbacksBench bench;
  bench.submit(1, 8);
  bench.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      EXPECT_TRUE(bench.calls->abort(8, bench.now));
      EXPECT_EQ(bench.calls->abort(1, bench.now).error(), Errc::not_found) << "it has left the books";
    }
  };
  ASSERT_TRUE(bench.run_until_all_called());
  EXPECT_EQ(bench.called_with(Outcome::ok) + bench.called_with(Outcome::aborted), 8u);
  EXPECT_LE(bench.called_with(Outcome::aborted), 1u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(CallbacksOfADriver, reset_the_controller) {
  CallbacksBench bench;
  bench.answered = 3;
  bench.submit(1, 8);  // two are answered, four are lost, two wait
  bench.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      bench.driver->reset(bench.now);
      bench.driver->poll(bench.now);
      EXPECT_EQ(bench.driver->state(), State::recovering);
      EXPECT_TRUE(bench.submit(100)) << "it goes out after the reset";
      bench.calls->poll(bench.now);
      bench.answered = 1000;
    } else if (tag == 100) {
      EXPECT_TRUE(bench.submit(101));
    }
  };
  ASSERT_TRUE(bench.run_until_all_called());
  EXPECT_EQ(bench.outcomes.size(), 10u);
  for (const auto& [tag, outcome] : bench.outcomes) {
    EXPECT_EQ(outcome, tag >= 3 && tag <= 6 ? Outcome::reset : Outcome::ok) << tag;
  }
  EXPECT_EQ(bench.drive.resets, 1u);
  EXPECT_TRUE(bench.is_ready());
  EXPECT_EQ(bench.complaint(), "");
}

TEST(CallbacksOfADriver, shut_the_driver_down) {
  for (const Shutdown how : {Shutdown::orderly, Shutdown::abrupt}) {
    CallbacksBench bench;
    bench.answered = 3;
    bench.submit(1, 8);
    bench.then = [&](std::uint64_t tag) {
      if (tag == 1) {
        bench.driver->shutdown(how, bench.now);
        EXPECT_EQ(bench.submit(9).error(), Errc::not_ready);
        bench.driver->poll(bench.now);
        bench.calls->poll(bench.now);
      }
    };
    ASSERT_TRUE(bench.run_until_all_called());
    ASSERT_TRUE(bench.run_until_over());
    EXPECT_EQ(bench.driver->state(), State::detached);
    EXPECT_EQ(bench.outcomes.size(), 8u);
    EXPECT_GE(bench.called_with(Outcome::ok), 2u);
    EXPECT_EQ(bench.outcomes.at(8), Outcome::aborted) << "never sent";
    EXPECT_NE(bench.outcomes.at(3), Outcome::ok);
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(CallbacksOfADriver, say_that_the_function_is_gone) {
  CallbacksBench bench;
  bench.answered = 3;
  bench.submit(1, 8);
  bench.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      bench.drive.gone = true;
      bench.driver->removed(bench.now);
      EXPECT_EQ(bench.driver->state(), State::gone);
      EXPECT_EQ(bench.submit(9).error(), Errc::device_gone);
      EXPECT_EQ(bench.calls->poll(bench.now), 6u) << "four that were out and two that waited";
    }
  };
  ASSERT_TRUE(bench.run_until_all_called());
  EXPECT_EQ(bench.called_with(Outcome::ok), 2u) << "answered before";
  EXPECT_EQ(bench.called_with(Outcome::gone), 6u);
}

TEST(CallbacksOfADriver, destroy_their_channel_while_others_are_out) {
  CallbacksBench bench;
  bench.answered = 3;
  bench.submit(1, 60);  // more than a poll takes at once
  const ChannelId first = bench.id;
  bench.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      EXPECT_TRUE(bench.driver->destroy_channel(first, bench.now));
      EXPECT_EQ(bench.submit(99).error(), Errc::not_ready);
      bench.driver->poll(bench.now);
      bench.calls->poll(bench.now);
      EXPECT_TRUE(bench.driver->has_channel(first)) << "others are out";
    }
  };
  ASSERT_TRUE(bench.run_until_all_called());
  EXPECT_EQ(bench.outcomes.size(), 60u);
  EXPECT_EQ(bench.called_with(Outcome::ok), 2u);
  EXPECT_GE(bench.called_with(Outcome::aborted), 54u) << "never sent";
  ASSERT_TRUE(bench.run_until([&] { return !bench.driver->has_channel(first); }, seconds(5)));
  EXPECT_EQ(bench.submit(99).error(), Errc::not_found);
  EXPECT_EQ(bench.calls->abort(99, bench.now).error(), Errc::not_found);
  EXPECT_EQ(bench.calls->poll(bench.now), 0u);

  ASSERT_TRUE(bench.run_until_ready());
  bench.then = nullptr;
  bench.answered = 1000;
  bench.open();
  bench.run_for(milliseconds(5));
  bench.submit(101, 104);
  ASSERT_TRUE(bench.run_until_all_called());
  EXPECT_EQ(bench.called_with(Outcome::ok), 6u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(CallbacksOfADriver, destroy_a_driver_that_has_ended) {
  CallbacksBench bench;
  bench.submit(1, 8);
  bench.then = [&](std::uint64_t tag) {
    if (tag == 1) {
      bench.drive.gone = true;
      bench.driver->removed(bench.now);
    }
    if (bench.outcomes.size() == 8) {
      bench.calls.reset();
      destroy_any_driver(std::exchange(bench.driver, nullptr));
    }
  };
  for (int turns = 0; turns < 10 && bench.driver != nullptr; ++turns) {
    bench.drive.step();
    bench.calls->poll(bench.now);
  }
  EXPECT_EQ(bench.driver, nullptr);
  EXPECT_EQ(bench.outcomes.size(), 8u);
  EXPECT_EQ(bench.twice, 0u);
  EXPECT_EQ(bench.drive.allocation_count(), 1u) << "the test's own buffer";
}

/// Each of these things, by each of the callbacks, with polls inside it or without.
TEST(CallbacksOfADriver, lose_nothing_whatever_they_do_and_whichever_does_it) {
  using Deed = std::function<void(CallbacksBench&)>;
  const std::vector<Deed> deeds{
      [](CallbacksBench& bench) { bench.driver->reset(bench.now); },
      [](CallbacksBench& bench) { bench.driver->shutdown(Shutdown::orderly, bench.now); },
      [](CallbacksBench& bench) { bench.driver->shutdown(Shutdown::abrupt, bench.now); },
      [](CallbacksBench& bench) { bench.driver->removed(bench.now); },
      [](CallbacksBench& bench) { bench.drive.gone = true; },
      [](CallbacksBench& bench) { EXPECT_TRUE(bench.driver->destroy_channel(bench.id, bench.now)); },
  };
  for (std::size_t deed = 0; deed < deeds.size(); ++deed) {
    for (std::uint64_t who = 1; who <= 12; ++who) {
      for (const bool polls : {false, true}) {
        CallbacksBench bench;
        bench.answered = 9;  // of twelve
        bench.submit(1, 12);
        std::size_t called = 0;
        bench.then = [&](std::uint64_t tag) {
          if (++called == who) {
            deeds[deed](bench);
          }
          if (polls) {
            bench.driver->poll(bench.now);
            bench.calls->poll(bench.now);
          }
          if (tag <= 12) {
            (void)bench.submit(tag + 100);
          }
        };
        ASSERT_TRUE(bench.run_until_all_called())
            << deed << ' ' << who << ' ' << polls << ": " << bench.outcomes.size() << " of " << bench.accepted << ", twice " << bench.twice;
        ASSERT_GE(called, 12u);
      }
    }
  }
}

}  // namespace
}  // namespace phasebit::driver
