// Which sets of EAL's options are legal, and what to do about the others: EAL itself takes some silently for something else, waits for ever
// at others, and ends the process at a few.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hw/environment_options.hpp"
#include "hw/processor_set.hpp"
#include "hw/refusal.hpp"

namespace phasebit::hw {

/// The name that EAL gives to shared memory by itself.
constexpr std::string_view default_file_prefix = "rte";

/// What a machine has to offer to an EAL that starts now, as read_machine_limits finds it.
struct MachineLimits {
  ProcessorSet processors;                  ///< that the process may run on
  unsigned lcores_max = 0;                  ///< EAL knows processors below this number
  std::uint64_t hugepage_bytes_free = 0;    ///< of all sizes
  std::uint64_t hugetlbfs_bytes_free = 0;   ///< of the sizes that a hugetlbfs is mounted for
  std::uint64_t ordinary_bytes_free = 0;    ///< what the kernel could give without swapping
  bool knows_physical_addresses = false;    ///< the kernel tells the process where its pages lie
  bool has_primary = false;                 ///< a primary process of the file prefix asked for is alive
  std::uint64_t file_descriptors_free = 0;  ///< up to the hard limit, to which EAL raises the limit
};

/// A way in which options contradict themselves or one another.
struct OptionRule {
  const EnvironmentOption* option;  ///< that is named in the refusal
  std::string_view why;             ///< what is wrong and what would be right
  bool (*is_broken)(const EnvironmentOptions&);
};

/// A way in which a machine cannot give what options ask for.
struct MachineRule {
  const EnvironmentOption* option;  ///< nullptr: what is asked for without any option
  std::string_view why;
  bool (*is_broken)(const EnvironmentOptions&, const MachineLimits&);
};

std::span<const OptionRule> option_rules();
std::span<const MachineRule> machine_rules();

/// The first rule that the options break. Errors: invalid_argument.
Answer<void> check_options(const EnvironmentOptions& options);
/// The first rule that legal options break on this machine. Errors: environment.
Answer<void> check_machine(const EnvironmentOptions& options, const MachineLimits& machine);

/// Legal options for a drive that no IOMMU stands before, which finds memory by its physical address: the IOVA mode is pa where nothing is
/// said of it. Errors: environment for options that ask for other memory.
Answer<EnvironmentOptions> with_physical_addresses(EnvironmentOptions options);

/// The processors that legal options ask for; without any, the first that the process may run on.
ProcessorSet chosen_processors(const EnvironmentOptions& options, const MachineLimits& machine);

/// An EAL that the process has initialised itself, as far as it can be asked.
struct RunningEal {
  ProcessorSet lcores;
  std::string iova_mode;
  bool has_hugepages = false;
  std::string proc_type;
  std::string file_prefix;
};

/// Whether legal options agree with an EAL that runs. Errors: invalid_argument if one contradicts it, or is one that neither can be asked
/// for nor be changed any more.
Answer<void> check_running(const EnvironmentOptions& options, const RunningEal& running);

}  // namespace phasebit::hw
