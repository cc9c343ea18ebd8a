// Submission and completion queues as the controller keeps them: where their rings lie, and the indexes of both sides.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "sim/stream/digest.hpp"
#include "src/base/ring_index.hpp"
#include "src/base/strong.hpp"
#include "src/spec/queue_commands.hpp"

namespace phasebit::sim {

/// Where a ring lies: in one piece, or in the pages of a PRP list that the controller has read (CAP.CQR clear).
struct RingMemory {
  explicit RingMemory(std::pmr::memory_resource* memory) : pages(memory) {}

  Iova base;
  bool contiguous = true;
  std::uint32_t page_bytes = 4096;
  std::uint32_t entry_bytes = 0;
  std::pmr::vector<Iova> pages;  ///< if not contiguous

  Iova slot(std::uint32_t index) const {
    const std::uint64_t offset = std::uint64_t{index} * entry_bytes;
    return contiguous ? base + offset : pages[offset / page_bytes] + offset % page_bytes;
  }
};

/// What came of a doorbell write.
enum class DoorbellResult : std::uint8_t { taken, no_queue, bad_value };

struct SubmissionQueue {
  explicit SubmissionQueue(std::pmr::memory_resource* memory) : ring(memory) {}

  bool exists = false;
  std::uint32_t entries = 0;
  RingMemory ring;
  Qid cqid;
  spec::QueuePriority priority = spec::QueuePriority::urgent;
  std::uint32_t head = 0;  ///< next slot to fetch
  std::uint32_t tail = 0;  ///< the doorbell's value

  bool empty() const { return head == tail; }
  /// More entries than were free, the value that it has already, or one beyond the ring: none is taken (Base 2.0 §3.3.1.5).
  DoorbellResult set_tail(std::uint32_t value);
};

struct CompletionQueue {
  explicit CompletionQueue(std::pmr::memory_resource* memory) : ring(memory) {}

  bool exists = false;
  std::uint32_t entries = 0;
  RingMemory ring;
  bool interrupts = false;
  std::uint16_t vector = 0;
  std::uint32_t head = 0;   ///< the doorbell's value
  std::uint32_t tail = 0;   ///< next slot to post to
  bool phase = true;        ///< of the entry at the tail
  std::uint32_t users = 0;  ///< submission queues that complete here

  bool full() const { return next_slot(tail, entries) == head; }
  void advance();
  /// As for a tail; entries that were never posted cannot be acknowledged.
  DoorbellResult set_head(std::uint32_t value);
};

/// All queues of a controller, by QID; QID 0 is the admin queue. The tables are made once for as many as the drive has.
class Queues {
 public:
  Queues(std::uint32_t submission_queues, std::uint32_t completion_queues, std::pmr::memory_resource* memory);

  /// nullptr if there is no such queue.
  SubmissionQueue* submission(Qid qid);
  CompletionQueue* completion(Qid qid);
  const SubmissionQueue* submission(Qid qid) const { return const_cast<Queues*>(this)->submission(qid); }
  const CompletionQueue* completion(Qid qid) const { return const_cast<Queues*>(this)->completion(qid); }

  /// A queue with this QID that does not exist yet, reset; the caller fills it in.
  SubmissionQueue& make_submission(Qid qid, Qid cqid, std::uint32_t entries);
  CompletionQueue& make_completion(Qid qid, std::uint32_t entries);
  void remove_submission(Qid qid);
  void remove_completion(Qid qid);
  void remove_all();

  /// Beyond the admin queue.
  std::uint32_t io_submission_queues() const { return io_submission_queues_; }
  std::uint32_t io_completion_queues() const { return io_completion_queues_; }
  /// Beyond the largest QID that a submission queue has had since the last reset: where a search may end.
  std::uint32_t submission_end() const { return submission_end_; }

  void fingerprint(Hasher& hasher) const;

 private:
  std::pmr::vector<SubmissionQueue> submission_;
  std::pmr::vector<CompletionQueue> completion_;
  std::uint32_t submission_end_ = 0;
  std::uint32_t io_submission_queues_ = 0;
  std::uint32_t io_completion_queues_ = 0;
};

}  // namespace phasebit::sim
