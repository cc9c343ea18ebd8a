// Puts one drive's events into the stream, stamped by the clock that the caller gives.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/stream/stream.hpp"
#include "src/base/time.hpp"

namespace phasebit::scenarios {

/// Where time comes from: a machine's monotonic clock, or a world's.
struct Clock {
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

/// A clock that goes back is not followed: the stream's time stands still until it has caught up.
class Recorder {
 public:
  Recorder(sim::Stream& stream, Clock& clock, std::uint8_t drive) : stream_(stream), clock_(clock), drive_(drive) {}

  std::uint8_t drive() const { return drive_; }
  /// Time as of the last `tick` or `append`.
  Instant now() const { return stream_.now(); }
  /// Reads the clock.
  void tick() { stream_.set_now(std::max(clock_.now(), stream_.now())); }

  void append(Event event) {
    event.drive = drive_;
    tick();
    stream_.append(event);
  }
  void append(EventKind kind, std::uint16_t queue, std::uint32_t a, std::uint64_t b = 0, std::uint64_t c = 0) {
    append(sim::make_event(kind, drive_, queue, a, b, c));
  }

 private:
  sim::Stream& stream_;
  Clock& clock_;
  std::uint8_t drive_;
};

}  // namespace phasebit::scenarios
