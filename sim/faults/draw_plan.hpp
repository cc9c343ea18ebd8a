// A fault plan drawn from a seed, for swarms: an explicit list like any other.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/faults/fault.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

/// The world that the faults are for.
struct DrawLimits {
  std::uint8_t drives = 1;
  std::uint16_t io_queues = 1;
  std::uint32_t namespaces = 1;      ///< NSIDs 1 to this
  std::uint64_t blocks = 1 << 16;    ///< of each
  std::uint64_t operations = 1'000;  ///< of the workload; their tags are first_operation and up
  std::uint64_t first_operation = 0;
  std::uint16_t bring_up_rows = 12;  ///< rows of the driver's machines 0, 1 and 2
  std::uint16_t recovery_rows = 8;
  std::uint16_t shutdown_rows = 6;
  Duration horizon = seconds(1);  ///< when the faulty phase ends
  /// Also faults after which a correct driver cannot give right answers: data that is silently wrong or not durable, entries whose fields
  /// lie within what is possible.
  bool lies = false;
};

/// A list of faults, each valid. Every verb has its own draws, so that a seed keeps the others when one is taken out of use. One seed in
/// eight has no fault at all; the others use a few verbs, each in episodes. Without `lies` no verb that lies is drawn.
std::vector<Fault> draw_plan(std::uint64_t seed, const DrawLimits& limits);

/// True for the verbs that only `lies` allows.
bool is_lie(Verb verb);

}  // namespace phasebit::sim
