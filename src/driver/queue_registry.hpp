// The I/O queues of all channels: which exist at the controller, which are to be made, which to be deleted, and in which order.
// It hands out one command at a time and takes the answer; it never deletes what was not created (Base 2.0 §3.3.1, §5.4 to §5.7).
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/driver/bring_up.hpp"
#include "src/driver/bring_up_script.hpp"
#include "src/driver/queue_control.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

/// What Create needs to know of one queue; QIDs are given by the registry.
struct QueuePlace {
  Iova base{};  ///< in the host's memory
  std::uint32_t entries = 2;
  std::optional<Iova> far_base{};  ///< of a submission queue that is to lie in the controller's memory, while the controller has it there
};

/// The queues of a channel: several submission queues may answer to its one completion queue.
struct ChannelQueues {
  QueuePlace completion;
  std::array<QueuePlace, channel_submission_queues_max> submissions{};
  std::array<spec::QueuePriority, channel_submission_queues_max> priorities{};
  std::uint32_t submission_count = 1;
  bool interrupts = true;  ///< where there are vectors
};

/// The QIDs that a channel was given.
struct ChannelQids {
  Qid completion{};
  std::array<Qid, channel_submission_queues_max> submissions{};
};

class QueueRegistry {
 public:
  /// `interrupt_vectors`: that tell of completions; 0: none does.
  QueueRegistry(std::uint32_t channels_max, std::uint32_t interrupt_vectors, std::pmr::memory_resource* memory)
      : interrupt_vectors_(interrupt_vectors), channels_(channels_max, memory) {}

  // Channels come and go. Here they are named by their places alone; whoever hands out identifiers looks at the rest.

  /// QIDs that are free among `granted` of each kind; `queue_full` if there are not enough.
  Result<ChannelQids> choose_qids(std::uint32_t submission_count, std::uint32_t granted) const;
  /// Its queues are made as soon as the controller can. `control` outlives the entry.
  ChannelId add(const ChannelQueues& queues, const ChannelQids& qids, QueueControl& control);
  bool has(ChannelId channel) const { return channel.index() < channels_.size() && channels_[channel.index()].control != nullptr; }
  /// It is neither closed nor refused.
  bool takes_operations(ChannelId channel) const {
    const Stage stage = channels_[channel.index()].stage;
    return stage == Stage::live || stage == Stage::wanted;
  }
  /// No more is submitted; its queues are deleted when nothing is outstanding on them.
  void close(ChannelId id);
  /// True once the controller has let go of a closed channel's queues.
  bool is_closed(ChannelId channel) const { return channels_[channel.index()].stage == Stage::closed; }
  /// Forgets it.
  void remove(ChannelId channel) { channels_[channel.index()] = Channel{}; }
  std::uint32_t count() const;

  // Making. `row` is create_completion_queues or create_submission_queues.

  /// While held back nothing is made: the namespaces are not yet as they are, and operations would go to what is no more.
  void hold_back(bool held) { is_held_back_ = held; }
  /// Queues that are wanted, and whose owner has obeyed the last stop, are not at the controller.
  bool wants_making() const;
  /// Rows of bring-up that have nothing to make.
  std::uint32_t skips() const;
  /// False also if the channel that wanted to was closed meanwhile.
  bool has_to_make(BringUpRow row) const;
  /// Only if there is one.
  spec::Sqe next_to_make(BringUpRow row);
  Answer made(BringUpRow row, const LaneAnswer& answer, bool may_retry);

  /// No submission queue is to lie in the controller's memory any more; none exists now.
  void leave_controller_memory();
  /// How many submission queues were made there.
  std::uint64_t made_far() const { return made_far_; }

  // Deleting. `idle(ChannelId)` says that nothing is outstanding on a closed channel.

  bool has_submission_queues() const { return find_made(true, false) != nullptr; }
  bool has_completion_queues() const { return find_made(false, false) != nullptr; }
  template <class Idle>
  void let_idle_channels_go(Idle&& idle) {
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      Channel& channel = channels_[i];
      if (channel.stage == Stage::closing && idle(ChannelId(static_cast<std::uint16_t>(i), 0))) {
        channel.stage = Stage::deleting;
        finish_if_gone(channel);
      }
    }
  }
  /// True if a closed or refused channel has queues left at the controller.
  bool wants_deleting() const { return find_made(true, true) != nullptr || find_made(false, true) != nullptr; }
  /// Submission queues before completion queues; of all channels in a shutdown, else of those that are to go.
  spec::Sqe next_to_delete(bool submissions, bool only_going);
  /// The kind that has to be deleted next among those that are to go.
  bool next_is_submission() const { return find_made(true, true) != nullptr; }
  /// Its answer; false if the queue could not be deleted.
  bool deleted(const LaneAnswer& answer);

  /// The answer to a command that whoever sent it no longer waits for: what it did at the controller counts all the same.
  void settle(const LaneAnswer& answer);

  // Orders to every channel.

  void silence();
  /// Ends a silence that was only a suspicion.
  void resume();
  void drain();
  /// The controller can no longer reach memory, and knows no queue. Those of channels that are not going are wanted again.
  void stop(Outcome outcome, bool last);
  /// The controller granted so many of each kind: channels with QIDs beyond that are refused.
  void keep_within(std::uint32_t granted);

 private:
  enum class Stage : std::uint8_t { free, wanted, live, closing, deleting, closed, refused };
  struct Queue {
    QueuePlace place;
    Qid qid{};
    bool is_made = false;
  };
  struct Channel {
    QueueControl* control = nullptr;
    Stage stage = Stage::free;
    Queue completion;
    std::array<Queue, channel_submission_queues_max> submissions{};
    std::array<spec::QueuePriority, channel_submission_queues_max> priorities{};
    std::uint32_t submission_count = 0;
    bool interrupts = true;
    std::uint32_t submissions_made() const;
    std::uint8_t far_rings() const;
  };
  /// Where the queue stands that a command was handed out for.
  struct Target {
    Channel* channel = nullptr;
    Queue* queue = nullptr;
  };
  enum class HandedOut : std::uint8_t { nothing, create, remove };

  bool may_be_made(const Channel& channel) const;
  static QueueMode mode_of(const Channel& channel);
  static void drain(Channel& channel);
  Target find_to_make(BringUpRow row);
  const Queue* find_made(bool submissions, bool only_going) const;
  Target find_made_target(bool submissions, bool only_going);
  Answer try_otherwise(const LaneAnswer& answer, bool may_retry);
  void refuse(Channel& channel);
  void finish_if_gone(Channel& channel);
  bool any_live() const;

  std::uint16_t vector_of(Qid completion) const;

  std::uint32_t interrupt_vectors_;
  std::pmr::vector<Channel> channels_;
  Target target_;
  HandedOut handed_out_ = HandedOut::nothing;  ///< the command that has not been answered yet
  bool is_held_back_ = false;
  std::uint64_t made_far_ = 0;
};

}  // namespace phasebit::driver
