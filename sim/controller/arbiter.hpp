// Which submission queue is served next (Base 2.0 §3.4.4).
#pragma once

#include <array>
#include <cstdint>

#include "sim/controller/queues.hpp"
#include "sim/stream/digest.hpp"
#include "src/base/strong.hpp"
#include "src/spec/features.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::sim {

/// Round robin, in which the admin queue is a queue like any other; or weighted round robin, in which the admin queue comes first, urgent
/// queues next, and the other three classes share by weight. A queue may launch a burst of commands in its turn.
class Arbiter {
 public:
  /// Which queues may be served at all.
  struct Eligible {
    bool admin = true;
    bool io = true;
  };

  void configure(spec::Ams ams, spec::Arbitration arbitration);
  /// Forgets whose turn it is.
  void reset();

  /// True if some eligible queue has an entry to fetch.
  bool has_work(const Queues& queues, Eligible eligible) const;
  /// The queue to fetch one entry from, its turn noted; `has_work` has to be true.
  Qid pick(const Queues& queues, Eligible eligible);

  void fingerprint(Hasher& hasher) const;

 private:
  static constexpr std::uint32_t classes = 4;  ///< by QueuePriority
  static constexpr std::uint32_t all_classes = classes;
  struct Turn {
    std::uint32_t last = 0;        ///< QID that was served last
    std::uint64_t burst_left = 0;  ///< commands that it may still launch
  };

  std::uint32_t next_of_class(const Queues& queues, Eligible eligible, std::uint32_t priority_class, std::uint32_t after) const;
  bool serves(const Queues& queues, Eligible eligible, std::uint32_t qid, std::uint32_t priority_class) const;
  Qid take_turn(const Queues& queues, Eligible eligible, std::uint32_t priority_class);
  std::uint32_t weight(std::uint32_t priority_class) const;
  std::uint32_t pick_weighted_class(const Queues& queues, Eligible eligible);

  spec::Ams ams_ = spec::Ams::round_robin;
  spec::Arbitration arbitration_;
  std::array<Turn, classes + 1> turns_{};         ///< one for each class, and one for plain round robin
  std::array<std::uint32_t, classes> credits_{};  ///< commands that a weighted class may still launch in this round
};

}  // namespace phasebit::sim
