// What a primary has lent to other processes, from their asking to their letting go.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "src/backend/process_link.hpp"
#include "src/driver/channel_source.hpp"
#include "src/driver/dma_memory.hpp"
#include "src/driver/grant_block.hpp"
#include "src/driver/namespace_table.hpp"

namespace phasebit::driver {

/// One queue pair for each process, made and deleted by the primary's own registry: for that a granted queue is one of another channel. Its
/// owner is a QueueControl in shared memory, so that an owner that is dead or does not answer keeps back nothing but its own queue.
///
/// What a process was lent is used again only when the device has let go of the queue and the process of the memory: when it is gone.
/// Where a backend lends nothing, all of this does nothing.
template <Backend B>
class GrantTable {
 public:
  /// `grants_max`: as many as there can be queue pairs.
  GrantTable(B& backend, const ChannelSource& source, std::uint32_t grants_max, std::pmr::memory_resource* memory)
      : backend_(backend), source_(source), links_(links_of(backend)), lent_(links_ == nullptr ? 0 : grants_max, memory) {}
  GrantTable(const GrantTable&) = delete;
  GrantTable& operator=(const GrantTable&) = delete;
  ~GrantTable() { leave_all(); }

  /// Answers those who have asked. Allocates. `plain` and `single` as for ChannelTable::create.
  void admit(Instant now, bool is_ready, const NamespaceTable& namespaces, bool plain, bool single) {
    while (const auto letter = links_ == nullptr ? std::nullopt : links_->next_letter()) {
      if (const auto request = letter->message.as<GrantRequest>()) {
        GrantAnswer answer;
        answer.refusal = is_ready ? grant(letter->from, *request, namespaces, plain, single, now, answer) : GrantRefusal::not_ready;
        links_->send(letter->from, ProcessMessage::of(answer));
      }
    }
  }

  /// The namespaces or the limits of commands are others: told before a queue is made that is to act by them.
  void publish(const DeviceLimits& limits, const NamespaceTable& namespaces) {
    if (is_empty()) {
      return;
    }
    const SharedFacts::Image image = image_of(limits, namespaces);
    for (const Lent& lent : lent_) {
      if (lent.block != nullptr) {
        lent.block->facts.publish(image);
      }
    }
  }

  /// Gives a sign of life, and passes on what owners tell and wish, as ChannelTable::listen does. A process can speak of its own queue
  /// only.
  template <class Hear, class Reset>
  void listen(Instant now, Hear&& hear, Reset&& reset) {
    for (const Lent& lent : lent_) {
      if (lent.block == nullptr) {
        continue;
      }
      lent.block->heartbeat.store(now.ns, std::memory_order_relaxed);
      QueueControl& control = lent.block->control;
      for (std::uint32_t i = 0; i < QueueControl::messages_max; ++i) {
        const auto message = control.next_message();
        if (!message) {
          break;
        }
        if (message->qid == lent.submission || message->kind == QueueMessage::Kind::bogus_completion) {
          hear(*message);
        }
      }
      if (const ResetReason reason = control.take_reset_wish(); reason != ResetReason::none) {
        reset(reason);
      }
    }
  }

  /// Commands of living processes are out at the device.
  bool any_outstanding() const {
    return std::any_of(lent_.begin(), lent_.end(), [](const Lent& lent) {
      return lent.block != nullptr && !lent.is_gone && lent.block->outstanding.load(std::memory_order_relaxed) > 0;
    });
  }

  /// Takes back what is given back, and what the dead have left. `is_over`: the driver has ended, so that the device reaches nothing; who
  /// has not let go primary_timeout later keeps its memory for good.
  void let_go(Instant now, bool is_over) {
    over_since_ = is_over ? std::optional(over_since_.value_or(now)) : std::nullopt;
    for (Lent& lent : lent_) {
      if (lent.block == nullptr) {
        continue;
      }
      lent.is_gone = lent.is_gone || links_->is_gone(lent.peer);
      if (!lent.is_closing && (lent.is_gone || lent.block->is_leaving.load(std::memory_order_relaxed))) {
        lent.is_closing = true;
        source_.queues.close(lent.channel);
      }
      if (lent.is_gone && (is_over || source_.queues.is_closed(lent.channel))) {
        take_back(lent);
      }
    }
    if (over_since_ && now - *over_since_ >= source_.options.primary_timeout) {
      leave_all();
    }
  }

  /// Nobody has anything of ours.
  bool is_empty() const {
    return std::all_of(lent_.begin(), lent_.end(), [](const Lent& lent) { return lent.block == nullptr; });
  }

 private:
  struct Lent {
    GrantBlock* block = nullptr;  ///< in `shared`; nullptr: this place is free
    std::span<std::byte> shared{};
    DmaMemory<B> dma{};  ///< rings, lists, and the process's data
    PeerId peer{};
    ChannelId channel{};  ///< in the registry
    Qid submission{};
    bool is_gone = false;
    bool is_closing = false;
  };

  static constexpr std::uint64_t data_bytes_max = 1ull << 40;  ///< no machine has so much, and no sum of it overflows

  static SecondaryLinks* links_of(B& backend) {
    if constexpr (HasSecondaries<B>) {
      return backend.secondaries();
    }
    (void)backend;
    return nullptr;
  }

  static SharedFacts::Image image_of(const DeviceLimits& limits, const NamespaceTable& namespaces) {
    SharedFacts::Image image;
    image.limits = limits;
    for (const Namespace& entry : namespaces.all().first(std::min<std::size_t>(namespaces.size(), SharedFacts::namespaces_max))) {
      image.namespaces[image.namespace_count++] = entry;
    }
    return image;
  }

  bool has(PeerId peer) const {
    return std::any_of(lent_.begin(), lent_.end(), [&](const Lent& lent) { return lent.block != nullptr && lent.peer == peer; });
  }

  GrantRefusal grant(PeerId peer, const GrantRequest& request, const NamespaceTable& namespaces, bool plain, bool single, Instant now,
                     GrantAnswer& answer) {
    if (request.version != grant_version || request.block_bytes != sizeof(GrantBlock)) {
      return GrantRefusal::other_version;
    }
    if (has(peer)) {
      return GrantRefusal::has_one;
    }
    const auto place = std::find_if(lent_.begin(), lent_.end(), [](const Lent& lent) { return lent.block == nullptr; });
    const auto qids = source_.queues.choose_qids(1, source_.info.io_queues);
    if (place == lent_.end() || !qids) {
      return GrantRefusal::no_queue_left;
    }
    const QueueMemoryPlan plan = source_.plan_of({}, single);
    auto lent = take_memory(plan, request.data_bytes);
    if (!lent) {
      return GrantRefusal::no_memory_left;
    }
    lent->peer = peer;
    lent->submission = qids->submissions[0];
    fill(*lent, plan, *qids, round_up(request.data_bytes, backend_page_bytes), plain);
    lent->block->facts.publish(image_of(source_.view.read(source_.view.number()).limits, namespaces));
    lent->block->heartbeat.store(now.ns, std::memory_order_relaxed);
    lent->block->epoch.store(epoch(now), std::memory_order_release);
    ChannelQueues queues = source_.queues_of({}, plan, plan.place(lent->dma.region()), {});
    queues.interrupts = false;  // they would wake us
    lent->channel = source_.queues.add(queues, *qids, lent->block->control);
    answer.block_address = reinterpret_cast<std::uintptr_t>(lent->block);
    answer.epoch = epoch(now);
    *place = std::move(*lent);
    return GrantRefusal::none;
  }

  std::optional<Lent> take_memory(const QueueMemoryPlan& plan, std::uint64_t data_bytes) {
    if (data_bytes > data_bytes_max) {
      return std::nullopt;
    }
    const std::uint64_t bytes = round_up(plan.bytes(), backend_page_bytes) + round_up(data_bytes, backend_page_bytes);
    auto dma = DmaMemory<B>::take(backend_, bytes, backend_page_bytes);
    auto shared = dma ? links_->allocate_shared(sizeof(GrantBlock)) : Result<std::span<std::byte>>(fail(Errc::out_of_memory));
    if (!shared) {
      return std::nullopt;
    }
    Lent lent;
    lent.block = std::construct_at(reinterpret_cast<GrantBlock*>(shared->data()));
    lent.shared = *shared;
    lent.dma = std::move(*dma);
    return lent;
  }

  void fill(Lent& lent, const QueueMemoryPlan& plan, const ChannelQids& qids, std::uint64_t data_bytes, bool plain) {
    const DmaRegion& whole = lent.dma.region();
    const QueueMemoryPlan::Parts parts = plan.place(whole);
    Grant& grant = lent.block->grant;
    grant.info = source_.info;
    grant.info.controller_memory_bytes = 0;  // none of it is lent
    grant.info.controller_memory_reads = grant.info.controller_memory_writes = false;
    grant.transfer_bytes_max = source_.transfer_bytes_max();
    grant.data = whole.slice(round_up(plan.bytes(), backend_page_bytes), data_bytes);
    grant.queue = {.completion_qid = qids.completion,
                   .submission_qid = qids.submissions[0],
                   .completion_entries = plan.completion_entries,
                   .submission_entries = plan.submission_entries[0],
                   .completion_doorbell_offset = source_.doorbell(qids.completion, spec::DoorbellKind::completion_head),
                   .submission_doorbell_offset = source_.doorbell(qids.submissions[0], spec::DoorbellKind::submission_tail),
                   .completion_memory = parts.completion,
                   .submission_memory = parts.submissions[0],
                   .lists = parts.lists,
                   .commands_max = plan.lists,
                   .generations = !plain};
  }

  /// Of this driver: from its first grant on, and no other driver's, for one clock tells all of them.
  std::uint64_t epoch(Instant now) {
    epoch_ = epoch_ == 0 ? std::max<std::uint64_t>(now.ns, 1) : epoch_;
    return epoch_;
  }

  /// The device and the process have let go.
  void take_back(Lent& lent) {
    source_.queues.remove(lent.channel);
    std::destroy_at(lent.block);
    links_->free_shared(lent.shared);
    lent = Lent{};
  }

  /// The driver ends, and some process may still touch what it was lent: nobody else gets that any more.
  void leave_all() {
    for (Lent& lent : lent_) {
      if (lent.block != nullptr) {
        lent.block->epoch.store(0, std::memory_order_release);
        source_.queues.remove(lent.channel);
        if constexpr (HasSecondaries<B>) {
          backend_.leave_dma(lent.dma.release());
        }
        lent = Lent{};
      }
    }
  }

  B& backend_;
  ChannelSource source_;
  SecondaryLinks* links_;
  std::pmr::vector<Lent> lent_;
  std::uint64_t epoch_ = 0;
  std::optional<Instant> over_since_;
};

}  // namespace phasebit::driver
