#include "sim/controller/arbiter.hpp"

#include "src/base/assert.hpp"

namespace phasebit::sim {
namespace {

constexpr std::uint32_t no_queue = ~0u;
constexpr auto urgent = static_cast<std::uint32_t>(spec::QueuePriority::urgent);
constexpr auto high = static_cast<std::uint32_t>(spec::QueuePriority::high);
constexpr auto low = static_cast<std::uint32_t>(spec::QueuePriority::low);

}  // namespace

void Arbiter::configure(spec::Ams ams, spec::Arbitration arbitration) {
  ams_ = ams;
  arbitration_ = arbitration;
}

void Arbiter::reset() {
  turns_ = {};
  credits_ = {};
}

bool Arbiter::serves(const Queues& queues, Eligible eligible, std::uint32_t qid, std::uint32_t priority_class) const {
  if (qid == 0 ? !eligible.admin : !eligible.io) {
    return false;
  }
  const SubmissionQueue* queue = queues.submission(Qid{static_cast<std::uint16_t>(qid)});
  if (queue == nullptr || queue->empty()) {
    return false;
  }
  return priority_class == all_classes || (qid != 0 && static_cast<std::uint32_t>(queue->priority) == priority_class);
}

/// The first queue of the class that has work, looking from the one after `after` round to itself.
std::uint32_t Arbiter::next_of_class(const Queues& queues, Eligible eligible, std::uint32_t priority_class, std::uint32_t after) const {
  const std::uint32_t slots = queues.submission_end();
  for (std::uint32_t i = 1; i <= slots; ++i) {
    const std::uint32_t qid = (after + i) % slots;
    if (serves(queues, eligible, qid, priority_class)) {
      return qid;
    }
  }
  return no_queue;
}

bool Arbiter::has_work(const Queues& queues, Eligible eligible) const {
  return next_of_class(queues, eligible, all_classes, 0) != no_queue;
}

Qid Arbiter::take_turn(const Queues& queues, Eligible eligible, std::uint32_t priority_class) {
  Turn& turn = turns_[priority_class];
  if (turn.burst_left == 0 || !serves(queues, eligible, turn.last, priority_class)) {
    turn.last = next_of_class(queues, eligible, priority_class, turn.last);
    turn.burst_left = spec::arbitration_burst(arbitration_);
  }
  PHASEBIT_ASSERT(turn.last != no_queue);
  --turn.burst_left;
  return Qid{static_cast<std::uint16_t>(turn.last)};
}

std::uint32_t Arbiter::weight(std::uint32_t priority_class) const {
  using spec::Arbitration;
  const std::uint32_t zero_based = priority_class == high  ? arbitration_.get(Arbitration::hpw)
                                   : priority_class == low ? arbitration_.get(Arbitration::lpw)
                                                           : arbitration_.get(Arbitration::mpw);
  return zero_based + 1;
}

/// The highest class that has work and credit left; when none has, a new round begins.
std::uint32_t Arbiter::pick_weighted_class(const Queues& queues, Eligible eligible) {
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t c = high; c <= low; ++c) {
      if (credits_[c] > 0 && next_of_class(queues, eligible, c, 0) != no_queue) {
        --credits_[c];
        return c;
      }
    }
    for (std::uint32_t c = high; c <= low; ++c) {
      credits_[c] = weight(c);
    }
  }
  PHASEBIT_ASSERT(false);
  return low;
}

Qid Arbiter::pick(const Queues& queues, Eligible eligible) {
  if (ams_ != spec::Ams::weighted_round_robin) {
    return take_turn(queues, eligible, all_classes);
  }
  if (serves(queues, eligible, 0, all_classes)) {
    return admin_qid;
  }
  if (next_of_class(queues, eligible, urgent, 0) != no_queue) {
    return take_turn(queues, eligible, urgent);
  }
  return take_turn(queues, eligible, pick_weighted_class(queues, eligible));
}

void Arbiter::fingerprint(Hasher& hasher) const {
  for (const Turn& turn : turns_) {
    hasher.add(turn.last);
    hasher.add(turn.burst_left);
  }
  for (const std::uint32_t credit : credits_) {
    hasher.add(credit);
  }
  hasher.add(ams_);
  hasher.add(arbitration_.raw);
}

}  // namespace phasebit::sim
