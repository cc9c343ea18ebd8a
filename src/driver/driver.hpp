// Driver<B>: one controller, from attach to detach. A value that is polled: it waits for nothing, reads no clock, starts nothing.
#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>
#include <utility>

#include "src/driver/any_driver.hpp"
#include "src/driver/channel_table.hpp"
#include "src/driver/control_plane.hpp"
#include "src/driver/controller_memory.hpp"
#include "src/driver/device_limits.hpp"
#include "src/driver/grant_table.hpp"

namespace phasebit::driver {

/// What attach() learnt by reading registers once, and the memory that it took; a Driver is made of it.
template <Backend B>
struct Attachment {
  ControllerSettings settings;
  ControllerInfo info;
  Quirks quirks;
  std::optional<ControllerMemoryFound> controller_memory;
  typename AdminPlane<B>::Memory memory;
};

template <Backend B>
class Driver final : public AnyDriver {
 public:
  /// Reads CAP and VS, and takes the DMA memory of the admin queue. Writes nothing but memory space enable and, where the controller's
  /// memory is wanted, CMBMSC.CRE.
  static tl::expected<Attachment<B>, Problem> attach(B& backend, const Options& options) {
    ControllerRegisters<B> registers(backend);
    registers.open();
    SettingsRequest request;
    request.cap = registers.capabilities();
    request.version = registers.version();
    request.crto = request.cap.get(spec::Cap::crms) != 0 ? registers.ready_timeouts() : spec::Crto{};
    request.bar_bytes = backend.bar_bytes();
    request.page_bytes = options.page_bytes;
    request.admin_queue_entries = options.admin_queue_entries;
    request.io_queue_entries = options.io_queue_entries;
    request.io_queues_max = options.io_queues_max;
    request.ready_timeout_floor = options.ready_timeout_floor;
    request.weighted_round_robin = options.arbitration == spec::Ams::weighted_round_robin;
    const auto settings = choose_settings(request);
    if (!settings) {
      return tl::unexpected(settings.error());
    }
    auto memory = AdminPlane<B>::take_memory(backend, *settings);
    if (!memory) {
      return tl::unexpected(Problem::out_of_memory);
    }
    ControllerInfo info = info_of(request.cap, request.version, *settings);
    info.interrupt_vectors = enable_interrupts(backend, options, *settings);
    const auto controller_memory = find_controller_memory(backend, registers, options, request.cap, *settings);
    fill_in(info, controller_memory, options);
    return Attachment<B>{*settings, info, quirks_of(function_of(registers.identifiers())), controller_memory, std::move(*memory)};
  }

  Driver(B& backend, const Options& options, Attachment<B> attachment, std::pmr::memory_resource* memory)
      : options_(options),
        settings_(attachment.settings),
        info_(attachment.info),
        memory_(memory),
        registers_(backend),
        events_(options.events_max, memory),
        book_(options.namespaces_max, memory),
        view_(memory),
        queues_(settings_.io_queues_max, info_.interrupt_vectors, memory),
        controller_memory_(attachment.controller_memory, options.controller_memory, memory),
        grants_(backend, source(), settings_.io_queues_max, memory),
        admin_(backend, std::move(attachment.memory), settings_, info_.capabilities, options_,
               options.command_generations && !attachment.quirks.has(Quirk::plain_command_ids), events_, memory),
        script_(options_, settings_, info_, book_.scan()),
        parts_{backend,    options_,           settings_,        info_, events_, admin_, script_, book_, queues_, grants_, view_,
               registers_, controller_memory_, attachment.quirks},
        control_(parts_),
        channels_(backend, source(), settings_.io_queues_max, memory) {
    make_room_in_view();
  }
  ~Driver() {
    PHASEBIT_ASSERT(is_over());
    control_.stop_who_came_back();
  }
  void destroy() override { std::pmr::polymorphic_allocator<>(memory_).delete_object(this); }

  Instant poll(Instant now) override {
    const auto hears = [&](const QueueMessage& message) { hear(message); };
    const auto resets = [&](ResetReason reason) { control_.ask_reset(reason); };
    channels_.listen(hears, resets);
    grants_.listen(now, hears, resets);
    const bool outstanding = channels_.any_outstanding() || grants_.any_outstanding();
    const Instant wake = control_.poll(now, {outstanding, channels_.views_are_seen()});
    grants_.let_go(now, is_over(control_.state()));
    channels_.let_go();
    if (is_over(control_.state()) && !is_over()) {
      return now + options_.poll_interval;
    }
    // Who polls looks at the channels anyway.
    return info_.interrupt_vectors == 0 ? wake : std::min(wake, channels_.next_wake());
  }

  /// It has not ended while other processes may touch what it has lent them.
  State state() const override {
    const State is = control_.state();
    if (!is_over(is) || grants_.is_empty()) {
      return is;
    }
    return is == State::detached ? State::shutting_down : State::recovering;
  }
  std::optional<Errc> failure() const override {
    return state() == State::failed ? std::optional(errc_of(control_.problem())) : std::nullopt;
  }
  std::string_view failure_text() const override { return text(control_.problem()); }
  const ControllerInfo& controller() const override { return info_; }
  std::span<const Namespace> namespaces() const override { return book_.current().all(); }

  Result<ChannelId> create_channel(const ChannelOptions& options, Instant now) override {
    (void)now;
    if (state() != State::ready) {
      return fail(Errc::not_ready);
    }
    return channels_.create(options, has_plain_ids(), parts_.quirks.has(Quirk::one_command_at_a_time));
  }
  Result<void> destroy_channel(ChannelId channel, Instant now) override {
    (void)now;
    if (channels_.find(channel) == nullptr) {
      return fail(Errc::not_found);
    }
    queues_.close(channel);
    return {};
  }
  bool has_channel(ChannelId channel) const override { return channels_.has(channel); }

  SubmitResult submit(ChannelId channel, std::span<const Operation> operations, Instant now) override {
    if (const Errc refusal = check_open(channel); refusal != Errc::queue_full) {
      return {0, refusal};
    }
    return channels_.find(channel)->submit(operations, now);
  }
  Result<void> submit_raw(ChannelId channel, const RawCommand& command, Instant now) override {
    if (const Errc refusal = check_open(channel); refusal != Errc::queue_full) {
      return fail(refusal);
    }
    return channels_.find(channel)->submit_raw(command, now);
  }
  std::uint32_t reap(ChannelId channel, Instant now, std::span<OperationResult> results) override {
    IoChannel<B>* found = channels_.find(channel);
    return found == nullptr ? 0 : found->reap(now, results);
  }
  Instant next_wake(ChannelId channel) const override {
    const IoChannel<B>* found = channels_.find(channel);
    return found == nullptr ? never : found->next_wake();
  }
  Result<void> abort(ChannelId channel, std::uint64_t tag, Instant now) override {
    IoChannel<B>* found = channels_.find(channel);
    return found == nullptr ? Result<void>(fail(Errc::not_found)) : found->abort(tag, now);
  }

  void admit(Instant now) override {
    if (state() != State::attaching) {
      grants_.admit(now, state() == State::ready, book_.current(), has_plain_ids(), parts_.quirks.has(Quirk::one_command_at_a_time));
    }
  }

  Result<void> submit_admin(const RawCommand& command, Instant now) override {
    return state() == State::ready ? admin_.submit(command, info_.transfer_bytes_max, now) : Result<void>(fail(Errc::not_ready));
  }
  std::uint32_t reap_admin(std::span<OperationResult> results) override { return admin_.reap_users(results); }

  void reset(Instant now) override {
    (void)now;
    control_.ask_reset(ResetReason::none);
  }
  bool wants_rescan() const override { return book_.wants_room(); }
  Result<void> rescan(Instant now) override {
    (void)now;
    if (state() != State::ready) {
      return fail(Errc::not_ready);
    }
    if (book_.wants_room()) {
      if (!channels_.views_are_seen()) {
        return fail(Errc::busy);
      }
      book_.take_room();
      make_room_in_view();
    }
    control_.ask_scan();
    return {};
  }
  void shutdown(Shutdown how, Instant now) override {
    (void)now;
    control_.ask_shutdown(how == Shutdown::orderly);
  }
  void removed(Instant now) override {
    control_.be_removed();
    poll(now);
  }
  void removal_asked() override { events_.add({.kind = DriverEvent::Kind::removal_asked}); }

  Result<DmaRegion> allocate_controller_memory(std::uint64_t bytes) override {
    if (!controller_memory_.takes_data()) {
      return fail(Errc::unsupported);
    }
    const auto part = controller_memory_.take(round_up(bytes, backend_page_bytes), backend_page_bytes);
    return part ? Result<DmaRegion>(part->slice(0, bytes)) : fail(bytes == 0 ? Errc::invalid_argument : Errc::out_of_memory);
  }
  void free_controller_memory(const DmaRegion& region) override {
    const bool was_ours = controller_memory_.give_back({region.data, round_up(region.bytes, backend_page_bytes), region.iova});
    PHASEBIT_ASSERT(was_ours);
  }

  std::optional<DriverEvent> next_event() override { return events_.next(); }
  Statistics statistics() const override {
    Statistics sum = channels_.statistics();
    sum.resets = control_.resets() - (control_.resets() > 0 ? 1 : 0);  // attach is the first
    sum.async_events = admin_.async_event_count();
    sum.queues_in_controller_memory = queues_.made_far();
    return sum;
  }

 private:
  /// One for the admin queue, which is always vector 0, and one for each I/O completion queue, as far as there are so many.
  static std::uint32_t enable_interrupts(B& backend, const Options& options, const ControllerSettings& settings) {
    if constexpr (HasInterrupts<B>) {
      return options.interrupts ? backend.enable_interrupts(settings.io_queues_max + 1) : 0;
    }
    return 0;
  }
  /// What the drive offers of its memory is taken only if it makes sense, the backend can show it and something was wanted of it. Until the
  /// controller is enabled nothing else is said to it: it may still be at work for somebody else.
  static std::optional<ControllerMemoryFound> find_controller_memory([[maybe_unused]] B& backend,
                                                                     [[maybe_unused]] ControllerRegisters<B>& registers,
                                                                     [[maybe_unused]] const Options& options,
                                                                     [[maybe_unused]] spec::Cap cap,
                                                                     [[maybe_unused]] const ControllerSettings& settings) {
    if constexpr (HasControllerMemory<B>) {
      const bool is_wanted = options.controller_memory != ControllerMemoryUse::none && cap.get(spec::Cap::cmbs);
      if (!is_wanted || !registers.show_controller_memory()) {
        return std::nullopt;
      }
      const Qid last{static_cast<std::uint16_t>(settings.io_queues_max)};
      const std::uint64_t registers_end = spec::doorbell_offset(cap, last, spec::DoorbellKind::completion_head) + sizeof(std::uint32_t);
      const auto location = registers.controller_memory_location();
      const auto offer = offer_of(location, registers.controller_memory_size(), registers_end);
      if (offer && serves(*offer, options.controller_memory)) {
        const auto region = backend.controller_memory(offer->place);
        return region ? std::optional(ControllerMemoryFound{*offer, *region}) : std::nullopt;
      }
    }
    return std::nullopt;
  }
  static void fill_in(ControllerInfo& info, const std::optional<ControllerMemoryFound>& memory, const Options& options) {
    if (memory) {
      info.controller_memory_bytes = memory->region.bytes;
      info.controller_memory_reads = wants_data(options.controller_memory) && memory->offer.data_of_reads;
      info.controller_memory_writes = wants_data(options.controller_memory) && memory->offer.data_of_writes;
    }
  }
  static PciFunction function_of(std::uint32_t identifiers) {
    PciFunction function;
    function.vendor_id = static_cast<std::uint16_t>(identifiers);
    function.device_id = static_cast<std::uint16_t>(identifiers >> 16);
    return function;
  }
  static ControllerInfo info_of(spec::Cap cap, spec::Vs version, const ControllerSettings& settings) {
    ControllerInfo info;
    info.version = version;
    info.capabilities = cap;
    info.page_bytes = settings.page_bytes;
    info.queue_entries_max = spec::queue_entries_max(cap);
    return info;
  }

  ChannelSource source() { return {options_, settings_, info_, view_, queues_, controller_memory_}; }
  bool has_plain_ids() const { return !options_.command_generations || parts_.quirks.has(Quirk::plain_command_ids); }
  static bool is_over(State is) { return is == State::detached || is == State::failed || is == State::gone; }
  bool is_over() const { return is_over(state()); }

  Errc check_open(ChannelId channel) {
    if (channels_.find(channel) == nullptr) {
      return Errc::not_found;
    }
    return refusal_in(state(), queues_.takes_operations(channel));
  }

  void hear(const QueueMessage& message) {
    switch (message.kind) {
      case QueueMessage::Kind::abort_wanted:
        if (state() == State::ready) {
          admin_.want_abort({message.qid, message.cid});
        }
        break;
      case QueueMessage::Kind::abort_over:
        admin_.forget_abort({message.qid, message.cid});
        break;
      case QueueMessage::Kind::bogus_completion:
        events_.add({.kind = DriverEvent::Kind::bogus_completion,
                     .qid = message.qid,
                     .dword0 = message.cid.value | std::uint32_t{message.qid.value} << 16});
        break;
    }
  }

  /// Both of the view's states get room for every namespace, so that publishing takes none.
  void make_room_in_view() {
    for (int half = 0; half < 2; ++half) {
      DeviceFacts now(memory_);
      now = view_.read(view_.number());
      view_.draft() = now;
      view_.draft().namespaces.reserve(book_.current().namespaces_max());
      view_.publish();
    }
  }

  const Options options_;
  const ControllerSettings settings_;
  ControllerInfo info_;
  std::pmr::memory_resource* memory_;
  ControllerRegisters<B> registers_;
  EventList events_;
  NamespaceBook book_;
  DeviceView view_;
  QueueRegistry queues_;
  ControllerMemory controller_memory_;
  GrantTable<B> grants_;
  AdminPlane<B> admin_;
  BringUpScript script_;
  ControlParts<B> parts_;
  ControlPlane<B> control_;
  ChannelTable<B> channels_;
};

}  // namespace phasebit::driver
