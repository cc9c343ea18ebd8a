// Sets of processors, as EAL's users write them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace phasebit::hw {

/// Processors by the kernel's numbers.
using ProcessorSet = std::set<unsigned>;

/// More than any kernel has; a larger number in a set is taken for a mistake.
constexpr unsigned processors_max = 1024;

/// Reads a list of processors and of ranges with their lower end first, as `0,2-3`. Nothing for anything else.
std::optional<ProcessorSet> parse_processor_list(std::string_view text);

/// Reads a hexadecimal mask with at least one bit, as `0xd` or `d`. Nothing for anything else.
std::optional<ProcessorSet> parse_processor_mask(std::string_view text);

/// `0,2,3`
std::string processor_list(const ProcessorSet& processors);

}  // namespace phasebit::hw
