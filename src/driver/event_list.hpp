// What happened that the user has not yet asked about: a ring of fixed size that says how much it lost.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/base/assert.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

class EventList {
 public:
  EventList(std::uint32_t events_max, std::pmr::memory_resource* memory) : events_(events_max == 0 ? 1 : events_max, memory) {}

  void add(const DriverEvent& event) {
    if (count_ == events_.size()) {
      ++lost_;
      return;
    }
    events_[(first_ + count_) % events_.size()] = event;
    ++count_;
  }

  /// The oldest; after the last one that was kept, how many were not.
  std::optional<DriverEvent> next() {
    if (count_ == 0) {
      return next_lost();
    }
    const DriverEvent event = events_[first_];
    first_ = (first_ + 1) % events_.size();
    --count_;
    return event;
  }

 private:
  std::optional<DriverEvent> next_lost() {
    if (lost_ == 0) {
      return std::nullopt;
    }
    const DriverEvent event{.kind = DriverEvent::Kind::events_lost, .dword0 = lost_};
    lost_ = 0;
    return event;
  }

  std::pmr::vector<DriverEvent> events_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::uint32_t lost_ = 0;
};

}  // namespace phasebit::driver
