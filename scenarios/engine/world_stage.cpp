#include "scenarios/engine/world_stage.hpp"

namespace phasebit::scenarios {

WorldStage::WorldStage(sim::World& world) : world_(world) {
  for (std::uint8_t drive = 0; drive < world.drives(); ++drive) {
    backends_.emplace_back(&world.backend(drive));
  }
}

void WorldStage::heal() {
  world_.heal();
  world_.run_until(world_.now() + world_.options().cycle);
}

Result<void> WorldStage::open(PciAddress address) {
  const Result<sim::EmulatedBackend*> opened = world_.bus().open(address);
  return opened ? Result<void>() : fail(opened.error());
}

}  // namespace phasebit::scenarios
