// Which scenarios can be run on a real drive.
#pragma once

#include <string>
#include <vector>

#include "scenarios/engine/scenario.hpp"
#include "src/driver/types.hpp"

namespace phasebit::scenarios {

/// Why this scenario says nothing, or cannot be run, on one real drive whose owner allows writing or does not; empty if it can. Which drive
/// it is makes no difference here.
std::string unmet_on_device(const Scenario& scenario, bool may_write);

/// What a drive that was attached has shown of itself.
struct DriveSeen {
  std::uint16_t optional_commands = 0;  ///< Identify Controller's ONCS
  std::uint32_t queue_pairs = 0;        ///< for I/O, of `queue_pairs_asked` that were asked for
  std::vector<driver::Namespace> namespaces;

  /// No story asks for more.
  static constexpr std::uint32_t queue_pairs_asked = 64;
};

/// The same of a drive that has been looked at. A story may describe namespaces and queues: it runs where the drive has them.
std::string unmet_on_drive(const Scenario& scenario, const DriveSeen& seen);

/// The same story in the machine's time: deadlines last `per_cent` hundredths as long, and no operation is too slow before its deadline.
Scenario in_machine_time(Scenario scenario, std::uint32_t per_cent);

}  // namespace phasebit::scenarios
