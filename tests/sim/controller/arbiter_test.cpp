#include "sim/controller/arbiter.hpp"

#include <gtest/gtest.h>

namespace phasebit::sim {
namespace {

using spec::QueuePriority;

/// Queues that are always full of work, and the order in which they are served.
class ArbiterTest : public testing::Test {
 protected:
  void add(std::uint16_t qid, QueuePriority priority = QueuePriority::urgent) {
    SubmissionQueue& queue = queues.make_submission(Qid{qid}, Qid{0}, 64);
    queue.priority = priority;
    queue.tail = 63;
  }
  std::string serve(int count, Arbiter::Eligible eligible = {}) {
    std::string order;
    for (int i = 0; i < count && arbiter.has_work(queues, eligible); ++i) {
      const Qid qid = arbiter.pick(queues, eligible);
      order += static_cast<char>('0' + qid.value);
    }
    return order;
  }

  ArbiterTest() { queues.make_completion(Qid{0}, 64); }
  Queues queues{9, 9, std::pmr::get_default_resource()};
  Arbiter arbiter;
};

TEST_F(ArbiterTest, serves_every_queue_in_turn_the_admin_queue_too) {
  add(0);
  add(1);
  add(3);
  arbiter.configure(spec::Ams::round_robin, spec::Arbitration{});
  EXPECT_EQ(serve(7), "1301301");
}

TEST_F(ArbiterTest, lets_a_queue_launch_a_burst_in_its_turn) {
  add(1);
  add(2);
  arbiter.configure(spec::Ams::round_robin, spec::Arbitration{}.with(spec::Arbitration::ab, 2));
  EXPECT_EQ(serve(10), "1111222211");
}

TEST_F(ArbiterTest, passes_the_turn_on_when_a_queue_runs_dry_within_its_burst) {
  add(1);
  add(2);
  arbiter.configure(spec::Ams::round_robin, spec::Arbitration{}.with(spec::Arbitration::ab, 7));
  EXPECT_EQ(serve(3), "111");
  queues.submission(Qid{1})->head = queues.submission(Qid{1})->tail;
  EXPECT_EQ(serve(3), "222");
}

TEST_F(ArbiterTest, serves_admin_first_then_urgent_then_classes_by_weight) {
  add(1, QueuePriority::high);
  add(2, QueuePriority::medium);
  add(3, QueuePriority::low);
  const auto weights = spec::Arbitration{}.with(spec::Arbitration::hpw, 3).with(spec::Arbitration::mpw, 1).with(spec::Arbitration::lpw, 0);
  arbiter.configure(spec::Ams::weighted_round_robin, weights);
  EXPECT_EQ(serve(14), "11112231111223");
  add(4, QueuePriority::urgent);
  EXPECT_EQ(serve(3), "444");
  add(0);
  EXPECT_EQ(serve(3), "000");
}

TEST_F(ArbiterTest, takes_turns_within_a_class) {
  add(1, QueuePriority::medium);
  add(5, QueuePriority::medium);
  add(6, QueuePriority::low);
  arbiter.configure(spec::Ams::weighted_round_robin, spec::Arbitration{}.with(spec::Arbitration::mpw, 3));
  EXPECT_EQ(serve(10), "1515615156");
}

TEST_F(ArbiterTest, leaves_out_what_is_not_eligible_or_empty) {
  EXPECT_EQ(serve(1), "");
  add(0);
  add(1);
  EXPECT_EQ(serve(3, {false, true}), "111");
  EXPECT_EQ(serve(3, {true, false}), "000");
  EXPECT_FALSE(arbiter.has_work(queues, {false, false}));
}

}  // namespace
}  // namespace phasebit::sim
