#include "sim/world/emulated_bus.hpp"

#include <algorithm>

#include "sim/world/world.hpp"

namespace phasebit::sim {
namespace {

/// As bus_event events number them.
std::uint32_t number_of(BusEvent::Kind kind) {
  switch (kind) {
    case BusEvent::Kind::added:
      return 1;
    case BusEvent::Kind::removed:
      return 2;
    case BusEvent::Kind::removal_asked:
      return 3;
  }
  return 0;
}

}  // namespace

std::vector<PciFunction> EmulatedBus::enumerate() const {
  std::vector<PciFunction> functions;
  for (std::uint8_t index = 0; index < world_.drives(); ++index) {
    if (world_.drive(index).answers()) {
      functions.push_back(world_.drive(index).function().description());
    }
  }
  return functions;
}

Result<void> EmulatedBus::claim(PciAddress address) {
  const Drive* drive = at(address);
  if (drive == nullptr || drive->presence() == Presence::gone) {
    return fail(Errc::not_found);
  }
  if (is_claimed(drive->index())) {
    return fail(Errc::busy);
  }
  claimed_.push_back(drive->index());
  world_.stream().append(make_event(EventKind::function_claimed, drive->index(), 0, address.packed()));
  return {};
}

void EmulatedBus::release(PciAddress address) {
  const Drive* drive = at(address);
  if (drive == nullptr || std::erase(claimed_, drive->index()) == 0) {
    return;
  }
  world_.stream().append(make_event(EventKind::function_released, drive->index(), 0, address.packed()));
  world_.released(drive->index());
}

Result<EmulatedBackend*> EmulatedBus::open(PciAddress address) {
  const Drive* drive = at(address);
  if (drive == nullptr || drive->presence() == Presence::gone) {
    return fail(Errc::not_found);
  }
  if (!is_claimed(drive->index())) {
    return fail(Errc::not_ready);
  }
  EmulatedBackend& backend = world_.backend(drive->index());
  backend.opened();
  return &backend;
}

void EmulatedBus::close(PciAddress) {}

std::optional<BusEvent> EmulatedBus::next_event() {
  if (waiting_.empty()) {
    return std::nullopt;
  }
  const BusEvent event = waiting_.front();
  waiting_.pop_front();
  world_.stream().append(make_event(EventKind::bus_event, at(event.address)->index(), 0, number_of(event.kind)));
  return event;
}

bool EmulatedBus::wait(Instant until) {
  return world_.run_until_interrupt(until);
}

bool EmulatedBus::is_claimed(std::uint8_t drive) const {
  return std::find(claimed_.begin(), claimed_.end(), drive) != claimed_.end();
}

Drive* EmulatedBus::at(PciAddress address) const {
  for (std::uint8_t index = 0; index < world_.drives(); ++index) {
    if (world_.drive(index).address() == address) {
      return &world_.drive(index);
    }
  }
  return nullptr;
}

void EmulatedBus::fingerprint(Hasher& hasher) const {
  hasher.add(claimed_.size());
  for (const std::uint8_t drive : claimed_) {
    hasher.add(drive);
  }
  hasher.add(waiting_.size());
  for (const BusEvent& event : waiting_) {
    hasher.add(event.kind);
    hasher.add(event.address.packed());
  }
}

}  // namespace phasebit::sim
