#include "hw/environment_options.hpp"

#include "hw/environment_rules.hpp"

namespace phasebit::hw {
namespace {

constexpr std::uint64_t no_huge_mib = 64;  // EAL's own default without hugepages

std::string or_else(const std::string& word, std::string_view otherwise) {
  return word.empty() ? std::string(otherwise) : word;
}

/// Where EAL's memory comes from, and who may share it.
std::vector<std::string> memory_arguments(const EnvironmentOptions& options) {
  if (options.no_huge) {
    return {"--no-huge", "--no-shconf", "-m", std::to_string(options.mem_size.value_or(no_huge_mib))};
  }
  std::vector<std::string> words;
  if (shares_memory(options)) {
    words = {"--file-prefix=" + or_else(options.file_prefix, default_file_prefix), "--proc-type=" + or_else(options.proc_type, "primary")};
  } else {
    words = {"--in-memory"};
  }
  if (options.mem_size) {
    words.insert(words.end(), {"-m", std::to_string(*options.mem_size)});
  }
  if (options.match_allocations) {
    words.emplace_back("--match-allocations");
  }
  return words;
}

}  // namespace

std::vector<std::string> eal_arguments(const EnvironmentOptions& options, const MachineLimits& machine) {
  std::vector<std::string> words{"phasebit",
                                 "-l",
                                 processor_list(chosen_processors(options, machine)),
                                 "--no-telemetry",
                                 "--no-pci",
                                 "--log-level=" + or_else(options.log_level, "error"),
                                 "--iova-mode=" + or_else(options.iova_mode, "va")};
  const std::vector<std::string> memory = memory_arguments(options);
  words.insert(words.end(), memory.begin(), memory.end());
  if (!options.base_virtaddr.empty()) {
    words.push_back("--base-virtaddr=" + options.base_virtaddr);
  }
  return words;
}

}  // namespace phasebit::hw
