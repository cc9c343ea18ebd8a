// Completions on their way to host memory: waiting for room, held back, torn or otherwise made wrong by faults, and posted.
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "sim/controller/command.hpp"
#include "sim/controller/queues.hpp"
#include "sim/controller/wiring.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"
#include "src/spec/completion.hpp"

namespace phasebit::sim {

/// What the completer tells of.
struct CompletionListener {
  virtual ~CompletionListener() = default;
  /// The first (or only) entry for this command has been posted, or never will be: it is not in flight any more.
  virtual void on_answered(CommandIndex index) = 0;
  /// Host memory refused an entry.
  virtual void on_refused() = 0;
};

/// What becomes a completion queue entry.
struct Completion {
  Qid cqid;
  Qid sqid;
  Cid cid;
  spec::Status status;
  std::uint32_t dword0 = 0;
  std::uint32_t dword1 = 0;
  CommandIndex command = CommandIndex::none;  ///< none: it answers no command (a duplicate)
};

class Completer {
 public:
  Completer(const Wiring& wiring, Queues& queues, CompletionListener& listener);

  /// Posts at `due`, or later if the queue is full by then. The fault plan is asked now; `sqe` is the command's. False if a fault drops it.
  bool complete(const Completion& completion, std::span<const std::byte, 64> sqe, Instant due);

  void step(Instant now);
  /// Exact: a full queue is due only after its head doorbell was written.
  Instant next_due() const;

  /// Nothing of this queue, or of any, is posted any more.
  void forget(Qid cqid);
  void forget_all();

  void fingerprint(Hasher& hasher) const;

 private:
  enum class Shape : std::uint8_t { whole, torn, early_phase, stale_phase };
  struct Pending {
    Completion completion;
    Instant due;
    std::uint64_t number = 0;  ///< order of those that are due together
    Shape shape = Shape::whole;
    Duration shape_delay;
    std::uint16_t cid_xor = 0;
    std::uint16_t sqid_xor = 0;
    std::uint16_t sqhd_xor = 0;
    std::uint32_t held_for = 0;  ///< later completions of the queue that have to go first
    bool is_silent = false;      ///< no interrupt tells of it
    Duration copy_after{};       ///< once it is posted it is posted again so much later; 0: it is not
  };
  struct LateDword {
    Qid cqid;
    Instant due;
    std::uint64_t number = 0;
    Iova iova;
    std::uint32_t value = 0;
  };

  void insert(Pending pending);
  void insert_copy(Pending copy, Instant now);
  void post(Pending pending, Instant now);
  void write_entry(const CompletionQueue& queue, const Pending& pending, const spec::CqeDwords& dwords, Iova slot, Instant now);
  void write_later(Qid cqid, Iova slot, std::uint32_t dword, std::uint32_t value, Instant due);
  void let_go_held(Qid cqid, Instant now);
  void write_due_dwords(Instant now);

  Wiring wiring_;
  Queues& queues_;
  CompletionListener& listener_;
  std::uint64_t next_number_ = 0;
  std::pmr::vector<Pending> pending_;  ///< ascending by due and number
  std::pmr::vector<LateDword> late_;   ///< ascending likewise
};

}  // namespace phasebit::sim
