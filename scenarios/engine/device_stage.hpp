// One real drive as a stage: its accesses pass an interposer that records them and makes go wrong what can go wrong there.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory_resource>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/engine/interrupt.hpp"
#include "scenarios/engine/stage.hpp"
#include "scenarios/interpose/interposed.hpp"

namespace phasebit::scenarios {

/// `B` is a bus of the machine's; of its functions only one is there for the host. All of it outlives the stage. Time is the clock's, from
/// the stage's beginning on: waiting is `pause`, which returns soon. `buffers` has memory that the drive can be let at. The faults are such
/// as the interposer can make (scenarios/interpose/can.hpp).
template <Bus B>
class DeviceStage final : public Stage {
 public:
  using PauseFunction = void (*)(void* context, Instant until);
  /// Why the drive of a driver that is ready is another one than is meant; empty if it is that one.
  using StrangerFunction = std::function<std::string(const driver::AnyDriver& driver)>;

  DeviceStage(B& bus, PciAddress address, Clock& clock, PauseFunction pause, void* pause_context, std::span<const sim::Fault> faults,
              std::pmr::memory_resource* buffers, StrangerFunction stranger)
      : bus_(bus),
        address_(address),
        clock_(clock),
        pause_(pause),
        pause_context_(pause_context),
        buffer_memory_(buffers),
        stranger_(std::move(stranger)),
        stream_(memory()),
        plan_(faults, stream_, memory()) {
    stream_.add_reader(plan_);
  }
  DeviceStage(const DeviceStage&) = delete;
  DeviceStage& operator=(const DeviceStage&) = delete;
  ~DeviceStage() override {
    seam_.reset();
    for (const auto& [data, bytes] : buffers_) {
      buffer_memory_->deallocate(data, bytes, buffer_alignment);
    }
  }

  Instant now() override {
    stream_.set_now(std::max(clock_.now(), stream_.now()));
    return stream_.now();
  }
  void run_until(Instant until) override {
    pause_(pause_context_, clock_.origin + (until - Instant{}));
    now();
    if (seam_) {
      seam_->work();
    }
  }
  /// An interposer shows completions when it likes, so that no interrupt tells of them.
  void sleep_until(Instant until) override { run_until(until); }
  /// A device that is open acts when it likes: the host looks again soon.
  Instant next_due() override { return seam_ ? now() : never; }
  Duration cycle() const override { return nanoseconds(1); }

  sim::Stream& stream() override { return stream_; }
  sim::FaultPlan& faults() override { return plan_; }
  void heal() override {
    plan_.heal();
    run_until(now());
  }

  std::uint8_t drives() const override { return 1; }
  PciAddress address(std::uint8_t) const override { return address_; }
  AnyBackend& backend(std::uint8_t) override { return port_; }

  std::vector<PciFunction> enumerate() override {
    std::vector<PciFunction> functions = bus_.enumerate();
    std::erase_if(functions, [&](const PciFunction& function) { return function.address != address_ || is_pulled(); });
    return functions;
  }
  Result<void> claim(PciAddress address) override { return bus_.claim(address); }
  void release(PciAddress address) override { bus_.release(address); }
  Result<void> open(PciAddress address) override {
    const Result<typename B::BackendType*> opened = bus_.open(address);
    if (!opened) {
      return fail(opened.error());
    }
    if (std::exchange(is_gone_, false)) {
      stream_.append(sim::make_event(EventKind::function_back, 0));
    }
    stream_.append(sim::make_event(EventKind::drive_fact, 0, 0, static_cast<std::uint32_t>(DriveFact::old_content)));
    port_.set(&seam_.emplace(**opened, stream_, plan_, clock_, memory()));
    return {};
  }
  void close(PciAddress address) override {
    seam_.reset();
    bus_.close(address);
  }
  bool has_event() override {
    while (const std::optional<BusEvent> event = bus_.next_event()) {
      if (event->address == address_) {
        events_.push_back(*event);
        end_because(event->kind == BusEvent::Kind::removal_asked ? asked_for : "");
        if (event->kind == BusEvent::Kind::removed) {
          note_gone();
        }
      }
    }
    return !events_.empty();
  }
  std::optional<BusEvent> next_event() override {
    if (!has_event()) {
      return std::nullopt;
    }
    const BusEvent event = events_.front();
    events_.pop_front();
    return event;
  }

  /// Each attachment is looked at: another drive may sit at the address by now.
  bool is_meant(const driver::AnyDriver& driver) override {
    const std::string why = stranger_(driver);
    end_because(why);
    return why.empty();
  }
  /// The drive is a stranger, somebody asks for it, or the program is asked to stop.
  std::string_view ends_because() override {
    end_because(interrupt_seen() != 0 ? "it was asked to stop" : "");
    return ends_because_;
  }

  /// Whole pages, so that no two buffers share one.
  Result<std::span<std::byte>> allocate_buffer(std::uint64_t bytes) override {
    const std::uint64_t whole = (bytes + buffer_alignment - 1) / buffer_alignment * buffer_alignment;
    try {
      auto* const data = static_cast<std::byte*>(buffer_memory_->allocate(whole, buffer_alignment));
      buffers_.emplace(data, whole);
      return std::span(data, bytes);
    } catch (const std::bad_alloc&) {
      return fail(Errc::out_of_memory);
    }
  }
  Result<void> free_buffer(std::span<std::byte> buffer) override {
    const auto found = buffers_.find(buffer.data());
    if (found == buffers_.end()) {
      return fail(Errc::not_found);
    }
    buffer_memory_->deallocate(found->first, found->second, buffer_alignment);
    buffers_.erase(found);
    return {};
  }

 private:
  /// Time since the stage began.
  struct Since final : Clock {
    explicit Since(Clock& whole) : clock(whole), origin(whole.now()) {}
    Instant now() override { return Instant{(clock.now() - origin).ns}; }
    Clock& clock;
    Instant origin;
  };

  /// Whoever was pulled out does not come back, though the machine still sees it.
  bool is_pulled() const {
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      if (plan_.fault(i).what == sim::Verb::surprise_removal && plan_.fired(i) > 0) {
        return true;
      }
    }
    return false;
  }

  void note_gone() {
    is_gone_ = true;
    if (seam_) {
      seam_->vanish();
    } else {
      stream_.append(sim::make_event(EventKind::function_gone, 0, 0, 1));
    }
  }

  /// The first reason counts.
  void end_because(std::string_view why) {
    if (ends_because_.empty()) {
      ends_because_ = why;
    }
  }

  static constexpr std::string_view asked_for =
      "somebody asks for the drive: it is shut down and given back, and the story ends before its time";
  static constexpr std::uint64_t buffer_alignment = 4096;
  static std::pmr::memory_resource* memory() { return std::pmr::new_delete_resource(); }

  B& bus_;
  PciAddress address_;
  Since clock_;
  PauseFunction pause_;
  void* pause_context_;
  std::pmr::memory_resource* buffer_memory_;
  StrangerFunction stranger_;
  sim::Stream stream_;
  sim::FaultPlan plan_;
  std::optional<Interposed<typename B::BackendType>> seam_;  ///< while the drive is open
  BackendOf<Interposed<typename B::BackendType>> port_;
  std::deque<BusEvent> events_;
  bool is_gone_ = false;
  std::string ends_because_;
  std::map<std::byte*, std::uint64_t> buffers_;
};

}  // namespace phasebit::scenarios
