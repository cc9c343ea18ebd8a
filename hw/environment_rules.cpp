#include "hw/environment_rules.hpp"

#include <charconv>

namespace phasebit::hw {
namespace {

namespace option = environment_option;
using Options = EnvironmentOptions;

constexpr std::uint64_t mib = 1ull << 20;
constexpr std::uint64_t base_alignment = 16 * mib;    // EAL rounds up to it without a word
constexpr std::uint64_t base_end = 1ull << 47;        // of a process's half of the address space
constexpr std::size_t file_prefix_max = 48;           // so that the name of EAL's socket, which ends in numbers, fits into 107 bytes
constexpr std::uint64_t descriptors_of_eal = 32;      // it has ten to fourteen open; the rest is the program's
constexpr std::uint64_t descriptors_of_an_lcore = 4;  // two pipes
constexpr std::uint64_t smallest_hugepage = 2 * mib;  // each has a descriptor
constexpr std::array<std::string_view, 8> log_levels{"emergency", "alert",  "critical", "error",
                                                     "warning",   "notice", "info",     "debug"};  // EAL's 1 to 8

bool is_among(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_base_virtaddr(std::string_view text) {
  text.remove_prefix(text.starts_with("0x") || text.starts_with("0X") ? 2 : 0);
  std::uint64_t address = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), address, 16);
  return error == std::errc() && stop == text.data() + text.size() && address != 0 && address % base_alignment == 0 && address < base_end;
}

bool is_file_prefix(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return text.find_first_not_of(allowed) == std::string_view::npos && text != "." && text != ".." && text.size() <= file_prefix_max;
}

bool is_log_level(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view component = colon == std::string_view::npos ? "any" : text.substr(0, colon);
  const std::string_view level = colon == std::string_view::npos ? text : text.substr(colon + 1);
  const bool is_number = level.size() == 1 && level[0] >= '1' && level[0] <= '8';
  return !component.empty() && component.find_first_of(":,") == std::string_view::npos &&
         (is_number || std::ranges::find(log_levels, level) != log_levels.end());
}

/// The option is given, and what it says is not what `is_right` takes.
template <class IsRight>
bool is_wrong(const EnvironmentOption& written, const Options& options, IsRight is_right) {
  return written.is_given(options) && !is_right(written.value(options));
}

bool gives_memory_options(const Options& options) {
  return option::iova_mode.is_given(options) || option::base_virtaddr.is_given(options) || options.match_allocations || options.mem_size;
}

// Each rule relies on those above it: words are judged before what they mean together.
constexpr OptionRule rules_of_options[] = {
    {&option::core_mask, "names the processors a second time: give this option or --lcores",
     [](const Options& options) { return option::lcores.is_given(options) && option::core_mask.is_given(options); }},
    {&option::lcores, "is no list of processors: numbers and ranges of them below 1024, lower end first, as 0,2-3",
     [](const Options& options) { return is_wrong(option::lcores, options, parse_processor_list); }},
    {&option::core_mask, "is no mask of processors: hexadecimal with at least one bit below bit 1024, as 0xd",
     [](const Options& options) { return is_wrong(option::core_mask, options, parse_processor_mask); }},
    {&option::iova_mode, "is no IOVA mode: va (virtual addresses) or pa (physical ones)",
     [](const Options& options) {
       return is_wrong(option::iova_mode, options, [](const std::string& word) { return is_among(word, {"va", "pa"}); });
     }},
    {&option::base_virtaddr, "is no address for EAL's memory: hexadecimal, above 0 and below 2^47, a multiple of 16 MiB, as 0x200000000000",
     [](const Options& options) { return is_wrong(option::base_virtaddr, options, is_base_virtaddr); }},
    {&option::file_prefix, "is no file prefix: up to 48 letters, digits, '_', '-' and '.', and more than dots",
     [](const Options& options) { return is_wrong(option::file_prefix, options, is_file_prefix); }},
    {&option::proc_type, "is no type of process: primary, secondary or auto",
     [](const Options& options) {
       return is_wrong(option::proc_type, options, [](const std::string& word) {
         return is_among(word, {"primary", "secondary", "auto"});
       });
     }},
    {&option::mem_size, "leaves EAL without memory: give the number of MiB, or leave the option out",
     [](const Options& options) { return options.mem_size == 0u; }},
    {&option::log_level,
     "is no log level: emergency, alert, critical, error, warning, notice, info, debug or 1 to 8, or one for a component, as lib.eal:debug",
     [](const Options& options) { return is_wrong(option::log_level, options, is_log_level); }},
    {&option::iova_mode, "needs hugepages, for ordinary memory does not stay where it is: leave out --no-huge, or say va",
     [](const Options& options) { return options.no_huge && options.iova_mode == "pa"; }},
    {&option::match_allocations, "is about hugepages: leave out --no-huge, or this option",
     [](const Options& options) { return options.no_huge && options.match_allocations; }},
    {&option::file_prefix, "names memory that processes share, and ordinary memory is not shared: leave out --no-huge, or this option",
     [](const Options& options) { return options.no_huge && option::file_prefix.is_given(options); }},
    {&option::proc_type, "is about memory that processes share, and ordinary memory is not shared: leave out --no-huge, or this option",
     [](const Options& options) { return options.no_huge && option::proc_type.is_given(options); }},
    {&option::proc_type,
     "finds its memory as the primary process has set it up: leave out --iova-mode, --base-virtaddr, --match-allocations and --mem-size",
     [](const Options& options) { return options.proc_type == "secondary" && gives_memory_options(options); }},
};

/// The memory is there already: a primary process has it.
bool joins_a_primary(const Options& options, const MachineLimits& machine) {
  return options.proc_type == "secondary" || (options.proc_type == "auto" && machine.has_primary);
}

bool takes_hugepages(const Options& options, const MachineLimits& machine) {
  return !options.no_huge && !joins_a_primary(options, machine);
}

bool is_more_than(const Options& options, std::uint64_t bytes) {
  return options.mem_size.value_or(0) > bytes / mib;
}

std::uint64_t descriptors_needed(const Options& options, const MachineLimits& machine) {
  const std::uint64_t pages = takes_hugepages(options, machine) ? options.mem_size.value_or(0) / (smallest_hugepage / mib) : 0;
  return descriptors_of_eal + descriptors_of_an_lcore * (chosen_processors(options, machine).size() - 1) + pages;
}

constexpr MachineRule rules_of_machines[] = {
    {&option::lcores, "names processors that this process may not run on; taskset -cp $$ says which it may",
     [](const Options& options, const MachineLimits& machine) {
       return option::lcores.is_given(options) && !std::ranges::includes(machine.processors, chosen_processors(options, machine));
     }},
    {&option::core_mask, "names processors that this process may not run on; taskset -p $$ says which it may",
     [](const Options& options, const MachineLimits& machine) {
       return option::core_mask.is_given(options) && !std::ranges::includes(machine.processors, chosen_processors(options, machine));
     }},
    {nullptr,
     "EAL knows no processor with so high a number; choose a lower one with --lcores, or let the process run on one with taskset -c",
     [](const Options& options, const MachineLimits& machine) {
       const ProcessorSet chosen = chosen_processors(options, machine);
       return chosen.empty() || *chosen.rbegin() >= machine.lcores_max;
     }},
    {nullptr, "no hugepage is free; as root: phasebit setup hugepages 64",
     [](const Options& options, const MachineLimits& machine) {
       return takes_hugepages(options, machine) && machine.hugepage_bytes_free == 0;
     }},
    {&option::mem_size, "is more MiB than the free hugepages have; as root: phasebit setup hugepages PAGES",
     [](const Options& options, const MachineLimits& machine) {
       return takes_hugepages(options, machine) && is_more_than(options, machine.hugepage_bytes_free);
     }},
    {&option::mem_size, "is more MiB than the machine has free; give less",
     [](const Options& options, const MachineLimits& machine) {
       return options.no_huge && is_more_than(options, machine.ordinary_bytes_free);
     }},
    {&option::proc_type, "finds no primary process of this file prefix; start that first, or say auto",
     [](const Options& options, const MachineLimits& machine) { return options.proc_type == "secondary" && !machine.has_primary; }},
    {&option::file_prefix, "has a primary process already; take another prefix, or --proc-type auto to share its memory",
     [](const Options& options, const MachineLimits& machine) {
       return shares_memory(options) && !joins_a_primary(options, machine) && machine.has_primary;
     }},
    {nullptr,
     "memory that processes share (--file-prefix, --proc-type) lies in a hugetlbfs, and none with enough free hugepages is mounted; as "
     "root: "
     "mkdir -p /dev/hugepages; mount -t hugetlbfs none /dev/hugepages",
     [](const Options& options, const MachineLimits& machine) {
       return shares_memory(options) && takes_hugepages(options, machine) &&
              (machine.hugetlbfs_bytes_free == 0 || is_more_than(options, machine.hugetlbfs_bytes_free));
     }},
    {&option::iova_mode, "needs physical addresses, which the kernel does not tell this process: run as root, or say va",
     [](const Options& options, const MachineLimits& machine) { return options.iova_mode == "pa" && !machine.knows_physical_addresses; }},
    {nullptr, "too few files may be open for so many processors and hugepages; raise the limit with ulimit -Hn",
     [](const Options& options, const MachineLimits& machine) {
       return descriptors_needed(options, machine) > machine.file_descriptors_free;
     }},
};

std::string refusal_text(const EnvironmentOption* named, std::string_view why, const Options& options) {
  if (named == nullptr) {
    return std::string(why);
  }
  const std::string value = named->is_flag || !named->is_given(options) ? "" : " '" + named->value(options) + "'";
  return std::string(named->name) + value + " " + std::string(why);
}

tl::unexpected<Refusal> refuse_without_iommu(const EnvironmentOption& named, std::string_view why, const Options& options) {
  constexpr std::string_view because = "is not for a drive without an IOMMU, which finds memory by its physical address: ";
  return refuse(Errc::environment, refusal_text(&named, std::string(because) + std::string(why), options));
}

/// What the running EAL has in place of what the option asks for; empty if it agrees.
std::string contradiction(const EnvironmentOption& given, const Options& options, const RunningEal& running) {
  if (&given == &option::lcores || &given == &option::core_mask) {
    return chosen_processors(options, {}) == running.lcores ? "" : "has processors " + processor_list(running.lcores);
  }
  if (&given == &option::iova_mode) {
    return options.iova_mode == running.iova_mode ? "" : "has IOVA mode " + running.iova_mode;
  }
  if (&given == &option::no_huge) {
    return running.has_hugepages ? "has hugepages" : "";
  }
  if (&given == &option::proc_type) {
    return is_among(options.proc_type, {"auto", running.proc_type}) ? "" : "is a " + running.proc_type + " process's";
  }
  if (&given == &option::file_prefix) {
    return options.file_prefix == running.file_prefix ? "" : "has file prefix " + running.file_prefix;
  }
  return "cannot be asked whether it agrees, nor be changed any more; leave the option out";
}

}  // namespace

std::span<const OptionRule> option_rules() {
  return rules_of_options;
}

std::span<const MachineRule> machine_rules() {
  return rules_of_machines;
}

Answer<void> check_options(const EnvironmentOptions& options) {
  for (const OptionRule& rule : rules_of_options) {
    if (rule.is_broken(options)) {
      return refuse(Errc::invalid_argument, refusal_text(rule.option, rule.why, options));
    }
  }
  return {};
}

Answer<void> check_machine(const EnvironmentOptions& options, const MachineLimits& machine) {
  for (const MachineRule& rule : rules_of_machines) {
    if (rule.is_broken(options, machine)) {
      return refuse(Errc::environment, refusal_text(rule.option, rule.why, options));
    }
  }
  return {};
}

Answer<EnvironmentOptions> with_physical_addresses(EnvironmentOptions options) {
  if (options.no_huge) {
    return refuse_without_iommu(option::no_huge, "ordinary memory does not stay where it is; leave it out", options);
  }
  if (options.iova_mode == "va") {
    return refuse_without_iommu(option::iova_mode, "virtual addresses mean nothing to it; say pa", options);
  }
  // A further process has the primary's mode, and may not ask for another.
  if (options.proc_type != "secondary") {
    options.iova_mode = "pa";
  }
  return options;
}

ProcessorSet chosen_processors(const EnvironmentOptions& options, const MachineLimits& machine) {
  if (!options.lcores.empty()) {
    return parse_processor_list(options.lcores).value_or(ProcessorSet());
  }
  if (!options.core_mask.empty()) {
    return parse_processor_mask(options.core_mask).value_or(ProcessorSet());
  }
  return machine.processors.empty() ? ProcessorSet() : ProcessorSet{*machine.processors.begin()};
}

Answer<void> check_running(const EnvironmentOptions& options, const RunningEal& running) {
  for (const EnvironmentOption* given : given_options(options)) {
    if (const std::string has = contradiction(*given, options, running); !has.empty()) {
      return refuse(Errc::invalid_argument, refusal_text(given, "contradicts the EAL that runs in this process: it " + has, options));
    }
  }
  return {};
}

}  // namespace phasebit::hw
