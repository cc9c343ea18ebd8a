#include "sim/controller/async_events.hpp"

#include <algorithm>

namespace phasebit::sim {
namespace {

std::size_t type_of(spec::AsyncEvent event) {
  return static_cast<std::size_t>(event.get(spec::AsyncEvent::type));
}

}  // namespace

AsyncEvents::AsyncEvents(std::uint32_t requests_max, std::pmr::memory_resource* memory)
    : requests_max_(requests_max), requests_(memory), waiting_(memory) {
  requests_.reserve(requests_max);
  waiting_.reserve(waiting_max);
}

void AsyncEvents::unpark(CommandIndex request) {
  std::erase(requests_, request);
}

void AsyncEvents::report(spec::AsyncEvent event) {
  const bool waits = std::find(waiting_.begin(), waiting_.end(), event) != waiting_.end();
  if (!waits && waiting_.size() < waiting_max) {
    waiting_.push_back(event);
  }
}

void AsyncEvents::on_log_read(spec::Lid lid) {
  std::erase_if(waiting_, [&](spec::AsyncEvent event) { return event.get(spec::AsyncEvent::lid) == lid; });
  for (auto& mask : masked_by_) {
    if (mask == lid) {
      mask.reset();
    }
  }
}

std::size_t AsyncEvents::first_unmasked() const {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](spec::AsyncEvent e) { return !masked_by_[type_of(e)]; });
  return static_cast<std::size_t>(found - waiting_.begin());
}

std::optional<AsyncEvents::Delivery> AsyncEvents::next(Instant now) {
  if (next_due(now) > now) {
    return std::nullopt;
  }
  Delivery delivery{requests_.front(), {}};
  requests_.erase(requests_.begin());
  const std::size_t index = first_unmasked();
  if (index < waiting_.size()) {
    delivery.event = waiting_[index];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
    masked_by_[type_of(delivery.event)] = delivery.event.get(spec::AsyncEvent::lid);
    return delivery;
  }
  delivery.event = storm_.event;
  storm_.next = --storm_.left == 0 ? never : now + storm_.gap;
  return delivery;
}

Instant AsyncEvents::next_due(Instant now) const {
  if (requests_.empty()) {
    return never;
  }
  return first_unmasked() < waiting_.size() ? now : storm_.next;
}

void AsyncEvents::reset() {
  requests_.clear();
  waiting_.clear();
  masked_by_ = {};
  storm_ = {};
}

void AsyncEvents::fingerprint(Hasher& hasher) const {
  hasher.add(requests_.size());
  hasher.add(waiting_.size());
  for (const spec::AsyncEvent event : waiting_) {
    hasher.add(event.raw);
  }
  for (const auto& mask : masked_by_) {
    hasher.add(mask.has_value());
  }
  hasher.add(storm_.left);
  hasher.add(storm_.next.ns);
}

}  // namespace phasebit::sim
