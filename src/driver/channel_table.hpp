// The channels of a driver: memory taken when they are made, given back when user and device have let go.
#pragma once

#include <algorithm>
#include <array>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/driver/channel_source.hpp"
#include "src/driver/dma_memory.hpp"
#include "src/driver/io_channel.hpp"

namespace phasebit::driver {

template <Backend B>
class ChannelTable {
 public:
  ChannelTable(B& backend, const ChannelSource& source, std::uint32_t channels_max, std::pmr::memory_resource* memory)
      : backend_(backend), source_(source), memory_(memory), places_(channels_max, memory) {}
  ChannelTable(const ChannelTable&) = delete;
  ChannelTable& operator=(const ChannelTable&) = delete;
  ~ChannelTable() {
    for (Place& place : places_) {
      free(place);
    }
  }

  /// Allocates. `plain`: CIDs without generations. `single`: rings for one command at a time.
  Result<ChannelId> create(const ChannelOptions& options, bool plain, bool single) {
    if (!have_a_meaning(options)) {
      return fail(Errc::invalid_argument);
    }
    const auto qids = source_.queues.choose_qids(options.submission_queues, source_.info.io_queues);
    if (!qids) {
      return fail(qids.error());
    }
    const QueueMemoryPlan plan = source_.plan_of(options, single);
    auto dma = DmaMemory<B>::take(backend_, plan.bytes(), backend_page_bytes);
    if (!dma) {
      return fail(dma.error());
    }
    const QueueMemoryPlan::Parts parts = plan.place(dma->region());
    Place made;
    made.dma = std::move(*dma);
    made.far_rings = source_.take_far_rings(plan);
    made.channel = make_channel(options, plan, parts, made.far_rings, *qids, plain);
    const ChannelQueues queues = source_.queues_of(options, plan, parts, made.far_rings);
    const std::uint16_t index = source_.queues.add(queues, *qids, made.channel->control()).index();
    made.life = places_[index].life;
    places_[index] = std::move(made);
    return ChannelId(index, places_[index].life);
  }

  /// nullptr if there is none, or none any more.
  IoChannel<B>* find(ChannelId id) { return has(id) ? places_[id.index()].channel : nullptr; }
  const IoChannel<B>* find(ChannelId id) const { return has(id) ? places_[id.index()].channel : nullptr; }
  bool has(ChannelId id) const {
    return id.index() < places_.size() && places_[id.index()].channel != nullptr && id == ChannelId(id.index(), places_[id.index()].life);
  }

  /// Passes on what owners tell and wish: `hear(const QueueMessage&)`, `reset(ResetReason)`.
  template <class Hear, class Reset>
  void listen(Hear&& hear, Reset&& reset) {
    for (Place& place : places_) {
      if (place.channel == nullptr) {
        continue;
      }
      QueueControl& control = place.channel->control();
      while (const auto message = control.next_message()) {
        hear(*message);
      }
      if (const ResetReason reason = control.take_reset_wish(); reason != ResetReason::none) {
        reset(reason);
      }
    }
  }

  /// When the first of them next wants a reap although no completion has come.
  Instant next_wake() const {
    Instant wake = never;
    for (const Place& place : places_) {
      wake = place.channel != nullptr ? std::min(wake, place.channel->next_wake()) : wake;
    }
    return wake;
  }
  /// Commands are out at the device.
  bool any_outstanding() const {
    return std::any_of(places_.begin(), places_.end(), [](const Place& place) { return is_busy(place); });
  }
  /// No channel acts by an older view than the newest, so that the next may be drafted. Who has nothing out or waiting acts by none, and
  /// looks at the newest before it accepts anything.
  bool views_are_seen() const {
    return std::all_of(places_.begin(), places_.end(), [this](const Place& place) {
      return place.channel == nullptr || place.channel->operations() == 0 || place.channel->view_seen() == source_.view.number();
    });
  }

  /// Lets closed channels go as far as they are.
  void let_go() {
    source_.queues.let_idle_channels_go([this](ChannelId id) { return !is_busy(places_[id.index()]); });
    for (std::size_t i = 0; i < places_.size(); ++i) {
      Place& place = places_[i];
      const ChannelId id(static_cast<std::uint16_t>(i), 0);
      if (place.channel != nullptr && source_.queues.is_closed(id) && place.channel->control().obeyed() &&
          place.channel->operations() == 0) {
        past_ += place.channel->statistics();
        source_.queues.remove(id);
        free(place);
      }
    }
  }

  /// Of all channels, those that are no more included.
  Statistics statistics() const {
    Statistics sum = past_;
    for (const Place& place : places_) {
      sum += place.channel != nullptr ? place.channel->statistics() : Statistics{};
    }
    return sum;
  }

 private:
  struct Place {
    IoChannel<B>* channel = nullptr;
    DmaMemory<B> dma{};
    FarRings far_rings{};
    std::uint16_t life = 0;  ///< how many channels were here before
  };

  static bool is_busy(const Place& place) { return place.channel != nullptr && place.channel->queue().slots().live_count() > 0; }

  IoChannel<B>* make_channel(const ChannelOptions& options, const QueueMemoryPlan& plan, const QueueMemoryPlan::Parts& parts,
                             const FarRings& far_rings, const ChannelQids& qids, bool plain) {
    std::array<SubmissionSetup, channel_submission_queues_max> submissions{};
    for (std::uint32_t i = 0; i < options.submission_queues; ++i) {
      submissions[i] = {.qid = qids.submissions[i],
                        .entries = plan.submission_entries[i],
                        .memory = parts.submissions[i],
                        .doorbell_offset = source_.doorbell(qids.submissions[i], spec::DoorbellKind::submission_tail),
                        .controller_memory = far_rings[i]};
    }
    ChannelSetup setup;
    setup.queue = {.completion_qid = qids.completion,
                   .completion_entries = plan.completion_entries,
                   .completion_memory = parts.completion,
                   .completion_doorbell_offset = source_.doorbell(qids.completion, spec::DoorbellKind::completion_head),
                   .submissions = {submissions.data(), options.submission_queues},
                   .commands_max = std::min(options.commands_max, CommandSlots::slots_max),
                   .generations = !plain};
    setup.lists = parts.lists;
    setup.transfer_bytes_max = source_.transfer_bytes_max();
    setup.page = plan.page;
    setup.options = options;
    setup.retries_max = source_.options.retries_max;
    setup.retry_delay = source_.options.retry_delay;
    setup.command_timeout = source_.options.command_timeout;
    setup.abort_timeout = source_.options.abort_timeout;
    setup.view = &source_.view;
    return std::pmr::polymorphic_allocator<>(memory_).new_object<IoChannel<B>>(backend_, setup, memory_);
  }

  void free(Place& place) {
    if (place.channel != nullptr) {
      std::pmr::polymorphic_allocator<>(memory_).delete_object(place.channel);
    }
    for (const DmaRegion& ring : place.far_rings) {
      source_.controller_memory.give_back(ring);
    }
    const auto next_life = static_cast<std::uint16_t>(place.life + 1);
    place = Place{};
    place.life = next_life;
  }

  B& backend_;
  ChannelSource source_;
  std::pmr::memory_resource* memory_;
  std::pmr::vector<Place> places_;
  Statistics past_;
};

}  // namespace phasebit::driver
