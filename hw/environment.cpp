#include "hw/environment.hpp"

#include <rte_eal.h>
#include <rte_errno.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

namespace phasebit::hw {
namespace {

namespace fs = std::filesystem;

/// Free hugepages of any size, over all sizes that the processor has.
std::uint64_t free_hugepages() {
  std::uint64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator size("/sys/kernel/mm/hugepages", error), end; !error && size != end; size.increment(error)) {
    std::uint64_t count = 0;
    std::ifstream(size->path() / "free_hugepages") >> count;
    total += count;
  }
  return total;
}

std::vector<std::string> eal_arguments(Environment::Memory memory) {
  std::vector<std::string> words{"phasebit", "-l", "0", "--no-telemetry", "--no-pci", "--log-level=error", "--iova-mode=va"};
  if (memory == Environment::Memory::hugepages) {
    words.emplace_back("--in-memory");
  } else {
    words.insert(words.end(), {"--no-huge", "--no-shconf", "-m", "64"});
  }
  return words;
}

}  // namespace

Answer<std::unique_ptr<Environment>> Environment::start(Memory memory) {
  static std::atomic<bool> started = false;
  if (memory == Memory::hugepages && free_hugepages() == 0) {
    return refuse(Errc::environment, "no hugepage is free; as root: phasebit setup hugepages 64");
  }
  if (started.exchange(true)) {
    return refuse(Errc::busy, "DPDK was already started in this process");
  }
  auto words = eal_arguments(memory);
  std::vector<char*> arguments;
  arguments.reserve(words.size());
  for (auto& word : words) {
    arguments.push_back(word.data());
  }
  if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0) {
    return refuse(Errc::environment, std::string("DPDK does not start: ") + rte_strerror(rte_errno));
  }
  return std::unique_ptr<Environment>(new Environment());
}

Environment::~Environment() {
  rte_eal_cleanup();
}

}  // namespace phasebit::hw
