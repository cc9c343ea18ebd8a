#include "scenarios/oracles/memory.hpp"

#include <fmt/format.h>

namespace phasebit::scenarios {

void Memory::judge(const Event& event) {
  const auto hold = [&](std::map<Key, Held>& in) {
    Held& held = in[{event.drive, event.b.get()}];
    held = {event.c, held.count + 1, event_number()};
  };
  switch (event.kind) {
    case EventKind::dma_allocated:
      return hold(allocated_);
    case EventKind::dma_mapped:
      return hold(mapped_);
    case EventKind::dma_freed:
      return give_back(allocated_, event, "freed");
    case EventKind::dma_unmapped:
      if (event.a != 0) {
        object(fmt::format("{} bytes at IOVA {:#x} were to be unmapped while a command owned them", event.c.get(), event.b.get()));
        return;
      }
      return give_back(mapped_, event, "unmapped");
    default:
      return;
  }
}

void Memory::give_back(std::map<Key, Held>& from, const Event& event, const char* what) {
  const auto found = from.find({event.drive, event.b.get()});
  if (found == from.end()) {
    object(fmt::format("IOVA {:#x} was {} and was not held", event.b.get(), what));
    return;
  }
  if (--found->second.count == 0) {
    from.erase(found);
  }
}

void Memory::finish() {
  const auto leak = [&](const std::map<Key, Held>& left, const char* what) {
    for (const auto& [key, held] : left) {
      keep({name(),
            {},
            fmt::format("{} bytes at IOVA {:#x} were {} and never given back", held.bytes, key.second, what),
            held.event_number,
            {},
            key.first,
            true});
    }
  };
  leak(allocated_, "allocated");
  leak(mapped_, "mapped");
}

}  // namespace phasebit::scenarios
