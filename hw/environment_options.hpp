// How DPDK's environment (EAL) shall be started: its own options, in DPDK's words and SPDK's.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace phasebit::hw {

struct MachineLimits;

/// As a user writes them; what is empty is not given. Which sets are legal stands in hw/environment_rules.cpp and docs/environment.md.
struct EnvironmentOptions {
  // Initializers throughout, so that a set can be written as the options that are given in it.
  std::string lcores = {};         ///< processors, as `0,2-3`; EAL keeps a thread on each. Without: the first that the process may run on
  std::string core_mask = {};      ///< the same as a hexadecimal mask
  std::string iova_mode = {};      ///< `va` or `pa`: what EAL gives for an address of its memory. Ours are chosen in either mode
  std::string base_virtaddr = {};  ///< hexadecimal: where in the process EAL's memory shall lie
  bool match_allocations = false;  ///< hugepages go back to the machine in the portions that were taken
  std::string file_prefix = {};    ///< the name of memory that processes share
  std::string proc_type = {};      ///< `primary`, `secondary` or `auto`
  std::optional<std::uint64_t> mem_size = {};  ///< MiB that EAL takes at its start
  bool no_huge = false;                        ///< ordinary memory, all of it taken at the start
  std::string log_level = {};                  ///< a level, as `debug` or `8`, or one for a component, as `lib.eal:debug`
};

/// One of the options by the name that it has on a command line.
struct EnvironmentOption {
  std::string_view name;
  bool is_flag = false;
  /// As it was written; `yes` for a flag. Empty: not given.
  std::string (*value)(const EnvironmentOptions&) = nullptr;

  bool is_given(const EnvironmentOptions& options) const { return !value(options).empty(); }
};

namespace environment_option {

using Options = EnvironmentOptions;
inline std::string flag(bool is_set) {
  return is_set ? "yes" : "";
}

inline constexpr EnvironmentOption lcores{"--lcores", false, [](const Options& options) { return options.lcores; }};
inline constexpr EnvironmentOption core_mask{"--core-mask", false, [](const Options& options) { return options.core_mask; }};
inline constexpr EnvironmentOption iova_mode{"--iova-mode", false, [](const Options& options) { return options.iova_mode; }};
inline constexpr EnvironmentOption base_virtaddr{"--base-virtaddr", false, [](const Options& options) { return options.base_virtaddr; }};
inline constexpr EnvironmentOption match_allocations{"--match-allocations", true,
                                                     [](const Options& options) { return flag(options.match_allocations); }};
inline constexpr EnvironmentOption file_prefix{"--file-prefix", false, [](const Options& options) { return options.file_prefix; }};
inline constexpr EnvironmentOption proc_type{"--proc-type", false, [](const Options& options) { return options.proc_type; }};
inline constexpr EnvironmentOption mem_size{
    "--mem-size", false, [](const Options& options) { return options.mem_size ? std::to_string(*options.mem_size) : std::string(); }};
inline constexpr EnvironmentOption no_huge{"--no-huge", true, [](const Options& options) { return flag(options.no_huge); }};
inline constexpr EnvironmentOption log_level{"--log-level", false, [](const Options& options) { return options.log_level; }};

inline constexpr std::array all{&lcores,      &core_mask, &iova_mode, &base_virtaddr, &match_allocations,
                                &file_prefix, &proc_type, &mem_size,  &no_huge,       &log_level};

}  // namespace environment_option

/// The options that are given, in their order here.
inline std::vector<const EnvironmentOption*> given_options(const EnvironmentOptions& options) {
  std::vector<const EnvironmentOption*> given;
  std::ranges::copy_if(environment_option::all, std::back_inserter(given), [&](const auto* option) { return option->is_given(options); });
  return given;
}

/// The process wants memory that others can share: it names it, or says which of the processes it is.
inline bool shares_memory(const EnvironmentOptions& options) {
  return !options.file_prefix.empty() || !options.proc_type.empty();
}

/// EAL's arguments, program name first, for a legal set on a machine that it is legal on. What shares no memory leaves no file either.
std::vector<std::string> eal_arguments(const EnvironmentOptions& options, const MachineLimits& machine);

}  // namespace phasebit::hw
