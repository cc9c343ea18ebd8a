#include "scenarios/engine/host_bus.hpp"

#include "src/base/random.hpp"

namespace phasebit::scenarios {
namespace {

/// Some looks of a driver that is ready, few of one that brings a drive up.
constexpr Duration delay_max = milliseconds(5);

}  // namespace

HostBus::HostBus(sim::World& world, std::uint64_t seed) : world_(world), seed_(seed) {
  for (std::uint8_t drive = 0; drive < world.drives(); ++drive) {
    backends_.emplace_back(world.backend(drive));
  }
}

std::vector<PciFunction> HostBus::enumerate() const {
  const AllocationPause pause;
  return world_.bus().enumerate();
}

Result<void> HostBus::claim(PciAddress address) {
  const AllocationPause pause;
  return world_.bus().claim(address);
}

void HostBus::release(PciAddress address) {
  const AllocationPause pause;
  world_.bus().release(address);
}

Result<GuardedBackend*> HostBus::open(PciAddress address) {
  const AllocationPause pause;
  if (const Result<sim::EmulatedBackend*> opened = world_.bus().open(address); !opened) {
    return fail(opened.error());
  }
  for (std::uint8_t drive = 0; drive < world_.drives(); ++drive) {
    if (world_.drive(drive).address() == address) {
      return &backends_[drive];
    }
  }
  return fail(Errc::not_found);
}

void HostBus::close(PciAddress address) {
  world_.bus().close(address);
}

std::optional<BusEvent> HostBus::next_event() {
  const AllocationPause pause;
  if (next_due() > world_.now()) {
    return std::nullopt;
  }
  told_at_.reset();
  ++told_;
  return world_.bus().next_event();
}

Instant HostBus::next_due() {
  if (!world_.bus().has_event()) {
    prompt_ = false;
    return never;
  }
  if (!told_at_) {
    told_at_ = world_.now() + draw_delay();
  }
  return prompt_ ? world_.now() : *told_at_;
}

Duration HostBus::draw_delay() const {
  Random random(keyed(seed_, 0x627573ull, told_));
  return random.chance(1, 2) ? Duration{} : Duration{random.below(delay_max.ns)};
}

}  // namespace phasebit::scenarios
