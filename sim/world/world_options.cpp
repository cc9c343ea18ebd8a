#include "sim/world/world_options.hpp"

namespace phasebit::sim {
namespace {

constexpr std::size_t drives_max = 32;

std::string validate_faults(const WorldOptions& options) {
  for (std::size_t i = 0; i < options.faults.size(); ++i) {
    const Fault& fault = options.faults[i];
    const std::string field = "faults[" + std::to_string(i) + "]";
    if (const std::string text = validate(fault); !text.empty()) {
      return field + ": " + text;
    }
    if (fault.when.drive && *fault.when.drive >= options.drives.size()) {
      return field + ".drive is " + std::to_string(*fault.when.drive) + ": less than " + std::to_string(options.drives.size());
    }
  }
  return {};
}

}  // namespace

std::string validate(const WorldOptions& options) {
  if (options.drives.empty() || options.drives.size() > drives_max) {
    return "drives are " + std::to_string(options.drives.size()) + ": 1 to " + std::to_string(drives_max);
  }
  for (std::size_t i = 0; i < options.drives.size(); ++i) {
    if (const std::string text = validate(options.drives[i]); !text.empty()) {
      return "drives[" + std::to_string(i) + "]." + text;
    }
  }
  if (options.cycle.ns == 0 || options.cycle > milliseconds(1)) {
    return "cycle is " + std::to_string(options.cycle.ns) + " ns: 1 to 1000000";
  }
  if (options.host_memory_bytes < (1u << 16)) {
    return "host_memory_bytes is " + std::to_string(options.host_memory_bytes) + ": at least 65536";
  }
  return validate_faults(options);
}

}  // namespace phasebit::sim
