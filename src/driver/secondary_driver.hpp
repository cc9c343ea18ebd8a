// SecondaryDriver<B>: a controller that another process owns, through the one queue pair that it grants. Polled, as Driver<B> is.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory_resource>
#include <optional>

#include "src/backend/process_link.hpp"
#include "src/driver/any_driver.hpp"
#include "src/driver/channel_source.hpp"
#include "src/driver/controller_registers.hpp"
#include "src/driver/event_list.hpp"
#include "src/driver/granted_channel.hpp"
#include "src/driver/granted_namespaces.hpp"
#include "src/driver/options.hpp"
#include "src/driver/primary_watch.hpp"

namespace phasebit::driver {

/// It asks the primary for a grant, then keeps the queue by itself: rings, slots, deadlines and retries are its own, and data never passes
/// through the primary, which makes the queue, deletes it, resets the controller and sends Aborts.
///
/// If the primary is no more, nobody else will stop the controller: bus mastering is cleared and read back here, and only then are commands
/// ended that were not answered. So no buffer is given back before the device can no longer reach it, whoever has died.
template <HasPrimary B>
class SecondaryDriver final : public AnyDriver {
 public:
  SecondaryDriver(B& backend, const Options& options, std::pmr::memory_resource* memory)
      : backend_(backend),
        options_(options),
        memory_(memory),
        registers_(backend),
        events_(options.events_max, memory),
        namespaces_(memory),
        channel_(backend, options_, namespaces_.view(), memory) {}
  ~SecondaryDriver() { PHASEBIT_ASSERT(is_over()); }
  void destroy() override { std::pmr::polymorphic_allocator<>(memory_).delete_object(this); }

  Instant poll(Instant now) override {
    if (stage_ == Stage::new_here) {
      ask(now);
    }
    if (stage_ == Stage::asking) {
      hear_answer(now);
    }
    if (stage_ == Stage::granted) {
      look_after(now);
    }
    if (stage_ == Stage::cutting_off) {
      cut_off();
    }
    return is_over() ? never : now + options_.poll_interval;
  }

  State state() const override {
    switch (stage_) {
      case Stage::new_here:
      case Stage::asking:
        return State::attaching;
      case Stage::granted:
        return state_of_orders();
      case Stage::cutting_off:
        return was_ready_ ? State::recovering : State::attaching;
      case Stage::over:
        break;
    }
    return end_;
  }
  std::optional<Errc> failure() const override { return end_ == State::failed ? std::optional(errc_of(problem_)) : std::nullopt; }
  std::string_view failure_text() const override { return text(problem_); }
  const ControllerInfo& controller() const override { return info_; }
  std::span<const Namespace> namespaces() const override { return namespaces_.all(); }

  Result<ChannelId> create_channel(const ChannelOptions& options, Instant now) override {
    (void)now;
    if (state() != State::ready) {
      return fail(Errc::not_ready);
    }
    return channel_.open(options);
  }
  Result<void> destroy_channel(ChannelId channel, Instant now) override {
    (void)now;
    return channel_.has(channel) ? channel_.close() : Result<void>(fail(Errc::not_found));
  }
  bool has_channel(ChannelId channel) const override { return channel_.has(channel); }

  SubmitResult submit(ChannelId channel, std::span<const Operation> operations, Instant now) override {
    if (const Errc refusal = check_open(channel); refusal != Errc::queue_full) {
      return {0, refusal};
    }
    follow();
    const SubmitResult result = channel_.queue().submit(operations, now);
    tell_outstanding();
    return result;
  }
  Result<void> submit_raw(ChannelId channel, const RawCommand& command, Instant now) override {
    if (const Errc refusal = check_open(channel); refusal != Errc::queue_full) {
      return fail(refusal);
    }
    follow();
    const Result<void> result = channel_.queue().submit_raw(command, now);
    tell_outstanding();
    return result;
  }
  std::uint32_t reap(ChannelId channel, Instant now, std::span<OperationResult> results) override {
    if (!channel_.has(channel)) {
      return 0;
    }
    follow();
    const std::uint32_t count = channel_.queue().reap(now, results);
    tell_outstanding();
    return count;
  }
  Instant next_wake(ChannelId channel) const override { return channel_.has(channel) ? channel_.next_wake() : never; }
  Result<void> abort(ChannelId channel, std::uint64_t tag, Instant now) override {
    return channel_.has(channel) ? channel_.queue().abort(tag, now) : Result<void>(fail(Errc::not_found));
  }

  Result<void> submit_admin(const RawCommand&, Instant) override { return fail(Errc::unsupported); }
  std::uint32_t reap_admin(std::span<OperationResult>) override { return 0; }
  void reset(Instant) override {}
  bool wants_rescan() const override { return false; }
  Result<void> rescan(Instant) override { return fail(Errc::unsupported); }
  void admit(Instant) override {}
  Result<DmaRegion> allocate_controller_memory(std::uint64_t) override { return fail(Errc::unsupported); }
  void free_controller_memory(const DmaRegion&) override {}

  void shutdown(Shutdown how, Instant now) override {
    if (!leaves_at_) {
      leaves_at_ = now + (how == Shutdown::orderly ? options_.command_timeout : Duration{});
    }
    if (stage_ == Stage::new_here || stage_ == Stage::asking) {
      end(State::detached, Problem::none);  // what the primary may grant meanwhile it takes back when the link ends
    }
  }
  void removed(Instant) override {
    if (stage_ != Stage::over) {
      be_gone();
    }
  }
  void removal_asked() override { events_.add({.kind = DriverEvent::Kind::removal_asked}); }

  std::optional<DriverEvent> next_event() override { return events_.next(); }
  Statistics statistics() const override {
    Statistics sum = channel_.statistics();
    sum.resets = resets_;
    return sum;
  }

 private:
  enum class Stage : std::uint8_t { new_here, asking, granted, cutting_off, over };

  bool is_over() const { return stage_ == Stage::over; }

  State state_of_orders() const {
    if (!was_ready_) {
      return State::attaching;
    }
    if (leaves_at_) {
      return State::shutting_down;
    }
    const QueueMode mode = channel_.order().mode;
    return mode == QueueMode::live || mode == QueueMode::draining ? State::ready : State::recovering;
  }

  Errc check_open(ChannelId channel) const {
    if (!channel_.has(channel)) {
      return Errc::not_found;
    }
    return refusal_in(state(), !channel_.is_closing());
  }

  // Asking.

  void ask(Instant now) {
    backend_.primary().send(ProcessMessage::of(GrantRequest{.block_bytes = sizeof(GrantBlock), .data_bytes = options_.granted_bytes}));
    asked_at_ = now;
    stage_ = Stage::asking;
  }

  void hear_answer(Instant now) {
    const auto message = backend_.primary().next_message();
    if (message) {
      const std::optional<GrantAnswer> answer = message->template as<GrantAnswer>();
      return answer ? take(*answer) : end(State::failed, Problem::primary_differs);
    }
    if (backend_.primary().is_gone()) {
      end(State::failed, Problem::primary_lost);
    } else if (now - asked_at_ >= options_.primary_timeout) {
      end(State::failed, Problem::primary_silent);
    }
  }

  void take(const GrantAnswer& answer) {
    if (answer.refusal != GrantRefusal::none || answer.block_address == 0) {
      return end(State::failed, answer.refusal != GrantRefusal::none ? problem_of(answer.refusal) : Problem::primary_differs);
    }
    block_ = std::bit_cast<GrantBlock*>(answer.block_address);  // shared memory lies at one address in both processes
    watch_ = PrimaryWatch(*block_, answer.epoch, options_.primary_timeout);
    info_ = block_->grant.info;
    info_.io_queues = 1;
    info_.interrupt_vectors = 0;
    backend_.take_granted(block_->grant.data);
    channel_.take(*block_);
    stage_ = Stage::granted;
  }

  // Granted.

  /// A last order counts even if whoever gave it is no more.
  void look_after(Instant now) {
    follow();
    if (stage_ == Stage::granted && (backend_.primary().is_gone() || watch_->is_lost(now))) {
      lose_primary();
    }
    if (stage_ != Stage::granted) {
      return;
    }
    channel_.carry_back();
    tell_outstanding();
    if (leaves_at_ && (channel_.is_idle() || now >= *leaves_at_)) {
      block_->is_leaving.store(true, std::memory_order_relaxed);
    }
  }

  /// What the primary has ordered, and what was so before it did: an operation that was accepted for a namespace as it was must not go to
  /// the one that is there now. So the order is heard first, then the facts are followed, and no newer order is obeyed by them.
  void follow() {
    if (stage_ != Stage::granted) {
      return;
    }
    const std::uint32_t number = channel_.newest_order();
    if (!namespaces_.follow(block_->facts, channel_.view_is_seen(), events_) || !channel_.has_order(number)) {
      return;
    }
    const QueueOrder before = channel_.order();
    if (!channel_.carry_order(number)) {
      return lose_primary();
    }
    note(before, channel_.order());
  }

  void note(const QueueOrder& before, const QueueOrder& order) {
    if (order.mode == QueueMode::stopped && order.last) {
      return end_with(order.outcome);
    }
    const bool was_stopped = before.mode == QueueMode::stopped;
    if (order.mode == QueueMode::stopped && !was_stopped && was_ready_) {
      ++resets_;
      is_reset_ = true;
      events_.add({.kind = DriverEvent::Kind::reset_started, .dword0 = static_cast<std::uint32_t>(ResetReason::fatal)});
    } else if (order.mode == QueueMode::live) {
      was_ready_ = true;
      if (is_reset_) {
        is_reset_ = false;
        events_.add({.kind = DriverEvent::Kind::reset_finished});
      }
    }
  }

  void end_with(Outcome outcome) {
    if (outcome == Outcome::gone) {
      end(State::gone, Problem::not_there);
    } else if (leaves_at_) {
      end(State::detached, Problem::none);
    } else {
      end(State::failed, Problem::primary_left);
    }
  }

  void tell_outstanding() {
    if (stage_ == Stage::granted) {
      block_->outstanding.store(channel_.outstanding(), std::memory_order_relaxed);
    }
  }

  // Without a primary.

  void lose_primary() {
    channel_.silence();
    stage_ = Stage::cutting_off;
  }

  /// Asked for again and again: memory that the device may still write is never given back.
  void cut_off() {
    if (registers_.presence() == ConfigSpace::silent) {
      return be_gone();
    }
    registers_.set_command(true, false);
    if (registers_.bus_master_is_off()) {
      channel_.stop(Outcome::reset);
      end(State::failed, Problem::primary_lost);
    }
  }

  void be_gone() {
    channel_.stop(Outcome::gone);
    end(State::gone, Problem::not_there);
  }

  void end(State how, Problem problem) {
    end_ = how;
    problem_ = problem;
    stage_ = Stage::over;
    if (how != State::detached) {
      events_.add({.kind = how == State::gone ? DriverEvent::Kind::removed : DriverEvent::Kind::failed});
    }
  }

  B& backend_;
  const Options options_;
  std::pmr::memory_resource* memory_;
  ControllerRegisters<B> registers_;
  ControllerInfo info_;
  EventList events_;
  GrantedNamespaces namespaces_;
  GrantedChannel<B> channel_;
  GrantBlock* block_ = nullptr;  ///< the primary's, from the grant on
  std::optional<PrimaryWatch> watch_;
  Stage stage_ = Stage::new_here;
  Instant asked_at_;
  std::optional<Instant> leaves_at_;  ///< at the latest, once a shutdown was asked for
  bool was_ready_ = false;
  bool is_reset_ = false;
  std::uint32_t resets_ = 0;
  State end_ = State::failed;
  Problem problem_ = Problem::none;
};

}  // namespace phasebit::driver
