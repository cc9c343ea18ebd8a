#include "src/cli/emulated_drive.hpp"

#include <filesystem>

#include "scenarios/engine/load.hpp"

namespace phasebit::cli {
namespace {

sim::WorldOptions world_of(const sim::DriveOptions& drive) {
  sim::WorldOptions world;
  world.drives = {drive};
  return world;
}

}  // namespace

scenarios::Checked<sim::DriveOptions> drive_of(const std::string& file) {
  if (file.empty()) {
    return sim::DriveOptions{};
  }
  if (std::error_code error; std::filesystem::is_directory(file, error)) {
    return scenarios::refuse(file, {}, "is a directory; --drive takes one scenario file, whose first drive is emulated");
  }
  return scenarios::load_scenario(file).map([](const scenarios::Scenario& scenario) { return scenario.drives.front(); });
}

Result<EmulatedDrive> EmulatedDrive::create(const sim::DriveOptions& options) {
  constexpr std::uint64_t region_bytes = 4ull << 30;  // taken as it is touched: perf may write to every block
  Result<sim::Region> region = sim::Region::create(region_bytes);
  if (!region) {
    return fail(region.error());
  }
  return EmulatedDrive(options, std::move(*region));
}

EmulatedDrive::EmulatedDrive(const sim::DriveOptions& options, sim::Region region)
    : region_(std::move(region)), world_(sim::make_world(world_of(options), region_)) {}

}  // namespace phasebit::cli
