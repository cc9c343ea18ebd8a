// The queues of a modelled controller: rings by plain head and tail, fetched and posted through a function that finds host memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "src/spec/command.hpp"
#include "src/spec/completion.hpp"

namespace phasebit::testing {

class ModelQueues {
 public:
  using FindMemory = std::function<std::byte*(Iova, std::uint64_t)>;

  struct Submission {
    Iova base;
    std::uint32_t entries = 0;
    std::uint32_t head = 0;
    std::uint32_t tail = 0;
    std::uint16_t cqid = 0;
    std::uint32_t told = 0;  ///< the head, by the last completion
  };
  struct Completion {
    Iova base;
    std::uint32_t entries = 0;
    std::uint32_t head = 0;
    std::uint32_t tail = 0;
    bool phase = true;
  };

  std::map<std::uint16_t, Submission> submissions;
  std::map<std::uint16_t, Completion> completions;
  std::vector<std::string> complaints;
  bool head_stands_still = false;  ///< as completions tell

  void clear() {
    submissions.clear();
    completions.clear();
  }

  void ring_tail(std::uint16_t qid, std::uint32_t tail) {
    const auto found = submissions.find(qid);
    if (found == submissions.end() || tail >= found->second.entries || tail == found->second.tail) {
      complaints.push_back("tail doorbell of queue " + std::to_string(qid) + " with " + std::to_string(tail));
      return;
    }
    found->second.tail = tail;
  }
  void ring_head(std::uint16_t qid, std::uint32_t head) {
    const auto found = completions.find(qid);
    if (found == completions.end() || head >= found->second.entries || head == found->second.head) {
      complaints.push_back("head doorbell of queue " + std::to_string(qid) + " with " + std::to_string(head));
      return;
    }
    found->second.head = head;
  }

  /// The next entry of a queue that has one.
  bool fetch(std::uint16_t qid, const FindMemory& find, spec::Sqe& sqe) {
    Submission& queue = submissions.at(qid);
    if (queue.head == queue.tail) {
      return false;
    }
    const std::byte* entry = find(queue.base + std::uint64_t{queue.head} * sizeof(spec::Sqe), sizeof(spec::Sqe));
    if (entry == nullptr) {
      complaints.push_back("fetch from memory that is nobody's");
      return false;
    }
    std::memcpy(&sqe, entry, sizeof sqe);
    queue.head = (queue.head + 1) % queue.entries;
    return true;
  }

  bool has_room(std::uint16_t sqid) const {
    const Completion& queue = completions.at(submissions.at(sqid).cqid);
    return (queue.tail + 1) % queue.entries != queue.head;
  }

  void post(std::uint16_t sqid, Cid cid, spec::Status status, std::uint32_t dword0, const FindMemory& find) {
    Submission& submission = submissions.at(sqid);
    Completion& queue = completions.at(submission.cqid);
    std::byte* slot = find(queue.base + std::uint64_t{queue.tail} * sizeof(spec::Cqe), sizeof(spec::Cqe));
    if (slot == nullptr) {
      complaints.push_back("completion into memory that is nobody's");
      return;
    }
    spec::Cqe cqe;
    cqe.dw0 = dword0;
    submission.told = head_stands_still ? submission.told : submission.head;
    cqe.sqhd = static_cast<std::uint16_t>(submission.told);
    cqe.sqid = sqid;
    cqe.cid = cid.value;
    cqe.set_status(status, queue.phase);
    std::memcpy(slot, &cqe, sizeof cqe);
    queue.tail = (queue.tail + 1) % queue.entries;
    queue.phase = queue.tail == 0 ? !queue.phase : queue.phase;
  }
};

}  // namespace phasebit::testing
