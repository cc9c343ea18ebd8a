// DPDK's own EAL, without anything of ours around it.
#pragma once

#include <string>
#include <vector>

#include "hw/environment_rules.hpp"

namespace phasebit::hw {

enum class EalAnswer { takes, refuses, ends_the_process, waits };
std::string_view name(EalAnswer answer);

/// What EAL does with these arguments (without the program's name) in a process of its own; `waits` if it is not done by then.
EalAnswer ask_eal(std::vector<std::string> arguments, unsigned patience_seconds);

/// rte_eal_init in this process.
bool initialise_eal(std::vector<std::string> arguments);
/// rte_eal_cleanup; false if it has been called before.
bool end_eal();

/// What can be asked of the EAL that runs here, by way of DPDK.
struct SeenEal {
  RunningEal running;
  bool gives_memory = false;   ///< 4 KiB, which could be written to
  std::uint64_t address = 0;   ///< where they lay
  std::uint64_t heap_mib = 0;  ///< taken so far
};
SeenEal see_eal();

}  // namespace phasebit::hw
