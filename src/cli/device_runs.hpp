// Scenarios on a real drive, one after the other.
#pragma once

#include <memory>
#include <string>

#include "hw/environment_options.hpp"
#include "scenarios/engine/run_scenario.hpp"
#include "src/cli/drive_consent.hpp"

namespace phasebit::cli {

/// A drive that scenarios shall run on.
struct DeviceTarget {
  std::string device;  ///< PCI address or transport ID
  hw::EnvironmentOptions environment;
  DriveConsent consent;
  std::uint32_t deadline_scale = 100;  ///< per cent
};

/// Whether there can be a run at all: says why not, on stderr, and gives the exit code. Starts nothing, so that children can.
scenarios::ExitCode look_at(const DeviceTarget& target);

/// Runs scenarios of one process. DPDK is started, and drive and owner's consent are looked at, when the first one comes. What hinders that
/// is an objection of the environment's to each, as is, to those that are left, another drive in its place or somebody who asks for it.
class DeviceRuns {
 public:
  explicit DeviceRuns(DeviceTarget target);
  DeviceRuns(const DeviceRuns&) = delete;
  DeviceRuns& operator=(const DeviceRuns&) = delete;
  ~DeviceRuns();

  scenarios::RunResult run(const scenarios::Scenario& scenario, const scenarios::RunOptions& options);

 private:
  class Bench;
  DeviceTarget target_;
  std::unique_ptr<Bench> bench_;
};

}  // namespace phasebit::cli
