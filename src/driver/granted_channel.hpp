// The one channel of a second process: an ordinary one, over a queue pair that the primary has made and orders about.
#pragma once

#include <algorithm>
#include <array>
#include <memory_resource>
#include <optional>

#include "src/driver/channel_source.hpp"
#include "src/driver/grant_block.hpp"
#include "src/driver/io_channel.hpp"
#include "src/driver/order_relay.hpp"

namespace phasebit::driver {

template <Backend B>
class GrantedChannel {
 public:
  GrantedChannel(B& backend, const Options& options, const DeviceView& view, std::pmr::memory_resource* memory)
      : backend_(backend), options_(options), view_(view), memory_(memory) {}
  GrantedChannel(const GrantedChannel&) = delete;
  GrantedChannel& operator=(const GrantedChannel&) = delete;
  ~GrantedChannel() {
    if (channel_ != nullptr) {
      std::pmr::polymorphic_allocator<>(memory_).delete_object(channel_);
    }
  }

  /// The grant; the block stays until the end.
  void take(GrantBlock& block) { block_ = &block; }

  // The user's.

  /// Once. Errors: invalid_argument; unsupported for more than one submission queue; queue_full the second time.
  Result<ChannelId> open(const ChannelOptions& options) {
    if (!have_a_meaning(options)) {
      return fail(Errc::invalid_argument);
    }
    if (options.submission_queues != 1 || channel_ != nullptr) {
      return fail(channel_ != nullptr ? Errc::queue_full : Errc::unsupported);
    }
    channel_ = make(options);
    relay_.emplace(block_->control, channel_->control());
    return id;
  }
  Result<void> close() {
    is_closing_ = true;
    return {};
  }
  bool is_closing() const { return is_closing_; }
  bool has(ChannelId channel) const { return channel_ != nullptr && channel == id && !(is_closing_ && channel_->operations() == 0); }
  IoChannel<B>& queue() { return *channel_; }
  Instant next_wake() const { return has_order(newest_order()) ? Instant{} : channel_->next_wake(); }
  Statistics statistics() const { return channel_ == nullptr ? Statistics{} : channel_->statistics(); }

  std::uint32_t outstanding() const { return channel_ == nullptr ? 0 : channel_->queue().slots().live_count(); }
  bool is_idle() const { return channel_ == nullptr || (outstanding() == 0 && channel_->operations() == 0); }
  /// Nothing is judged by an older view than the newest, and nothing will be: whoever submits looks at it first.
  bool view_is_seen() const { return channel_ == nullptr || channel_->operations() == 0 || channel_->view_seen() == view_.number(); }

  // Orders.

  bool has_order(std::uint32_t number) const { return relay_ ? relay_->has_order(number) : number != obeyed_ || !block_->control.obeyed(); }
  /// What the primary has ordered last. What it did before it is visible afterwards.
  std::uint32_t newest_order() const { return block_->control.take_order_number(); }
  /// Passes this order on; false for one that no primary gives. Without a channel there is nothing that could be in its way.
  bool carry_order(std::uint32_t number) {
    if (relay_) {
      const bool carried = relay_->carry_order(number);
      order_ = relay_->order();
      return carried;
    }
    obeyed_ = number;
    order_ = QueueOrder::unpack(obeyed_);
    block_->control.obey(obeyed_);
    return true;
  }
  void carry_back() {
    if (relay_) {
      relay_->carry_back();
    }
  }
  /// The newest that was passed on.
  const QueueOrder& order() const { return order_; }

  // Without a primary, whose orders are followed no more.

  void silence() {
    if (channel_ != nullptr) {
      channel_->control().silence();
    }
  }
  /// The device reaches no memory any more.
  void stop(Outcome outcome) {
    if (channel_ != nullptr) {
      channel_->control().stop(outcome, true);
    }
  }

 private:
  static constexpr ChannelId id{0, 0};

  IoChannel<B>* make(const ChannelOptions& options) {
    const Grant& grant = block_->grant;
    const GrantedQueue& queue = grant.queue;
    const std::array submissions{SubmissionSetup{.qid = queue.submission_qid,
                                                 .entries = queue.submission_entries,
                                                 .memory = queue.submission_memory,
                                                 .doorbell_offset = queue.submission_doorbell_offset}};
    ChannelSetup setup;
    setup.queue = {.completion_qid = queue.completion_qid,
                   .completion_entries = queue.completion_entries,
                   .completion_memory = queue.completion_memory,
                   .completion_doorbell_offset = queue.completion_doorbell_offset,
                   .submissions = submissions,
                   .commands_max = std::min(options.commands_max, queue.commands_max),
                   .generations = queue.generations};
    setup.page = PageSize{grant.info.page_bytes};
    setup.transfer_bytes_max = grant.transfer_bytes_max;
    setup.lists = queue.lists;
    setup.options = options;
    setup.retries_max = options_.retries_max;
    setup.retry_delay = options_.retry_delay;
    setup.command_timeout = options_.command_timeout;
    setup.abort_timeout = options_.abort_timeout;
    setup.view = &view_;
    return std::pmr::polymorphic_allocator<>(memory_).new_object<IoChannel<B>>(backend_, setup, memory_);
  }

  B& backend_;
  const Options& options_;
  const DeviceView& view_;
  std::pmr::memory_resource* memory_;
  GrantBlock* block_ = nullptr;
  IoChannel<B>* channel_ = nullptr;
  std::optional<OrderRelay> relay_;
  QueueOrder order_{};
  std::uint32_t obeyed_ = QueueOrder{}.packed();  ///< by us, before there is a channel
  bool is_closing_ = false;
};

}  // namespace phasebit::driver
