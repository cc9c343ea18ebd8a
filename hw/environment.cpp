#include "hw/environment.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <latch>
#include <system_error>
#include <thread>
#include <vector>

#include "hw/machine_limits.hpp"

namespace phasebit::hw {
namespace {

/// By start, with or without success: EAL lets nobody try twice.
std::atomic<bool> started = false;

/// EAL's threads beside those of its processors, with some to spare.
constexpr std::size_t threads_of_eal = 4;

/// EAL ends the process if it cannot start a processor's thread. So as many are started here, and ended again.
bool can_start_threads(std::size_t count) {
  std::latch all_started(1);
  std::vector<std::jthread> threads;
  bool are_started = true;
  try {
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&] { all_started.wait(); });
    }
  } catch (const std::system_error&) {
    are_started = false;
  }
  all_started.count_down();
  return are_started;
}

Answer<void> start_eal(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  if (rte_eal_init(static_cast<int>(words.size()), arguments.data()) < 0) {
    return refuse(Errc::environment,
                  std::string("DPDK does not start: ") + (rte_errno == 0 ? "its log says why" : rte_strerror(rte_errno)));
  }
  return {};
}

RunningEal running_eal() {
  RunningEal running;
  unsigned lcore = 0;
  RTE_LCORE_FOREACH(lcore) {
    running.lcores.insert(static_cast<unsigned>(rte_lcore_to_cpu_id(static_cast<int>(lcore))));
  }
  running.iova_mode = rte_eal_iova_mode() == RTE_IOVA_PA ? "pa" : "va";
  running.has_hugepages = rte_eal_has_hugepages() != 0;
  running.proc_type = rte_eal_process_type() == RTE_PROC_SECONDARY ? "secondary" : "primary";
  running.file_prefix = std::filesystem::path(rte_eal_get_runtime_dir()).filename().string();
  return running;
}

}  // namespace

Answer<std::unique_ptr<Environment>> Environment::start(const EnvironmentOptions& options) {
  if (const auto legal = check_options(options); !legal) {
    return tl::unexpected(legal.error());
  }
  if (rte_lcore_count() != 0) {
    return refuse(Errc::busy, started ? "DPDK was already started in this process" : "this process has initialised DPDK itself: adopt it");
  }
  const MachineLimits machine = read_machine_limits(options);
  if (const auto possible = check_machine(options, machine); !possible) {
    return tl::unexpected(possible.error());
  }
  if (!can_start_threads(chosen_processors(options, machine).size() + threads_of_eal)) {
    return refuse(Errc::environment,
                  "the process may start too few threads for EAL; raise the limit with ulimit -u, or its cgroup's pids.max");
  }
  if (started.exchange(true)) {
    return refuse(Errc::busy, "DPDK was already started in this process");
  }
  if (auto eal = start_eal(eal_arguments(options, machine)); !eal) {
    return tl::unexpected(eal.error());
  }
  return std::unique_ptr<Environment>(new Environment(true));
}

Answer<std::unique_ptr<Environment>> Environment::adopt(const EnvironmentOptions& options) {
  if (const auto legal = check_options(options); !legal) {
    return tl::unexpected(legal.error());
  }
  if (started) {
    return refuse(Errc::busy, "DPDK was not initialised by this process itself but started here");
  }
  if (rte_lcore_id() == LCORE_ID_ANY) {
    return refuse(Errc::not_ready, "no DPDK runs that this thread belongs to; call rte_eal_init in it first, or start one here");
  }
  if (const auto agreed = check_running(options, running_eal()); !agreed) {
    return tl::unexpected(agreed.error());
  }
  return std::unique_ptr<Environment>(new Environment(false));
}

bool Environment::is_secondary() {
  return rte_eal_process_type() == RTE_PROC_SECONDARY;
}

Environment::~Environment() {
  if (is_ours_) {
    rte_eal_cleanup();
  }
}

}  // namespace phasebit::hw
