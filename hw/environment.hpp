// DPDK's environment: memory that stays where it is, and the plumbing of VFIO. One a process.
#pragma once

#include <memory>

#include "hw/refusal.hpp"

namespace phasebit::hw {

/// Stands for DPDK's running environment; its end is the environment's end, and DPDK cannot be started a second time in one process.
class Environment {
 public:
  enum class Memory : std::uint8_t {
    hugepages,  ///< what a drive needs: pinned, and large enough for one IOMMU mapping each
    ordinary,   ///< 64 MiB of ordinary memory, for machines without hugepages and without a drive
  };

  /// Starts DPDK on processor 0, sharing nothing with other processes. Errors: environment if no hugepage is
  /// free or DPDK does not start; busy if it was started before.
  static Answer<std::unique_ptr<Environment>> start(Memory memory = Memory::hugepages);

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment();

 private:
  Environment() = default;
};

}  // namespace phasebit::hw
