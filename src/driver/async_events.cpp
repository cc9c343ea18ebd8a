#include "src/driver/async_events.hpp"

#include <algorithm>
#include <bit>

#include "src/base/assert.hpp"

namespace phasebit::driver {

void AsyncEvents::start(std::uint32_t requests_max, Duration interval) {
  is_on_ = requests_max > 0;
  requests_max_ = requests_max;
  interval_ = interval;
  outstanding_ = sent_ = errors_ = 0;
  next_at_ = Instant{};
}

void AsyncEvents::sent(Instant now) {
  PHASEBIT_ASSERT(outstanding_ < requests_max_);
  ++outstanding_;
  sent_ = std::min(sent_ + 1, requests_max_);
  next_at_ = sent_ < requests_max_ ? now : now + interval_;  // the first few go at once
}

AsyncAnswer AsyncEvents::answered(spec::Status status, std::uint32_t dword0, Instant now) {
  outstanding_ -= outstanding_ > 0 ? 1 : 0;
  if (!spec::is_success(status)) {
    return after_error(status, now);
  }
  errors_ = 0;
  return {spec::AsyncEvent{dword0}, false};
}

/// An aborted request is not sent again by itself: whoever aborted it knows why. Others are, more and more slowly, a bounded number of
/// times.
AsyncAnswer AsyncEvents::after_error(spec::Status status, Instant now) {
  if (spec::is(status, spec::CommandStatus::async_event_request_limit_exceeded) && outstanding_ > 0) {
    requests_max_ = outstanding_;  // the device takes fewer than it said
    return {};
  }
  const bool is_final = status.get(spec::Status::dnr) || spec::is(status, spec::GenericStatus::abort_requested) ||
                        spec::is(status, spec::GenericStatus::aborted_sq_deletion);
  if (is_final || ++errors_ >= errors_max) {
    requests_max_ = std::min(requests_max_, outstanding_);
    is_on_ = requests_max_ > 0;
    return {std::nullopt, !is_on_};
  }
  next_at_ = std::max(next_at_, now + interval_ * (1ull << errors_));
  return {};
}

std::optional<spec::Lid> LogPagesToRead::next() const {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (words_[i] != 0) {
      return static_cast<spec::Lid>(64 * i + static_cast<std::size_t>(std::countr_zero(words_[i])));
    }
  }
  return std::nullopt;
}

}  // namespace phasebit::driver
