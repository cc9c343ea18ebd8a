// DPDK's environment (EAL): memory that stays where it is, and the plumbing of VFIO. One a process.
#pragma once

#include <memory>

#include "hw/environment_options.hpp"
#include "hw/refusal.hpp"

namespace phasebit::hw {

/// Stands for a running EAL, which cannot be started a second time in one process.
class Environment {
 public:
  /// Starts EAL; the calling thread stays on the first of its processors from then on. Without options: on one processor, with hugepages,
  /// sharing nothing with other processes. Everything that EAL would refuse, or would end the process for, is looked for beforehand.
  /// Errors: invalid_argument for options that fit no machine; environment for those that do not fit this one, and if EAL does not start
  /// nevertheless; busy if EAL runs in this process, or has run.
  static Answer<std::unique_ptr<Environment>> start(const EnvironmentOptions& options = {});

  /// Uses the EAL that the process has initialised itself, and goes on owning: it must run until all that uses it has ended. To be called
  /// by a thread that EAL knows, as the one that has initialised it. Errors: not_ready if there is none; invalid_argument for options that
  /// contradict it; busy in a process that has started its EAL here.
  static Answer<std::unique_ptr<Environment>> adopt(const EnvironmentOptions& options = {});

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  /// Ends the EAL that start has started.
  ~Environment();

  /// This process shares the memory of another, the primary: drives are that one's (GrantedBus).
  static bool is_secondary();

 private:
  explicit Environment(bool is_ours) : is_ours_(is_ours) {}

  bool is_ours_;
};

}  // namespace phasebit::hw
