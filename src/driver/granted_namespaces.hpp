// The namespaces as a second process knows them: from its primary.
#pragma once

#include <memory_resource>
#include <span>

#include "src/driver/device_limits.hpp"
#include "src/driver/event_list.hpp"
#include "src/driver/namespace_book.hpp"
#include "src/driver/shared_facts.hpp"

namespace phasebit::driver {

class GrantedNamespaces {
 public:
  explicit GrantedNamespaces(std::pmr::memory_resource* memory) : book_(SharedFacts::namespaces_max, memory), view_(memory) {
    for (int half = 0; half < 2; ++half) {
      view_.draft().namespaces.reserve(SharedFacts::namespaces_max);
      view_.publish();
    }
  }

  const DeviceView& view() const { return view_; }
  std::span<const Namespace> all() const { return book_.current().all(); }

  /// Takes over what the primary tells, if that is new. `view_is_seen`: nobody acts by an older view than ours. False if there is something
  /// new that cannot be taken yet.
  bool follow(const SharedFacts& facts, bool view_is_seen, EventList& events) {
    if (facts.number() == number_) [[likely]] {
      return true;
    }
    SharedFacts::Image image;
    if (!view_is_seen || !facts.read(image, number_)) {
      return false;
    }
    NamespaceTable& table = book_.draft();
    table.clear();
    for (const Namespace& entry : image.all()) {
      table.add(entry);
    }
    book_.show_draft([&](const Namespace& entry) { events.add({.kind = DriverEvent::Kind::namespace_changed, .nsid = entry.nsid}); });
    view_.draft().limits = image.limits;
    fill_shapes(view_.draft().namespaces, book_.current());
    view_.publish();
    return true;
  }

 private:
  NamespaceBook book_;
  DeviceView view_;
  std::uint32_t number_ = 0;  ///< of the facts taken over
};

}  // namespace phasebit::driver
