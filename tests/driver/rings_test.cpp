// Both rings against models that count entries ever instead of keeping slots: every reachable state of every size up to 5.
#include <gtest/gtest.h>

#include <set>
#include <tuple>
#include <vector>

#include "src/driver/completion_ring.hpp"
#include "src/driver/submission_ring.hpp"
#include "tests/support/memory_backend.hpp"
#include "tests/support/queue_player.hpp"

namespace phasebit::driver {
namespace {

using testing::MemoryBackend;
using testing::QueuePlayer;
using testing::RegisterWrite;

constexpr std::uint32_t doorbell = 0x1008;

struct SubmissionModel {
  std::uint64_t fetched = 0, published = 0, written = 0;  // entries ever
};

class SubmissionStates {
 public:
  explicit SubmissionStates(std::uint32_t entries) : entries_(entries) {
    memory_ = *backend_.allocate_dma(std::uint64_t{entries} * spec::sqe_bytes);
    visit(SubmissionRing<MemoryBackend>(backend_, memory_, entries, doorbell), {});
  }
  std::size_t count() const { return seen_.size(); }

 private:
  void visit(const SubmissionRing<MemoryBackend>& ring, const SubmissionModel& model) {
    EXPECT_EQ(ring.head(), model.fetched % entries_);
    EXPECT_EQ(ring.tail(), model.written % entries_);
    EXPECT_EQ(ring.free(), entries_ - 1 - (model.written - model.fetched));
    if (!seen_.insert({model.fetched % entries_, model.published % entries_, model.written - model.fetched}).second) {
      return;
    }
    if (model.written - model.fetched < entries_ - 1) {
      auto next = ring;
      EXPECT_EQ(reinterpret_cast<std::byte*>(&next.next()), memory_.data + model.written % entries_ * spec::sqe_bytes);
      next.advance();
      visit(next, {model.fetched, model.published, model.written + 1});
    }
    auto rung = ring;
    backend_.writes.clear();
    const bool grown = model.written != model.published;
    EXPECT_EQ(rung.ring(), grown);
    const std::vector<RegisterWrite> expected(grown ? 1 : 0, RegisterWrite{doorbell, model.written % entries_});
    EXPECT_EQ(backend_.writes, expected);
    visit(rung, {model.fetched, model.written, model.written});
    for (std::uint32_t head = 0; head <= entries_ + 1; ++head) {
      take_head(ring, model, head);
    }
  }
  void take_head(SubmissionRing<MemoryBackend> ring, SubmissionModel model, std::uint32_t head) {
    std::uint64_t fetched = model.fetched;
    while (fetched < model.published && fetched % entries_ != head) {
      ++fetched;
    }
    const bool possible = fetched % entries_ == head;
    EXPECT_EQ(ring.take_head(head), possible);
    model.fetched = possible ? fetched : model.fetched;
    visit(ring, model);
  }

  MemoryBackend backend_;
  DmaRegion memory_;
  std::uint32_t entries_;
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> seen_;
};

TEST(SubmissionRing, agrees_with_the_model_in_every_state_of_every_size_up_to_5) {
  for (std::uint32_t entries = 2; entries <= 5; ++entries) {
    // Head anywhere, then as many entries as fit, of which any number is published.
    EXPECT_EQ(SubmissionStates(entries).count(), entries * entries * (entries + 1) / 2) << entries;
  }
}

TEST(SubmissionRing, of_65536_entries_wraps_at_65536) {
  MemoryBackend backend;
  const DmaRegion memory = *backend.allocate_dma(65536ull * spec::sqe_bytes);
  SubmissionRing<MemoryBackend> ring(backend, memory, 65536, doorbell);
  EXPECT_EQ(ring.free(), 65535u);
  for (std::uint32_t i = 0; i < 65535; ++i) {
    ring.next();
    ring.advance();
  }
  EXPECT_EQ(ring.free(), 0u);
  ring.ring();
  EXPECT_TRUE(ring.take_head(65535));
  ring.next();
  ring.advance();
  EXPECT_TRUE(ring.ring());
  EXPECT_EQ(backend.writes.back(), (RegisterWrite{doorbell, 0}));
}

// One step of a completion ring's life.
enum class Step { post, take, ring };

struct CompletionState {
  std::uint64_t posted = 0, taken = 0, acknowledged = 0;  // entries ever
};

class CompletionStates {
 public:
  explicit CompletionStates(std::uint32_t entries) : entries_(entries) { visit({}, {}); }
  std::size_t count() const { return seen_.size(); }

 private:
  // The ring's memory is part of the state, so each path is walked again from the start.
  void visit(const std::vector<Step>& path, CompletionState state) {
    walk(path, state);
    const std::uint64_t lap = 2ull * entries_;
    if (!seen_.insert({state.taken % lap, state.posted - state.taken, state.taken - state.acknowledged}).second) {
      return;
    }
    if (state.posted - state.acknowledged < entries_ - 1) {
      visit(with(path, Step::post), {state.posted + 1, state.taken, state.acknowledged});
    }
    visit(with(path, Step::take), {state.posted, state.taken + (state.taken < state.posted), state.acknowledged});
    visit(with(path, Step::ring), {state.posted, state.taken, state.taken});
  }
  static std::vector<Step> with(std::vector<Step> path, Step step) {
    path.push_back(step);
    return path;
  }
  void walk(const std::vector<Step>& path, const CompletionState& end) {
    MemoryBackend backend;
    const DmaRegion memory = *backend.allocate_dma(std::uint64_t{entries_} * spec::cqe_bytes);
    std::memset(memory.data, 0xff, memory.bytes);  // as an earlier life may have left it
    CompletionRing<MemoryBackend> ring(backend, memory, entries_, doorbell);
    QueuePlayer device(memory, entries_);
    device.add_submission(Qid{1}, memory, entries_);
    CompletionState state;
    for (const Step step : path) {
      if (step == Step::post) {
        device.complete(Cid{static_cast<std::uint16_t>(state.posted++)});
      } else if (step == Step::take) {
        spec::CqeDwords entry{};
        ASSERT_EQ(ring.take(entry), state.taken < state.posted);
        if (state.taken < state.posted) {
          ASSERT_EQ(spec::cid_of(spec::CqeDword3{entry[3]}).value, state.taken++);
        }
      } else {
        backend.writes.clear();
        ASSERT_EQ(ring.ring(), state.taken != state.acknowledged);
        ASSERT_EQ(backend.writes.empty(), state.taken == state.acknowledged);
        ASSERT_TRUE(backend.writes.empty() || device.head_doorbell(backend.writes[0].value));
        state.acknowledged = state.taken;
      }
    }
    EXPECT_EQ(state.posted, end.posted);
    EXPECT_EQ(state.taken, end.taken);
    EXPECT_EQ(ring.head().slot, state.taken % entries_);
    EXPECT_EQ(ring.head().phase, state.taken / entries_ % 2 == 0);
  }

  std::uint32_t entries_;
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> seen_;
};

TEST(CompletionRing, agrees_with_the_model_in_every_state_of_every_size_up_to_5) {
  for (std::uint32_t entries = 2; entries <= 5; ++entries) {
    // Head anywhere in two laps, and at most entries - 1 slots that the controller may not touch, of which any number was taken.
    EXPECT_EQ(CompletionStates(entries).count(), 2 * entries * entries * (entries + 1) / 2) << entries;
  }
}

TEST(CompletionRing, memory_of_an_earlier_life_never_looks_new) {
  MemoryBackend backend;
  const DmaRegion memory = *backend.allocate_dma(std::uint64_t{7} * spec::cqe_bytes);
  std::memset(memory.data, 0xff, memory.bytes);
  CompletionRing<MemoryBackend> ring(backend, memory, 7, doorbell);
  spec::CqeDwords entry{};
  EXPECT_FALSE(ring.take(entry));
  std::memset(memory.data, 0xff, std::size_t{7} * spec::cqe_bytes);
  ring.rewind();
  EXPECT_FALSE(ring.take(entry));
}

TEST(CompletionRing, loads_the_phase_before_anything_else) {
  MemoryBackend backend;
  const DmaRegion memory = *backend.allocate_dma(std::uint64_t{4} * spec::cqe_bytes);
  CompletionRing<MemoryBackend> ring(backend, memory, 4, doorbell);
  QueuePlayer device(memory, 4);
  device.add_submission(Qid{1}, memory, 4);
  // The whole entry lands between the host's first load and its second.
  std::vector<bool> acquires;
  backend.before_load = [&](const Le32*, bool acquire) {
    if (acquires.size() == 1) {
      device.complete(Cid{5}, {}, 0x1234);
    }
    acquires.push_back(acquire);
  };
  spec::CqeDwords entry{};
  EXPECT_FALSE(ring.take(entry));
  EXPECT_EQ(acquires, std::vector<bool>{true}) << "an old phase is reason enough to look no further";
  EXPECT_TRUE(ring.take(entry));
  EXPECT_EQ(acquires, (std::vector<bool>{true, true, false, false, false}));
  EXPECT_EQ(entry[0], 0x1234u);
}

TEST(CompletionRing, a_controller_that_overruns_it_is_not_followed) {
  MemoryBackend backend;
  const DmaRegion memory = *backend.allocate_dma(std::uint64_t{4} * spec::cqe_bytes);
  CompletionRing<MemoryBackend> ring(backend, memory, 4, doorbell);
  QueuePlayer device(memory, 4);
  device.add_submission(Qid{1}, memory, 4);
  for (int i = 0; i < 4; ++i) {
    device.complete(Cid{0});
  }
  spec::CqeDwords entry{};
  EXPECT_TRUE(ring.take(entry));
  EXPECT_TRUE(ring.take(entry));
  EXPECT_TRUE(ring.take(entry));
  EXPECT_FALSE(ring.take(entry)) << "a fourth would bring the head back to the value that the doorbell already holds";
  EXPECT_TRUE(ring.ring());
  EXPECT_EQ(backend.writes, (std::vector<RegisterWrite>{{doorbell, 3}}));
  EXPECT_TRUE(ring.take(entry));
}

}  // namespace
}  // namespace phasebit::driver
