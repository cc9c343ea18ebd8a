#include "scenarios/engine/host_bus.hpp"

#include "src/base/random.hpp"

namespace phasebit::scenarios {
namespace {

/// Some looks of a driver that is ready, few of one that brings a drive up.
constexpr Duration delay_max = milliseconds(5);

}  // namespace

HostBus::HostBus(Stage& stage, std::uint64_t seed, GuardedMemory& memory) : stage_(stage), seed_(seed), memory_(memory) {
  for (std::uint8_t drive = 0; drive < stage.drives(); ++drive) {
    backends_.emplace_back(stage.backend(drive));
  }
}

std::vector<PciFunction> HostBus::enumerate() const {
  const AllocationPause pause;
  return stage_.enumerate();
}

Result<void> HostBus::claim(PciAddress address) {
  const AllocationPause pause;
  return stage_.claim(address);
}

void HostBus::release(PciAddress address) {
  const AllocationPause pause;
  stage_.release(address);
}

Result<GuardedBackend*> HostBus::open(PciAddress address) {
  const AllocationPause pause;
  if (const Result<void> opened = stage_.open(address); !opened) {
    return fail(opened.error());
  }
  for (std::uint8_t drive = 0; drive < stage_.drives(); ++drive) {
    if (stage_.address(drive) == address) {
      memory_.allow();
      return &backends_[drive];
    }
  }
  return fail(Errc::not_found);
}

void HostBus::close(PciAddress address) {
  const AllocationPause pause;
  memory_.forbid();
  stage_.close(address);
}

std::optional<BusEvent> HostBus::next_event() {
  const AllocationPause pause;
  memory_.forbid();
  if (next_due() > stage_.now()) {
    return std::nullopt;
  }
  told_at_.reset();
  ++told_;
  return stage_.next_event();
}

Instant HostBus::next_due() {
  if (!stage_.has_event()) {
    prompt_ = false;
    return never;
  }
  if (!told_at_) {
    told_at_ = stage_.now() + draw_delay();
  }
  return prompt_ ? stage_.now() : *told_at_;
}

Duration HostBus::draw_delay() const {
  Random random(keyed(seed_, 0x627573ull, told_));
  return random.chance(1, 2) ? Duration{} : Duration{random.below(delay_max.ns)};
}

}  // namespace phasebit::scenarios
