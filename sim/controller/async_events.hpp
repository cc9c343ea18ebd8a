// Asynchronous events: what waits to be told, what is masked until its log page is read, and the requests to tell it with (Base 2.0 §5.2).
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "sim/controller/command.hpp"
#include "sim/controller/command_pool.hpp"
#include "sim/stream/digest.hpp"
#include "src/base/time.hpp"
#include "src/spec/async_event.hpp"

namespace phasebit::sim {

/// A storm ignores masks: a drive that misbehaves.
struct EventStorm {
  std::uint64_t left = 0;
  Duration gap;
  Instant next = never;
  spec::AsyncEvent event;
};

class AsyncEvents {
 public:
  AsyncEvents(std::uint32_t requests_max, std::pmr::memory_resource* memory);

  /// A request of the host that was accepted; `full` says that one more is not.
  bool full() const { return requests_.size() == requests_max_; }
  void park(CommandIndex request) { requests_.push_back(request); }
  void unpark(CommandIndex request);

  /// Something happened. One event of a kind waits at a time; those of a masked type wait until it is unmasked.
  void report(spec::AsyncEvent event);
  void begin_storm(const EventStorm& storm) { storm_ = storm; }

  /// The host has read this log page without Retain Asynchronous Event: its event is cleared and its type may be told again.
  void on_log_read(spec::Lid lid);

  /// A request and the event to complete it with, if both are there at `now`.
  struct Delivery {
    CommandIndex request = CommandIndex::none;
    spec::AsyncEvent event;
  };
  std::optional<Delivery> next(Instant now);
  /// True if `next` would give one at `now`.
  Instant next_due(Instant now) const;

  /// After a reset: no requests, no events, no masks.
  void reset();

  void fingerprint(Hasher& hasher) const;

 private:
  static constexpr std::size_t types = 8;
  static constexpr std::size_t waiting_max = 64;

  std::size_t first_unmasked() const;

  std::uint32_t requests_max_;
  std::pmr::vector<CommandIndex> requests_;                  ///< oldest first
  std::pmr::vector<spec::AsyncEvent> waiting_;               ///< oldest first
  std::array<std::optional<spec::Lid>, types> masked_by_{};  ///< by event type: the page that unmasks it
  EventStorm storm_;
};

}  // namespace phasebit::sim
