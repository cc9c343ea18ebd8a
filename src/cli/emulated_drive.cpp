#include "src/cli/emulated_drive.hpp"

namespace phasebit::cli {

Result<EmulatedDrive> EmulatedDrive::create() {
  constexpr std::uint64_t region_bytes = 4ull << 30;  // taken as it is touched: perf may write to every block
  Result<sim::Region> region = sim::Region::create(region_bytes);
  if (!region) {
    return fail(region.error());
  }
  return EmulatedDrive(std::move(*region));
}

EmulatedDrive::EmulatedDrive(sim::Region region) : region_(std::move(region)), world_(sim::make_world(sim::WorldOptions{}, region_)) {}

}  // namespace phasebit::cli
