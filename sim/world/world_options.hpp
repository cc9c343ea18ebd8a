// Everything that a world is drawn from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/controller/drive_options.hpp"
#include "sim/faults/fault.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

struct WorldOptions {
  std::uint64_t seed = 0;
  std::vector<DriveOptions> drives{DriveOptions{}};  ///< 1 to 32; drive i sits at 0000:(i + 1):00.0
  std::vector<Fault> faults;

  Duration cycle = nanoseconds(4);                     ///< one tick of the controllers' clock
  bool interleave = true;                              ///< the world may step within each of the host's accesses
  std::uint32_t interleave_cycles_max = 64;            ///< how far, at most
  Duration posted_write_delay_max = nanoseconds(400);  ///< from a store to a register until it takes effect
  std::uint32_t dma_mappings_max = 65'535;             ///< per drive, as the kernel limits them
  std::uint64_t host_memory_bytes = 32ull << 20;
};

/// Empty if such a world can be, else the field and what would be right: "drives[0].namespaces[2].block_bytes is 520: 512 or 4096".
std::string validate(const WorldOptions& options);

}  // namespace phasebit::sim
