#include "sim/world/world.hpp"

#include <algorithm>

#include "src/base/assert.hpp"
#include "src/base/random.hpp"

namespace phasebit::sim {
namespace {

enum WorldDraw : std::uint64_t { draw_interleave = 0x100, draw_host_memory = 0x103 };

constexpr std::uint32_t surprise = 1;
constexpr std::uint32_t orderly = 2;

}  // namespace

WorldPointer make_world(const WorldOptions& options, Region& region) {
  std::pmr::polymorphic_allocator<> allocator(region.resource());
  return WorldPointer(allocator.new_object<World>(options, region));
}

void DestroyWorld::operator()(World* world) const {
  world->~World();  // Its memory goes with the region.
}

World::World(const WorldOptions& options, Region& region)
    : options_(options),
      region_(region),
      stream_(region.resource()),
      host_(keyed(options.seed, draw_host_memory), options.host_memory_bytes, region),
      faults_(options_.faults, stream_, region.resource()),
      bus_(*this, region.resource()),
      slots_(region.resource()) {
  PHASEBIT_ASSERT(validate(options_).empty());
  stream_.add_reader(faults_);
  for (std::size_t index = 0; index < options_.drives.size(); ++index) {
    slots_.emplace_back(static_cast<std::uint8_t>(index), *this, region.resource());
  }
}

void World::run_until(Instant until) {
  const Instant end = tick(until);
  while (now() < end) {
    const Instant due = std::max(now() + options_.cycle, std::min(tick(next_due()), end));
    for (std::uint64_t stepped = 0; stepped < idle_cycles_stepped_ && now() + options_.cycle < due; ++stepped) {
      step();
    }
    advance_to(due);
  }
}

bool World::run_until_interrupt(Instant until) {
  bool woken = take_interrupts();
  while (!woken && now() < until) {
    run_until(std::min(until, std::max(now() + options_.cycle, next_due())));
    woken = take_interrupts();
  }
  return woken;
}

bool World::take_interrupts() {
  bool any = bus_.has_event();
  for (Slot& slot : slots_) {
    any = any || slot.drive.has_interrupt();
    slot.drive.take_interrupt();
  }
  return any;
}

void World::advance_to(Instant instant) {
  stream_.set_now(instant);
  work();
}

void World::work() {
  faults_.lift_expired();
  carry_out_faults();
  for (Slot& slot : slots_) {
    settle(slot);
  }
  for (Slot& slot : slots_) {
    slot.drive.land_due();
  }
  for (Slot& slot : slots_) {
    slot.drive.work();
  }
  carry_out_faults();
}

Instant World::tick(Instant instant) const {
  const std::uint64_t rest = instant.ns % options_.cycle.ns;
  return instant == never || rest == 0 ? instant : instant + Duration{options_.cycle.ns - rest};
}

Instant World::next_due() const {
  Instant due = faults_.next_due();
  for (const Slot& slot : slots_) {
    due = std::min(due, due_of(slot));
  }
  return due;
}

Instant World::due_of(const Slot& slot) const {
  const bool comes_back = slot.down_by && faults_.active(slot.drive.index(), *slot.down_by) == nullptr;
  return comes_back ? now() : std::min(slot.removal_due, slot.drive.next_due());
}

void World::settle(Slot& slot) {
  if (slot.down_by && faults_.active(slot.drive.index(), *slot.down_by) == nullptr) {
    bring_back(slot);
  }
  if (slot.removal_due <= now()) {
    slot.down_by.reset();  // whoever took it out does not put it back when a link recovers
    take_away(slot, 0, orderly);
  }
}

void World::carry_out_faults() {
  for (TimedFault struck = faults_.next_timed(); struck.fault != nullptr; struck = faults_.next_timed()) {
    carry_out(*struck.fault, slots_[struck.drive]);
  }
}

void World::carry_out(const Fault& fault, Slot& slot) {
  if (fault.what == Verb::all_ones || slot.drive.presence() != Presence::present) {
    return;  // All ones is asked of the plan at each access; what is not there cannot fail.
  }
  switch (fault.what) {
    case Verb::surprise_removal:
      return take_away(slot, fault.value, surprise);
    case Verb::return_after_removal:
      slot.down_by = fault.what;
      return take_away(slot, fault.value, surprise);
    case Verb::power_cut:
      slot.down_by = fault.what;
      return take_away(slot, fault.value, 0);
    case Verb::orderly_removal:
      return ask_for_removal(slot, fault.delay.ns != 0 ? fault.delay : seconds(1));
    case Verb::link_flap:
      slot.down_by = fault.what;
      return slot.drive.drop_link();
    default:
      return slot.drive.controller().strike(fault);
  }
}

void World::take_away(Slot& slot, std::uint64_t cut_outcome, std::uint32_t removal) {
  slot.removal_due = never;
  if (slot.drive.presence() != Presence::gone) {
    slot.drive.lose_power(cut_outcome, removal);
    bus_.tell(BusEvent::Kind::removed, slot.drive.address());
  }
}

void World::bring_back(Slot& slot) {
  slot.down_by.reset();
  if (slot.drive.presence() == Presence::link_down) {
    slot.drive.restore_link();
  } else if (slot.drive.presence() == Presence::gone) {
    slot.drive.regain_power();
    bus_.tell(BusEvent::Kind::added, slot.drive.address());
  }
}

void World::ask_for_removal(Slot& slot, Duration delay) {
  bus_.tell(BusEvent::Kind::removal_asked, slot.drive.address());
  slot.removal_due = bus_.is_claimed(slot.drive.index()) ? now() + delay : now();
}

void World::released(std::uint8_t drive) {
  Slot& slot = slots_[drive];
  slot.removal_due = slot.removal_due == never ? never : now();
}

void World::power_cut(std::uint8_t drive, std::uint64_t outcome) {
  take_away(slots_[drive], outcome, 0);
}

void World::power_on(std::uint8_t drive) {
  bring_back(slots_[drive]);
}

void World::remove(std::uint8_t drive) {
  take_away(slots_[drive], 0, surprise);
}

void World::give_back(std::uint8_t drive) {
  bring_back(slots_[drive]);
}

void World::heal() {
  faults_.heal();
  for (Slot& slot : slots_) {
    slot.drive.media().lift_faults();
  }
}

Result<void> World::free_buffer(std::span<const std::byte> buffer) {
  const bool mapped = std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.drive.iommu().touches(buffer); });
  return mapped ? fail(Errc::busy) : host_.free(buffer);
}

void World::interleave() {
  if (!options_.interleave) {
    return;
  }
  // Short steps are likelier than long ones: an exponent is drawn first.
  const std::uint64_t drawn = keyed(options_.seed, draw_interleave, stream_.count());
  const std::uint64_t cycles = (drawn >> 8) % (1ull << (drawn % 8));
  step_cycles(std::min<std::uint64_t>(cycles, options_.interleave_cycles_max));
}

std::uint64_t World::fingerprint() const {
  Hasher hasher;
  hasher.add(now().ns);
  hasher.add(options_.interleave ? stream_.count() : 0);  // What the next steps are drawn from.
  faults_.fingerprint(hasher);
  host_.fingerprint(hasher);
  bus_.fingerprint(hasher);
  for (const Slot& slot : slots_) {
    slot.drive.fingerprint(hasher);
    slot.backend.fingerprint(hasher);
    hasher.add(slot.down_by ? static_cast<std::uint32_t>(*slot.down_by) : 0);
    hasher.add(slot.removal_due.ns);
  }
  return hasher.value();
}

RegionSnapshot World::snapshot() const {
  host_.lift_poison();
  RegionSnapshot taken = region_.snapshot();
  host_.lay_poison();
  return taken;
}

void World::restore(const RegionSnapshot& snapshot) {
  host_.lift_poison();
  region_.restore(snapshot);
  host_.lay_poison();
}

}  // namespace phasebit::sim
