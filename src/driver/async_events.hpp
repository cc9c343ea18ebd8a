// Asynchronous Event Requests: how many are out, when the next may go, what an answer means (Base 2.0 §5.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "src/base/time.hpp"
#include "src/spec/async_event.hpp"
#include "src/spec/status.hpp"

namespace phasebit::driver {

/// What an answered request asks of the driver.
struct AsyncAnswer {
  std::optional<spec::AsyncEvent> event;  ///< the device has news
  bool gave_up = false;                   ///< no event will come any more until the next reset
};

class AsyncEvents {
 public:
  /// Errors in a row before the device is taken at its word that it gives no events.
  static constexpr std::uint32_t errors_max = 3;

  /// After a reset: nothing is out. `requests_max` is at most AERL + 1; `interval` lies between two requests once as many as that are out.
  void start(std::uint32_t requests_max, Duration interval);
  /// Nothing may be sent until start(), or until resume() if what is out still is.
  void stop() { is_on_ = false; }
  void resume() { is_on_ = requests_max_ > 0; }

  /// True if a request may be sent now. They never time out.
  bool wants_request(Instant now) const { return is_on_ && outstanding_ < requests_max_ && now >= next_at_; }
  void sent(Instant now);
  /// A request was answered by the device.
  AsyncAnswer answered(spec::Status status, std::uint32_t dword0, Instant now);

  std::uint32_t outstanding() const { return outstanding_; }
  Instant next_wake() const { return is_on_ && outstanding_ < requests_max_ ? next_at_ : never; }

 private:
  AsyncAnswer after_error(spec::Status status, Instant now);

  bool is_on_ = false;
  std::uint32_t requests_max_ = 0;
  std::uint32_t outstanding_ = 0;
  std::uint32_t sent_ = 0;  ///< since start
  std::uint32_t errors_ = 0;
  Duration interval_{};
  Instant next_at_{};
};

/// Log pages that an event told us to read, each at most once. Reading the page is what lets the next event of its type come.
class LogPagesToRead {
 public:
  void add(spec::Lid lid) { word(lid) |= bit(lid); }
  void clear() { words_ = {}; }
  void remove(spec::Lid lid) { word(lid) &= ~bit(lid); }
  /// The lowest one.
  std::optional<spec::Lid> next() const;
  bool is_empty() const { return (words_[0] | words_[1] | words_[2] | words_[3]) == 0; }

 private:
  std::uint64_t& word(spec::Lid lid) { return words_[static_cast<std::uint8_t>(lid) / 64]; }
  static std::uint64_t bit(spec::Lid lid) { return 1ull << (static_cast<std::uint8_t>(lid) % 64); }

  std::array<std::uint64_t, 4> words_{};
};

}  // namespace phasebit::driver
