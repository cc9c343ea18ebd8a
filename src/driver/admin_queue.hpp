// The admin queue: who uses each of its slots, and until when the answer may take.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "src/driver/dma_memory.hpp"
#include "src/driver/queue_pair.hpp"
#include "src/driver/types.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::driver {

/// Whose an admin command is.
enum class AdminUse : std::uint8_t {
  lane,         ///< the driver's own, one at a time
  abort,        ///< an Abort of ours
  async_event,  ///< an Asynchronous Event Request; it never times out
  user,
};

/// What is known of an outstanding admin command beside its tag.
struct AdminCommand {
  AdminUse use = AdminUse::lane;
  std::uint8_t user_slot = 0;  ///< of AdminUse::user
  bool is_late = false;        ///< its abort was asked for
  Instant deadline = never;    ///< after is_late: when its patience ends in a reset
};

/// Tags of the driver's own commands begin with this, so that no operation of a user's is taken for one.
inline constexpr std::uint64_t driver_tag_base = 0xffff'0000'0000'0000ull;

template <Backend B>
class AdminQueue {
 public:
  struct Memory {
    DmaMemory<B> submissions;
    DmaMemory<B> completions;
  };

  static Result<Memory> take_memory(B& backend, std::uint32_t entries, std::uint32_t page_bytes) {
    auto submissions = DmaMemory<B>::take(backend, std::uint64_t{entries} * spec::sqe_bytes, page_bytes);
    auto completions = DmaMemory<B>::take(backend, std::uint64_t{entries} * spec::cqe_bytes, page_bytes);
    if (!submissions || !completions) {
      return fail(submissions ? completions.error() : submissions.error());
    }
    return Memory{std::move(*submissions), std::move(*completions)};
  }

  AdminQueue(B& backend, Memory memory, std::uint32_t entries, spec::Cap cap, bool generations, std::pmr::memory_resource* host_memory)
      : memory_(std::move(memory)),
        pair_(backend, setup(entries, cap, generations), host_memory),
        commands_(pair_.slots().size(), host_memory) {}

  Iova submissions() const { return memory_.submissions.region().iova; }
  Iova completions() const { return memory_.completions.region().iova; }
  QueueControl& control() { return pair_.control(); }
  const Statistics& statistics() const { return pair_.statistics(); }

  /// All slots, free or not.
  std::uint32_t size() const { return static_cast<std::uint32_t>(commands_.size()); }
  /// Slots that are free, both in the pool and in the ring.
  std::uint32_t available() const { return std::min(pair_.slots().available(), pair_.free_entries(0)); }
  std::uint32_t outstanding(AdminUse use) const { return outstanding_[static_cast<std::size_t>(use)]; }
  bool is_live() { return pair_.is_live(); }

  /// Sends at once.
  Result<Cid> send(const spec::Sqe& sqe, const AdminCommand& command, std::uint64_t tag) {
    const auto cid = pair_.push(sqe, tag);
    if (cid) {
      commands_[pair_.slots().find(*cid)] = command;
      ++outstanding_[static_cast<std::size_t>(command.use)];
      pair_.ring();
    }
    return cid;
  }

  /// Gives the ends of commands to `sink(const AdminCommand&, const Completion&)`. One ring's worth at most.
  template <class Sink>
  std::uint32_t reap(Sink&& sink) {
    return pair_.reap_into(pair_.slots().size(), [&](const Completion& completion) {
      const AdminCommand command = commands_[completion.slot];
      --outstanding_[static_cast<std::size_t>(command.use)];
      sink(command, completion);
      return command.is_late ? SlotFate::doubtful : SlotFate::free;
    });
  }

  /// Calls `late(AdminCommand&, Cid)` for each outstanding command whose deadline has passed; it sets a new one. Returns the next deadline.
  template <class Late>
  Instant visit_late(Instant now, Late&& late) {
    Instant next = never;
    for (std::uint32_t slot = 0; slot < commands_.size(); ++slot) {
      const std::uint32_t cid = pair_.slots()[slot].live_cid;
      if (cid == CommandSlots::none) {
        continue;
      }
      if (now >= commands_[slot].deadline) {
        late(commands_[slot], Cid{static_cast<std::uint16_t>(cid)});
      }
      next = std::min(next, commands_[slot].deadline);
    }
    return next;
  }

 private:
  QueueSetup setup(std::uint32_t entries, spec::Cap cap, bool generations) {
    submission_ = {.qid = admin_qid,
                   .entries = entries,
                   .memory = memory_.submissions.region(),
                   .doorbell_offset = doorbell(cap, spec::DoorbellKind::submission_tail)};
    return {.completion_qid = admin_qid,
            .completion_entries = entries,
            .completion_memory = memory_.completions.region(),
            .completion_doorbell_offset = doorbell(cap, spec::DoorbellKind::completion_head),
            .submissions = {&submission_, 1},
            .commands_max = CommandSlots::slots_max,
            .generations = generations};
  }
  static std::uint32_t doorbell(spec::Cap cap, spec::DoorbellKind kind) {
    return static_cast<std::uint32_t>(spec::doorbell_offset(cap, admin_qid, kind));
  }

  Memory memory_;
  SubmissionSetup submission_{};
  QueuePair<B> pair_;
  std::pmr::vector<AdminCommand> commands_;  ///< by slot
  std::array<std::uint32_t, 4> outstanding_{};
};

}  // namespace phasebit::driver
