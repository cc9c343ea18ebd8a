// The controller's queues as they can be known from outside: from AQA, ASQ and ACQ, and from the commands that make and delete queues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory_resource>
#include <span>
#include <vector>

#include "scenarios/interpose/completion_view.hpp"
#include "scenarios/interpose/host_regions.hpp"
#include "scenarios/interpose/recorder.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::scenarios {

/// A submission queue. `memory` is nullptr where the host's end of it is not known (not contiguous, or never mapped): its entries are then
/// not seen.
struct SubmissionView {
  bool exists = false;
  std::uint32_t entries = 0;
  const std::byte* memory = nullptr;
  std::uint32_t tail = 0;
  std::uint16_t newest_head = 0;  ///< SQHD of the last completion that the device wrote
};

/// Emits queue_made and queue_deleted.
class QueueViews {
 public:
  QueueViews(Recorder& recorder, const HostRegions& regions, std::pmr::memory_resource* memory)
      : recorder_(recorder), regions_(regions), memory_(memory), submissions_(memory), completions_(memory) {}

  void make_admin(spec::Aqa aqa, Iova asq, Iova acq);
  void make(const spec::CreateIoSubmissionQueue& create);
  /// `slots_with_phase`: counted when the command was handed over.
  void make(const spec::CreateIoCompletionQueue& create, std::uint32_t slots_with_phase);
  void remove_submission(Qid qid);
  void remove_completion(Qid qid);
  /// Slots of such a queue whose phase bit is 1 now; 0 if the memory is not known.
  std::uint32_t slots_with_phase(Iova base, std::uint32_t entries) const;

  /// The controller was disabled, or is enabled anew: no submission queue is left; the host may still look at what the completion queues
  /// hold.
  void close_all();
  /// The function is gone.
  void freeze_all();
  /// The memory is the host's own again.
  void forget_memory(std::span<const std::byte> memory);

  /// nullptr if there is none.
  SubmissionView* submission(Qid qid);
  CompletionView* completion(Qid qid);
  /// The queue whose entries the dword is one of, closed ones included.
  CompletionView* containing(const Le32& dword) {
    for (CompletionView& view : completions_) {
      if (view.contains(dword)) {
        return &view;
      }
    }
    return nullptr;
  }
  /// When the first of them shows something by itself.
  Instant next_due() const;

 private:
  void make_way(Qid qid, std::span<const std::byte> ring);
  void make_submission(Qid qid, Qid cqid, std::uint32_t entries, Iova base, bool contiguous);
  void make_completion(Qid qid, std::uint32_t entries, Iova base, bool contiguous, std::uint32_t slots_with_phase);

  Recorder& recorder_;
  const HostRegions& regions_;
  std::pmr::memory_resource* memory_;
  std::pmr::vector<SubmissionView> submissions_;  ///< by QID
  std::pmr::list<CompletionView> completions_;    ///< the newest first; they stay at their addresses
};

}  // namespace phasebit::scenarios
