// What perf does to a drive, in fio's and SPDK's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/engine/workload_options.hpp"

namespace phasebit::cli {

inline constexpr std::uint64_t perf_io_bytes_max = 16ull << 20;

struct PerfLoad {
  scenarios::Pattern pattern = scenarios::Pattern::randread;
  std::uint32_t iodepth = 32;     ///< operations outstanding
  std::uint64_t io_bytes = 4096;  ///< of each operation, a multiple of the block
  std::uint32_t rwmixread = 50;   ///< per cent of reads of rw and randrw
  std::uint32_t seconds = 1;      ///< virtual ones on an emulated drive
  bool interrupts = false;        ///< sleeps until they tell of completions
};

/// fio's words for the patterns: read, write, rw, randread, randwrite, randrw.
std::vector<std::string> pattern_words();
std::optional<scenarios::Pattern> pattern_from_word(std::string_view word);
std::string_view word_of(scenarios::Pattern pattern);

}  // namespace phasebit::cli
