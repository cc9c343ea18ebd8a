// A driver behind one virtual call per batch, for those who must not know the backend: scenario engine and program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/driver/controller_info.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

enum class Shutdown : std::uint8_t { orderly, abrupt };

/// Why a channel accepts nothing in a state; queue_full stands for "open": the channel itself decides. `takes_operations`: it has been
/// made, and is not being closed.
constexpr Errc refusal_in(State state, bool takes_operations) {
  switch (state) {
    case State::ready:
    case State::recovering:
      return takes_operations ? Errc::queue_full : Errc::not_ready;
    case State::gone:
      return Errc::device_gone;
    case State::failed:
      return Errc::device_failed;
    default:
      return Errc::not_ready;
  }
}

/// All calls are for one thread. `now` never runs backwards. Nothing here waits, and nothing calls back.
class AnyDriver {
 public:
  AnyDriver() = default;
  AnyDriver(const AnyDriver&) = delete;
  AnyDriver& operator=(const AnyDriver&) = delete;
  /// Ends the driver and gives back all memory, its own included; the state has to be detached, failed or gone.
  virtual void destroy() = 0;

  /// The control plane's turn: bring-up, recovery, aborts, asynchronous events. Returns when it next wants one; earlier does no harm.
  /// With interrupts (`controller().interrupt_vectors` is not 0) the channels' wishes are in it, and nothing but an interrupt or the bus
  /// makes an earlier turn worth while: whoever submits and reaps, then polls, may sleep until then (Bus, CanWait). After a sleep, however
  /// it ended, both are called again.
  virtual Instant poll(Instant now) = 0;
  virtual State state() const = 0;
  /// Why the state is failed.
  virtual std::optional<Errc> failure() const = 0;
  /// The same in words, for a person.
  virtual std::string_view failure_text() const = 0;
  /// Identity and limits; filled in from State::ready on.
  virtual const ControllerInfo& controller() const = 0;
  /// The active namespaces, NSIDs ascending. Valid until the next poll or rescan.
  virtual std::span<const Namespace> namespaces() const = 0;

  /// Allocates. The channel refuses operations with `not_ready` until its queues exist at the device. A second process has one channel,
  /// with one submission queue, once.
  virtual Result<ChannelId> create_channel(const ChannelOptions& options, Instant now) = 0;
  /// No more is accepted; what was accepted still ends through reap. Its memory is given back once `reap` has returned the last result
  /// and the device has let go of the queues: go on calling it until `has_channel` says no.
  virtual Result<void> destroy_channel(ChannelId channel, Instant now) = 0;
  /// True from create_channel until the memory was given back.
  virtual bool has_channel(ChannelId channel) const = 0;
  /// Accepts a prefix of `operations`; one doorbell at most.
  virtual SubmitResult submit(ChannelId channel, std::span<const Operation> operations, Instant now) = 0;
  virtual Result<void> submit_raw(ChannelId channel, const RawCommand& command, Instant now) = 0;
  /// Writes results to the front of `results` and returns how many. Never reads a register.
  virtual std::uint32_t reap(ChannelId channel, Instant now, std::span<OperationResult> results) = 0;
  /// When the channel next wants a reap although no completion has come: a deadline or a retry.
  virtual Instant next_wake(ChannelId channel) const = 0;
  /// Asks for the end of every operation with this tag; each still ends through reap. `not_found` if there is none.
  virtual Result<void> abort(ChannelId channel, std::uint64_t tag, Instant now) = 0;

  /// An admin command of the user's; `queue_full` is back-pressure, `not_ready` outside State::ready; `unsupported` in a second process,
  /// and where Options::admin_queue_entries leaves no slot for users.
  virtual Result<void> submit_admin(const RawCommand& command, Instant now) = 0;
  virtual std::uint32_t reap_admin(std::span<OperationResult> results) = 0;

  /// Starts a controller reset; no effect while one runs, nor in a second process, whose primary resets the controller.
  virtual void reset(Instant now) = 0;
  /// True when the drive has more namespaces than memory was taken for.
  virtual bool wants_rescan() const = 0;
  /// Looks for namespaces again, allocating what is missing. `unsupported` in a second process, which hears of them from its primary.
  virtual Result<void> rescan(Instant now) = 0;
  /// Ends in State::detached, failed or gone, by itself, in bounded time.
  virtual void shutdown(Shutdown how, Instant now) = 0;

  /// Grants queues to processes that have asked for one, where the backend has others beside us: allocates. It then ends only when they
  /// have let go, or options.primary_timeout later.
  virtual void admit(Instant now) = 0;

  /// A piece of the controller's own memory for buffers (Base 2.0 §8.5): page aligned, of undefined content, slow to load from. All of an
  /// operation's buffers lie there or none does, and controller() says whether reads, writes or both may have theirs there. A reset may
  /// lose its content: what has not been sent by then ends as `rejected`. `unsupported` if the drive offers none for data or
  /// Options::controller_memory does not want it; `out_of_memory`; `invalid_argument` for no bytes.
  virtual Result<DmaRegion> allocate_controller_memory(std::uint64_t bytes) = 0;
  /// Gives back a region of the above, whole.
  virtual void free_controller_memory(const DmaRegion& region) = 0;

  /// The bus says that the function is no more, or asks for it; the first ends everything, the second becomes an event.
  virtual void removed(Instant now) = 0;
  virtual void removal_asked() = 0;

  /// The oldest event not yet fetched.
  virtual std::optional<DriverEvent> next_event() = 0;
  virtual Statistics statistics() const = 0;

 protected:
  ~AnyDriver() = default;
};

}  // namespace phasebit::driver
